/* console/console.h: the door through which the operator's command line reaches the authority
 *
 * HTTP with JSON on a Unix socket; only root and the authority's own user are answered.  The calls
 * stand in console/resources.def, one file per resource.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "authority/authority.h"
#include "base/err.h"

struct collector;
struct console;

/* `collector` may be NULL.  Errors are those of http_server_open. */
must_use enum err console_open(struct authority *a, struct collector *collector,
                               const char *socket, struct console **console);

/* Accepts NULL in *console and sets it. */
void console_close(struct console **console);

#endif
