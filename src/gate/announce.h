/* gate/announce.h: what the replies of a route say about its end
 *
 *     Deprecation: @1767225600                       since when it should not be used, RFC 9745
 *     Sunset: Fri, 01 Jan 2027 00:00:00 GMT          when it will stop answering, RFC 8594
 *     Link: </v2/ticker>; rel="successor-version"    what takes its place, RFC 5829
 *
 * On each reply, accepted or refused, so that a client's owner sees them in time (E2).
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_ANNOUNCE_H
#define GATE_ANNOUNCE_H

#include "gate/route.h"

enum {
    ANNOUNCE_LINES_MOST = 3,
    ANNOUNCE_VALUE_SIZE = ROUTE_SUCCESSOR_MOST + 32,
};

struct announce_line {
    const char *name; /* static */
    char value[ANNOUNCE_VALUE_SIZE];
};

/* True if the route has anything to say: hardly any has. */
static inline bool route_is_announced(const struct route *route)
{
    return route->deprecated_at_s != 0 || route->sunset_at_s != 0 || route->successor != NULL;
}

/* Returns the number of lines. */
size_t announce_format(const struct route *route, struct announce_line lines[ANNOUNCE_LINES_MOST]);

#endif
