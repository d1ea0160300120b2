/* console/metrics.h: GET /metrics, on a socket of its own
 *
 * Text for Prometheus (exposition format 0.0.4).  The gateway's user may read it as well as the
 * operator, so that nginx can hand it to a collector; nothing else is served there.
 */
#ifndef CONSOLE_METRICS_H
#define CONSOLE_METRICS_H

#include <sys/types.h>

#include "authority/authority.h"
#include "base/err.h"

struct collector;
struct metrics_door;

/* As http_server_open. */
must_use enum err metrics_door_open(struct authority *a, struct collector *collector,
                                    const char *socket, uid_t gateway,
                                    struct metrics_door **door);

/* Accepts NULL in *door and sets it. */
void metrics_door_close(struct metrics_door **door);

#endif
