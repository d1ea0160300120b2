/* venue/streams.h: all connections of the venue's WebSocket API
 *
 * They have an epoll descriptor of their own that the door waits for beside its others.  A turn of
 * the door reads what clients say (streams_turn), lets channels and sessions tell what has changed
 * (streams_settle), puts the journal on disk, and only then sends (streams_flush).  Connections
 * that have ended are dealt with when the next turn settles: their orders may have to be cancelled,
 * which others hear of.
 */
#ifndef VENUE_STREAMS_H
#define VENUE_STREAMS_H

#include "base/err.h"
#include "exchange/event.h"
#include "http/server.h"
#include "venue/venue.h"

#define STREAMS_MOST         32768 /* connections at once */
#define STREAMS_HEARTBEAT_MS 15000

struct streams;

struct streams_options {
    uint64_t heartbeat_ms;    /* how long a channel may be silent, > 0 */
    const char *segment_path; /* of the gate that accounts are judged by; NULL: nobody logs in */
};

/* `venue` outlives them.  ERR_IO, ERR_MEMORY; the cause is logged. */
must_use enum err streams_open(struct venue *venue, const struct streams_options *options,
                               struct streams **streams);
void streams_close(struct streams **streams);

/* Answers a request for /ws/2; the connection is a stream from then on. */
void streams_greet(struct streams *streams, const struct http_request *request,
                   struct http_reply *reply);

/* Readable when streams_turn() has something to do. */
int streams_descriptor(const struct streams *streams);

void streams_turn(struct streams *streams);
void streams_settle(struct streams *streams);

/* True: connections have ended, which the next turn has to deal with, whatever else happens. */
bool streams_flush(struct streams *streams);

/* Tells everybody to come again later, and says goodbye. */
void streams_stop(struct streams *streams);

#endif
