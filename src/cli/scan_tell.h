/* cli/scan_tell.h: telling an authority what a scan has found
 *
 * The scan runs in a process of its own, which has no network.  Hashes of secrets and ids of keys
 * come from it through a pipe, never secrets; this process, which reads nothing that strangers
 * wrote, gives them to the authority.
 */
#ifndef CLI_SCAN_TELL_H
#define CLI_SCAN_TELL_H

#include "scanner/scan.h"

/* In the scanning process: a listener that passes everything on and writes findings to the pipe. */
struct tell_pipe {
    int fd;
    const struct scan_listener *next; /* outlives it */
    struct scan_listener listener;
};
const struct scan_listener *tell_pipe_listener(struct tell_pipe *pipe);

/* In the other one: reads to the end, tells the authority and says on standard output, of each key,
 * whether it is one of its own and what was done with it.  False: the authority did not take all,
 * which was said. */
bool tell_authority(int fd, const char *socket, bool json);

#endif
