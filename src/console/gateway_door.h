/* console/gateway_door.h: what the gateway's user may read, on a socket of its own
 *
 *     GET /metrics                        text for Prometheus (console/metrics.h)
 *     GET /log/checkpoint                 the signed head of the audit log
 *     GET /log/key.pub                    what checks it
 *     GET /log/tile/<level>/<number>      hashes of its tree, as C2SP tlog-tiles names them
 *
 * nginx hands them on, to a collector of metrics and to a witness.  Hashes say nothing about the
 * records; these themselves (tile/entries) are not served.
 */
#ifndef CONSOLE_GATEWAY_DOOR_H
#define CONSOLE_GATEWAY_DOOR_H

#include <sys/types.h>

#include "authority/authority.h"
#include "base/err.h"

struct collector;
struct gateway_door;

/* As http_server_open; `gateway` is answered beside the user that runs this and root. */
must_use enum err gateway_door_open(struct authority *a, struct collector *collector,
                                    const char *socket, uid_t gateway, struct gateway_door **door);

/* Accepts NULL in *door and sets it. */
void gateway_door_close(struct gateway_door **door);

#endif
