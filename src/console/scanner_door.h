/* console/scanner_door.h: the door for a scanner's own user: it may tell of leaks, and nothing else
 *
 * Whoever opens the operator's socket is the operator.  A scanner reads what strangers write, so it
 * has a socket of its own, on which POST /leaks, PUT /leaks/sources and PUT /leaks/{id}/object
 * alone are answered, as docs/architecture.md says: it can give the object of a finding and read
 * none.
 */
#ifndef CONSOLE_SCANNER_DOOR_H
#define CONSOLE_SCANNER_DOOR_H

#include <sys/types.h>

#include "authority/authority.h"
#include "base/err.h"

struct scanner_door;

/* Errors are those of http_server_open. */
must_use enum err scanner_door_open(struct authority *a, const char *socket, uid_t scanner,
                                    struct scanner_door **door);

/* Accepts NULL in *door and sets it. */
void scanner_door_close(struct scanner_door **door);

#endif
