/* http/websocket.h: one WebSocket connection, the server's side
 *
 * Text messages only, no extensions.  Pings are answered, fragments are put together, what breaks
 * the protocol or is too large ends the connection with the code that the standard has for it.
 * What is sent waits in a bounded queue until websocket_flush(); memory for it is there only
 * meanwhile.  Never waits, knows no loop.
 *
 * Source: RFC 6455, by way of wslay 1.1.
 */
#ifndef HTTP_WEBSOCKET_H
#define HTTP_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "http/server.h"

#define WEBSOCKET_GOING_AWAY 1001
#define WEBSOCKET_RESTART    1012

struct websocket;

struct websocket_options {
    size_t message_most; /* of what the client may say in one message, in bytes */
    size_t queue_most;   /* of what may wait for it, in bytes */
    /* A whole message; it may send and end, not close. */
    void (*take)(void *context, struct slice text);
    void *context;
};

/* Is the request an opening handshake?  Then the reply is the other half of it, but for
 * `reply->upgrade`, which the caller sets.  Else the reply says what is missing. */
bool websocket_greet(const struct http_request *request, struct http_reply *reply);

/* Takes the socket over, also when it fails: ERR_MEMORY.  `early` is what was read from it
 * already. */
must_use enum err websocket_open(int descriptor, struct slice early,
                                 const struct websocket_options *options,
                                 struct websocket **websocket);
void websocket_close(struct websocket **websocket); /* at once, without a word */

int websocket_descriptor(const struct websocket *websocket);

/* Reads what is there, up to a fair share, and calls `take`.  False: the client is gone. */
bool websocket_read(struct websocket *websocket);

/* Queues a message.  False: the queue is full, and nothing can be sent any more. */
bool websocket_send(struct websocket *websocket, struct slice text);

/* Queues the end; what comes behind it is dropped. */
void websocket_end(struct websocket *websocket, uint16_t code);

/* Sends as much as the socket takes.  False: the connection is over, in order or broken. */
bool websocket_flush(struct websocket *websocket);

/* Is something left to be sent? */
bool websocket_is_behind(const struct websocket *websocket);

#endif
