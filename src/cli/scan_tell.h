/* cli/scan_tell.h: telling an authority what a scan has found (scanner/finding_pipe.h) */
#ifndef CLI_SCAN_TELL_H
#define CLI_SCAN_TELL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "scanner/finding_batch.h"

/* Tells the authority of all of them, and gives it the objects that it wants.  `reply` is the
 * caller's.  Errors are those of client_exchange; ERR_DENIED, ERR_IO: it did not take them. */
must_use enum err findings_give(const char *socket, const struct finding_batch *batch,
                                json_t **reply);

/* Reads a pipe of findings to its end, tells the authority and says on standard output, of each
 * key, whether it is one of its own and what was done with it.  False: the authority did not take
 * all, which was said. */
bool tell_authority(int fd, const char *socket, bool json);

#endif
