/* venue/door.h: the exchange's REST API on a Unix socket, and where its WebSockets come in
 *
 * Who may open the socket is believed about the account (X-Latchkey-Account): only the gateway can,
 * and in a sandbox the authority, for people who are logged in to its console.
 * All requests that are ready are answered in one turn, then the journal is flushed once, then the
 * replies leave.  A read that follows a write in the same turn waits with it, so no reply ever
 * shows what a crash could take back.  The same holds for every frame of every WebSocket
 * (venue/streams.h), which share the loop.
 *
 * Source: reference of the venue's REST API.
 */
#ifndef VENUE_DOOR_H
#define VENUE_DOOR_H

#include <sys/types.h>

#include "base/err.h"
#include "venue/streams.h"
#include "venue/venue.h"

struct door;

struct door_options {
    const char *socket_path;
    /* Answered beside the user that runs this and root; 0: nobody. */
    uid_t gateway, console;
    struct streams_options streams;
};

/* Errors as http_server_open and streams_open.  `venue` outlives the door. */
must_use enum err door_open(struct venue *venue, const struct door_options *options,
                            struct door **door);
void door_close(struct door **door);

/* Serves until `stop_descriptor` becomes readable: everything accepted until then is flushed and
 * answered.  An error is the journal's, and final. */
must_use enum err door_serve(struct door *door, int stop_descriptor);

#endif
