/* venue/stream_own.h: what a connection is made of
 *
 * For the files of streams, channels and their tests only.
 */
#ifndef VENUE_STREAM_OWN_H
#define VENUE_STREAM_OWN_H

#include <sys/queue.h>

#include "base/buffer.h"
#include "http/websocket.h"
#include "venue/channel.h"
#include "venue/session.h"
#include "venue/stream.h"

TAILQ_HEAD(stream_list, stream);
TAILQ_HEAD(subscription_list, subscription);

struct subscription {
    struct channel *channel;
    struct stream *stream;
    bool keyed;           /* subscribed with an account */
    bool lost;            /* it may not be heard any more, and is about to be closed */
    uint64_t looked_turn; /* when that was asked; session_turn() */
    TAILQ_ENTRY(subscription) of_channel, of_stream;
};

struct stream {
    struct streams *streams;
    struct websocket *websocket;
    struct session *session;
    struct stream_peer peer;
    uint32_t flags;
    uint64_t sequence; /* of the latest array message since SEQ_ALL */
    struct subscription_list subscriptions;
    size_t subscription_count;
    TAILQ_ENTRY(stream) of_all;
    TAILQ_ENTRY(stream) of_speakers; /* it has something to send, or has ended */
    TAILQ_ENTRY(stream) of_accounts; /* channel 0 gets heartbeats */
    uint64_t account_spoke_ms;       /* monotonic: the latest message on channel 0 */
    bool speaks, has_account, waits;
    bool ended;   /* nothing can be sent any more */
    bool is_gone; /* and it stands among those that have left */
};

struct streams {
    struct venue *venue;
    struct channels *channels;
    struct sessions *sessions;
    struct gatehouse *house;
    uint64_t heartbeat_ms;
    int epoll, timer;
    uint64_t timer_ms; /* monotonic: what it is set to; UINT64_MAX: nothing */
    struct stream_list all, speakers, gone, accounts;
    size_t count;
    /* Of the sandbox's owner, as far as clients were told. */
    uint64_t control_changes, beginnings;
    bool maintenance;
    bool lost;           /* subscriptions are to be closed now */
    uint64_t look_at_ns; /* when those that say nothing are looked at */
    char server_id[40];
    struct buffer text; /* of the message that is being put together */
};

/* Queues an array message: `open` is the array without its closing bracket, as in
 * [7,[1,2] */
void stream_send_array(struct stream *stream, struct slice open);

/* May a message of the channel go to this subscriber?  A book may be closed to it meanwhile (D4):
 * it hears nothing more from that moment on, and streams_settle() tells it. */
bool stream_may_hear(struct subscription *subscription);

/* Ends a subscription that was taken away: the client is told why, and that it is over. */
void stream_unsubscribed(struct subscription *subscription);

/* Its connection goes with the next flush. */
void stream_speaks(struct stream *stream);

/* A text message of the client. */
void stream_event(struct stream *stream, struct slice text);

#endif
