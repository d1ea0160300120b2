/* http/server.h: requests and replies over a Unix socket
 *
 * Only root, the user that runs the process and those that the options may name are answered:
 * the kernel says who called (SO_PEERCRED), everybody else gets 403.  One function answers all
 * requests; http/router.h helps it to choose.  It fills the reply at once, or holds the request and
 * answers it later.
 *
 * Two ways to run, chosen by `thread_count`:
 *   > 0   threads of the server call `answer`, each connection is served by one of them
 *   0     the caller's loop: http_server_turn() whenever http_server_descriptor() is readable, and
 *         after answering held requests; `answer` is called inside of it
 *
 * Source: HTTP/1.1 as libmicrohttpd 0.9.75 speaks it.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

#define HTTP_HEADERS_MOST 8
#define HTTP_PEERS_MOST   2
#define HTTP_STREAM_BROKEN (-1)

struct http_server;
struct http_request;

struct http_reply {
    unsigned status;     /* 200 at first */
    const char *type;    /* static; "application/json" at first */
    struct buffer body;  /* empty at first; the server takes it over */
    struct http_header { /* further ones, by http_reply_header */
        const char *name;
        char *value;
    } headers[HTTP_HEADERS_MOST];
    /* A body that is made while it is sent, as fast as the client reads: `next` writes up to
     * `most` bytes and says how many, 0 at the end, or HTTP_STREAM_BROKEN, which cuts the
     * connection so that the client does not take a part for the whole.  `close` is called once,
     * whatever happens.  Both by the thread that serves the connection.  NULL: `body` is all. */
    struct http_stream {
        ssize_t (*next)(void *context, char *bytes, size_t most);
        void (*close)(void *context);
        void *context;
    } stream;
    /* The connection goes on in another protocol: the reply is a 101 without a body, then `take`
     * gets the socket, which is its own from then on, and what the client has sent already.  It is
     * called exactly once; -1: the client has left before.  NULL: nothing of that. */
    struct http_upgrade {
        void (*take)(void *context, int descriptor, struct slice early);
        void *context;
    } upgrade;
};

struct http_options {
    const char *path;      /* of the socket; a dead one's remains are removed */
    mode_t mode;           /* of the socket */
    /* Who may call as well; 0, that is root, may anyway. */
    uid_t peers_too[HTTP_PEERS_MOST];
    size_t body_most;      /* larger bodies get 413 */
    unsigned thread_count; /* 0: the caller's loop */
    /* Called for each complete request.  Everything that a request gives out is valid until it is
     * answered, which is when this returns unless the request was held. */
    void (*answer)(void *context, struct http_request *request, struct http_reply *reply);
    void *context;
};

/* ERR_EXISTS  somebody listens there already
 * ERR_RANGE   the path is longer than a socket's name may be (107 characters)
 * ERR_IO, ERR_MEMORY; the cause is logged */
must_use enum err http_server_open(const struct http_options *options, struct http_server **server);

/* Requests still held get 503.  Removes the socket. */
void http_server_close(struct http_server **server);

/* ---- In the caller's loop ---- */

/* An epoll descriptor. */
int http_server_descriptor(const struct http_server *server);

/* Accepts, reads, answers and sends whatever is ready; never waits.  True: something is left to do,
 * and the descriptor may not tell. */
bool http_server_turn(struct http_server *server);

/* ---- A request ---- */

const char *http_request_method(const struct http_request *request);

/* Percent-decoded; begins with '/', repeated slashes are one. */
const char *http_request_path(const struct http_request *request);

/* Uid of the process that connected. */
uid_t http_request_peer(const struct http_request *request);

/* NULL: there is none.  Names of headers know no case. */
const char *http_request_header(const struct http_request *request, const char *name);
const char *http_request_query(const struct http_request *request, const char *name);

struct slice http_request_body(const struct http_request *request);

/* The body as a JSON object, borrowed from the request; an empty body is {}.  NULL: it is not an
 * object. */
const json_t *http_request_json(struct http_request *request);

/* ---- Later ---- */

/* Inside of `answer`: what it leaves in its reply is ignored, http_request_answer() will come. */
void http_request_hold(struct http_request *request);

/* Answers a held request, from any thread; `request` is gone afterwards and `reply` empty. */
void http_request_answer(struct http_request *request, struct http_reply *reply);

/* Status 200, JSON, no body. */
void http_reply_init(struct http_reply *reply);
void http_reply_wipe(struct http_reply *reply);

/* Copies the value; `name` is static.  Out of memory, or HTTP_HEADERS_MOST reached: the reply turns
 * into a 500, because an answer without, say, its cookie would be another one. */
void http_reply_header(struct http_reply *reply, const char *name, const char *value);

#endif
