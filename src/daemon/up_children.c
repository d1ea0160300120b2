#include "daemon/up_children.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/up.h"

enum {
    RETRY_FIRST_MS = 100,
    RETRY_MOST_MS = 5000,
    HEALTHY_AFTER_S = 10, /* a child that lived so long starts again without delay */
    STOP_WAIT_S = 10,
    LOG_SHOWN_BYTES = 1500,
};

enum err children_open(struct children *c)
{
    sigset_t set;

    *c = (struct children){ .signals = -1 };
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return ERR_IO;
    c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return c->signals < 0 ? ERR_IO : OK;
}

struct child *children_add(struct children *c, const char *run, const char *name)
{
    struct child *child = &c->list[c->count++];
    char file[64];

    child->name = name;
    child->orphans_signal = SIGTERM;
    snprintf(file, sizeof file, "%s.log", name);
    up_path(child->log, run, file);
    return child;
}

/* In the child, between fork and exec. */
static void child_become(const struct child *child, pid_t supervisor)
{
    sigset_t none;
    int out;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != supervisor)
        _exit(127); /* the supervisor died before it could be bound to us */
    out = open(child->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out >= 0) {
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(child->arguments[0], (char *const *)child->arguments);
    fprintf(stderr, "cannot run %s: %s\n", child->arguments[0], strerror(errno));
    _exit(127);
}

enum err child_start(struct child *child)
{
    pid_t supervisor = getpid(), pid = fork();

    if (pid < 0) {
        log_error("up", "cannot start %s: %s", child->name, strerror(errno));
        return ERR_IO;
    }
    if (pid == 0)
        child_become(child, supervisor);
    setpgid(pid, pid); /* here too: whoever comes first, the group is there from now on */
    child->pid = pid;
    child->started_at_ns = clock_mono_ns();
    child->retry_at_ns = 0;
    return OK;
}

static void ending_format(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(text, size, "was killed by signal %d", WTERMSIG(status));
    else
        snprintf(text, size, "ended with status %d", WEXITSTATUS(status));
}

static void death_note(struct children *c, struct child *child, int status)
{
    uint64_t now_ns = clock_mono_ns(), delay_ms = RETRY_FIRST_MS;
    char ending[48];

    kill(-child->pid, child->orphans_signal);
    child->pid = 0;
    c->deaths++;
    ending_format(status, ending, sizeof ending);
    if (!c->restarting) {
        log_warn("up", "%s %s", child->name, ending);
        return;
    }
    if (now_ns - child->started_at_ns > HEALTHY_AFTER_S * NS_PER_S)
        child->failures = 0;
    for (unsigned i = 0; i < child->failures && delay_ms < RETRY_MOST_MS; i++)
        delay_ms *= 2;
    child->failures++;
    child->retry_at_ns = now_ns + delay_ms * NS_PER_MS;
    log_warn("up", "%s %s; it starts again in %u ms (%s)", child->name, ending, (unsigned)delay_ms,
             child->log);
}

/* Collects every dead process, orphans included. */
static bool dead_collect(struct children *c)
{
    bool one_of_ours = false;
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < c->count; i++) {
            if (c->list[i].pid != pid)
                continue;
            death_note(c, &c->list[i], status);
            one_of_ours = true;
        }
    }
    return one_of_ours;
}

static int wait_shorten(const struct children *c, int most_ms)
{
    uint64_t now_ns = clock_mono_ns();

    for (size_t i = 0; i < c->count; i++) {
        uint64_t due_ns = c->list[i].retry_at_ns;
        int wait_ms;

        if (c->list[i].pid != 0 || due_ns == 0)
            continue;
        wait_ms = due_ns <= now_ns ? 0 : (int)((due_ns - now_ns) / NS_PER_MS) + 1;
        if (most_ms < 0 || wait_ms < most_ms)
            most_ms = wait_ms;
    }
    return most_ms;
}

static void due_start(struct children *c)
{
    uint64_t now_ns = clock_mono_ns();

    for (size_t i = 0; i < c->count; i++) {
        struct child *child = &c->list[i];

        if (child->pid != 0 || child->retry_at_ns == 0 || child->retry_at_ns > now_ns)
            continue;
        if (child_start(child) != OK)
            child->retry_at_ns = now_ns + RETRY_MOST_MS * NS_PER_MS;
    }
}

enum children_turn children_turn(struct children *c, int most_ms)
{
    struct pollfd fd = { .fd = c->signals, .events = POLLIN };
    struct signalfd_siginfo signal;
    bool stop = false, death = false;

    poll(&fd, 1, wait_shorten(c, most_ms));
    while (read(c->signals, &signal, sizeof signal) == (ssize_t)sizeof signal) {
        if (signal.ssi_signo == SIGCHLD)
            death |= dead_collect(c);
        else
            stop = true;
    }
    if (stop)
        return CHILDREN_STOP;
    due_start(c);
    return death ? CHILDREN_DEATH : CHILDREN_QUIET;
}

static bool group_is_alive(pid_t group)
{
    return kill(-group, 0) == 0 || errno == EPERM;
}

void children_stop(struct children *c)
{
    c->restarting = false;
    for (size_t i = c->count; i-- > 0;) {
        struct child *child = &c->list[i];
        uint64_t give_up_ns = clock_mono_ns() + STOP_WAIT_S * NS_PER_S;
        struct pollfd fd = { .fd = c->signals, .events = POLLIN };
        struct signalfd_siginfo signal;
        pid_t group = child->pid;

        if (group == 0)
            continue;
        kill(child->pid, SIGTERM);
        child->pid = 0; /* its end is expected: not a death to be told */
        while (group_is_alive(group)) {
            if (clock_mono_ns() > give_up_ns)
                kill(-group, SIGKILL);
            poll(&fd, 1, 50);
            while (read(c->signals, &signal, sizeof signal) > 0)
                ;
            dead_collect(c);
        }
    }
}

void child_log_show(const struct child *child)
{
    char tail[LOG_SHOWN_BYTES + 1], *line;
    int fd = open(child->log, O_RDONLY | O_CLOEXEC);
    off_t size;
    ssize_t got;

    if (fd < 0)
        return;
    size = lseek(fd, 0, SEEK_END);
    got = pread(fd, tail, LOG_SHOWN_BYTES, size > LOG_SHOWN_BYTES ? size - LOG_SHOWN_BYTES : 0);
    close(fd);
    if (got <= 0)
        return;
    tail[got] = '\0';
    line = size > LOG_SHOWN_BYTES ? strchr(tail, '\n') : tail - 1;
    fprintf(stderr, "%s says (%s):\n%s", child->name, child->log,
            line == NULL ? tail : line + 1);
}
