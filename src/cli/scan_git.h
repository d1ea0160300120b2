/* cli/scan_git.h: repositories of git on the web, fetched by a process of its own
 *
 * The scan may not have the network, and no pack has to wait until it has come: this process
 * fetches one repository after the other, each into a pipe of its own (scanner/git_pipe.h), which
 * the scan reads in the same order.
 */
#ifndef CLI_SCAN_GIT_H
#define CLI_SCAN_GIT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The address of a repository: it is named as one, "git+https://…" or "….git", or its server says
 * that it is one when asked.  NULL: it is something else.  Borrowed from `path`. */
const char *scan_git_address(const char *path, const char *ca);

/* Whether somebody's name or password would be shown with the address. */
bool scan_git_has_user(const char *address);

/* Starts to fetch; `fds` get the ends to read from, in the same order.  False: the system has no
 * process or no pipe, which is said. */
bool scan_git_start(const char *const *addresses, size_t count, const char *ca, int *fds,
                    pid_t *pid);

/* Nobody reads any more. */
void scan_git_end(pid_t pid);

#endif
