/* cli/scan_tell.h: telling an authority what a scan has found (scanner/finding_pipe.h) */
#ifndef CLI_SCAN_TELL_H
#define CLI_SCAN_TELL_H

#include <stdbool.h>

/* Reads a pipe of findings to its end, tells the authority and says on standard output, of each
 * key, whether it is one of its own and what was done with it.  False: the authority did not take
 * all, which was said. */
bool tell_authority(int fd, const char *socket, bool json);

#endif
