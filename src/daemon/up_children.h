/* daemon/up_children.h: processes that live as long as the supervisor
 *
 * Each child leads a process group, so Ctrl-C reaches only the supervisor, which then ends them in
 * the reverse order of their start.  A child that dies is started again, later and later while it
 * keeps dying.  Children end by SIGTERM when the supervisor dies; their descendants become ours.
 * What they print goes to RUN/NAME.log.
 */
#ifndef DAEMON_UP_CHILDREN_H
#define DAEMON_UP_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/file.h"

enum { CHILDREN_MOST = 4, CHILD_ARGUMENTS_MOST = 20 };

struct child {
    const char *name;                            /* in messages and of its log */
    const char *arguments[CHILD_ARGUMENTS_MOST]; /* NULL-terminated, program first; borrowed */
    int orphans_signal; /* ends what a dead leader left behind: SIGTERM, or SIGQUIT for nginx */
    pid_t pid;          /* 0: not running */
    uint64_t started_at_ns;
    uint64_t retry_at_ns;
    unsigned failures; /* in a row */
    char log[FILE_PATH_SIZE];
};

struct children {
    struct child list[CHILDREN_MOST];
    size_t count;
    int signals;         /* signalfd of SIGCHLD, SIGINT, SIGTERM, SIGHUP */
    bool restarting;     /* false: a death is an answer for the caller, not to be mended */
    uint64_t deaths;     /* counts up, so that a caller notices one */
};

/* Blocks the signals above and adopts orphans.  ERR_IO. */
must_use enum err children_open(struct children *c);

/* The next free child, for the caller to fill in; its place is the order of start and stop. */
struct child *children_add(struct children *c, const char *run, const char *name);

must_use enum err child_start(struct child *child);

/* What a turn of the loop has brought. */
enum children_turn {
    CHILDREN_QUIET, /* time over */
    CHILDREN_DEATH, /* a child ended */
    CHILDREN_STOP,  /* somebody asked us to stop */
};

/* Waits for a signal, at most `most_ms`, and starts again what is due. */
enum children_turn children_turn(struct children *c, int most_ms);

/* Ends them in reverse order and waits for each; one that ignores SIGTERM for ten seconds is
 * killed. */
void children_stop(struct children *c);

/* The last lines that the child has printed, on standard error. */
void child_log_show(const struct child *child);

#endif
