#include "scanner/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/confine.h"

/* In the process of its own: what it cannot do there is no reason not to look, but it is for root,
 * whom no user keeps apart from everything else. */
static int work_do(const struct work *work, size_t count, int fd)
{
    struct finding_pipe pipe = { .fd = fd };
    struct scan *scan = NULL;
    enum err e;

    e = scan_open(finding_pipe_listener(&pipe), &scan_limits_default, &scan);
    if (e == OK)
        e = confine();
    if (e == ERR_MISSING && geteuid() != 0)
        e = OK;
    for (size_t i = 0; e == OK && i < count; i++) {
        pipe.work = (uint32_t)i;
        if (work[i].fd < 0)
            scan_path(scan, work[i].place);
        else if (work[i].is_git)
            scan_git(scan, work[i].place, work[i].fd);
        else
            scan_descriptor(scan, work[i].place, work[i].fd);
    }
    scan_close(&scan);
    return e == OK ? 0 : 1;
}

/* False: it is to be stopped. */
static bool lines_take(int fd, int stop, worker_each *each, void *context, struct buffer *object)
{
    struct pollfd polled[] = { { .fd = fd, .events = POLLIN }, { .fd = stop, .events = POLLIN } };
    struct finding_line line;

    for (;;) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            return false;
        if ((polled[1].revents & POLLIN) != 0)
            return false;
        if ((polled[0].revents & (POLLIN | POLLHUP)) == 0)
            continue;
        if (!finding_pipe_read(fd, &line, object))
            return true;
        each(context, &line, object);
    }
}

enum err worker_scan(const struct work *work, size_t count, int stop,
                     worker_each *each, void *context)
{
    struct buffer object;
    int ends[2], status = 0;
    sigset_t none;
    bool whole;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return ERR_MEMORY;
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would hear of it */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        close(ends[0]);
        _exit(work_do(work, count, ends[1]));
    }
    close(ends[1]);
    buffer_init(&object);
    whole = child > 0 && lines_take(ends[0], stop, each, context, &object);
    buffer_wipe(&object);
    close(ends[0]);
    if (child < 0)
        return ERR_MEMORY;
    if (!whole)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!whole)
        return ERR_CONFLICT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? OK : ERR_CORRUPT;
}
