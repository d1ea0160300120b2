#include "cli/scan_git.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/fetch.h"
#include "scanner/git_pipe.h"

/* Of what may be a page: nobody waits long for the answer that it is one. */
enum { QUESTION_S = 20 };

bool scan_git_has_user(const char *address)
{
    const char *host = strstr(address, "://");

    return host != NULL && memchr(host + 3, '@', strcspn(host + 3, "/?#")) != NULL;
}

static bool is_named(const char *address)
{
    size_t size = strlen(address);

    while (size > 0 && address[size - 1] == '/')
        size--;
    return size > 4 && memcmp(address + size - 4, ".git", 4) == 0;
}

static bool is_one(const char *address, const char *ca)
{
    struct git_limits limits = git_limits_default;
    struct git_remote *remote = NULL;
    bool is;

    limits.ca = ca;
    limits.time_s = limits.stall_s = QUESTION_S;
    is = git_remote_open(address, &limits, &remote) == OK && git_remote_list(remote) == OK;
    git_remote_close(&remote);
    return is;
}

const char *scan_git_address(const char *path, const char *ca)
{
    bool is_marked = strncmp(path, "git+", 4) == 0;
    const char *address = is_marked ? path + 4 : path;

    if (!fetch_is_address(address))
        return NULL;
    if (is_marked || is_named(address))
        return address;
    /* A code host's page of a repository leads to nothing of what is in it. */
    return !scan_git_has_user(address) && is_one(address, ca) ? address : NULL;
}

static void all_fetch(const char *const *addresses, size_t count, const char *ca, const int *fds)
{
    struct git_limits limits = git_limits_default;

    limits.ca = ca;
    signal(SIGPIPE, SIG_IGN); /* the scan may have had enough of one of them */
    for (size_t i = 0; i < count; i++) {
        enum err e;

        fprintf(stderr, "fetching %s\n", addresses[i]);
        e = git_pipe_send_all(fds[i], addresses[i], &limits);
        (void)e; /* the scan says it */
        close(fds[i]);
    }
}

static void fds_close(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

bool scan_git_start(const char *const *addresses, size_t count, const char *ca, int *fds,
                    pid_t *pid)
{
    int *into = calloc(count + 1, sizeof *into), ends[2];
    size_t made = 0;

    *pid = -1;
    while (into != NULL && made < count && pipe2(ends, O_CLOEXEC) == 0) {
        fds[made] = ends[0];
        into[made++] = ends[1];
    }
    if (into != NULL && made == count)
        *pid = fork();
    if (*pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        fds_close(fds, made);
        all_fetch(addresses, count, ca, into);
        _exit(0);
    }
    if (*pid < 0) {
        fprintf(stderr, "latchkey scan: no process for what is to be fetched: %s\n",
                strerror(errno));
        fds_close(fds, made);
    }
    fds_close(into, made);
    free(into);
    return *pid > 0;
}

void scan_git_end(pid_t pid)
{
    kill(pid, SIGTERM);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
