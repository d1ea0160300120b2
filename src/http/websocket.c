#include "http/websocket.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

/* RFC 6455, 1.3. */
#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_SIZE      24 /* 16 bytes in base64 */

#define SHARE_BYTES   ((size_t)64 << 10) /* read from one client before others have their turn */
#define PIECE_BYTES   ((size_t)64 << 10) /* handed to the kernel at once */

/* What wslay keeps for a queued message beside its bytes, about. */
#define MESSAGE_COST_BYTES 128

struct websocket {
    struct websocket_options options;
    wslay_event_context_ptr wslay;
    int descriptor;
    struct buffer early; /* read before we were there */
    size_t early_read;
    size_t share_left;
    struct buffer out; /* framed, from `out_sent` on not sent yet */
    size_t out_sent;
    uint16_t end_code; /* 0: goes on */
    bool is_gone;      /* the client hung up, or the queue was full */
};

/* ---- The handshake ---- */

static bool accept_format(struct slice key, char text[32])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size;
    char joined[KEY_SIZE + sizeof ACCEPT_SUFFIX];

    if (key.size != KEY_SIZE)
        return false;
    snprintf(joined, sizeof joined, "%.*s" ACCEPT_SUFFIX, KEY_SIZE, key.at);
    if (EVP_Digest(joined, strlen(joined), digest, &size, EVP_sha1(), NULL) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)text, digest, (int)size);
    return true;
}

bool websocket_greet(const struct http_request *request, struct http_reply *reply)
{
    const char *protocol = http_request_header(request, "Upgrade");
    const char *version = http_request_header(request, "Sec-WebSocket-Version");
    char accept[32];

    if (protocol == NULL || strcasecmp(protocol, "websocket") != 0 || version == NULL ||
        strcmp(version, "13") != 0 ||
        !accept_format(slice_of(http_request_header(request, "Sec-WebSocket-Key")), accept)) {
        reply->status = 426;
        http_reply_header(reply, "Upgrade", "websocket");
        http_reply_header(reply, "Sec-WebSocket-Version", "13");
        buffer_append(&reply->body, SLICE("{\"error\":\"upgrade_required\",\"message\":\"a "
                                          "WebSocket of version 13 is spoken here\"}"));
        return false;
    }
    http_reply_header(reply, "Upgrade", "websocket");
    http_reply_header(reply, "Sec-WebSocket-Accept", accept);
    return true;
}

/* ---- What wslay calls ---- */

static ssize_t bytes_read(wslay_event_context_ptr wslay, uint8_t *bytes, size_t most, int flags,
                          void *context)
{
    struct websocket *websocket = context;
    size_t early = websocket->early.size - websocket->early_read;
    ssize_t size;

    (void)flags;
    if (early > 0) {
        if (most > early)
            most = early;
        memcpy(bytes, websocket->early.at + websocket->early_read, most);
        websocket->early_read += most;
        return (ssize_t)most;
    }
    if (most > websocket->share_left)
        most = websocket->share_left;
    if (most > 0) {
        do
            size = recv(websocket->descriptor, bytes, most, MSG_DONTWAIT);
        while (size < 0 && errno == EINTR);
        if (size > 0) {
            websocket->share_left -= (size_t)size;
            return size;
        }
        websocket->is_gone = size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    }
    wslay_event_set_error(wslay,
                          websocket->is_gone ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static ssize_t bytes_write(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t size,
                           int flags, void *context)
{
    struct websocket *websocket = context;

    (void)flags;
    if (websocket->out.size >= PIECE_BYTES) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    buffer_append(&websocket->out, (struct slice){ (const char *)bytes, size });
    if (websocket->out.failed) {
        wslay_event_set_error(wslay, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    return (ssize_t)size;
}

static void message_taken(wslay_event_context_ptr wslay,
                          const struct wslay_event_on_msg_recv_arg *message, void *context)
{
    struct websocket *websocket = context;

    (void)wslay;
    if (message->opcode == WSLAY_TEXT_FRAME && websocket->end_code == 0)
        websocket->options.take(websocket->options.context,
                                (struct slice){ (const char *)message->msg, message->msg_length });
    else if (message->opcode == WSLAY_BINARY_FRAME)
        websocket_end(websocket, WSLAY_CODE_UNSUPPORTED_DATA);
}

/* ---- The connection ---- */

enum err websocket_open(int descriptor, struct slice early, const struct websocket_options *options,
                        struct websocket **websocket)
{
    static const struct wslay_event_callbacks callbacks = { .recv_callback = bytes_read,
                                                            .send_callback = bytes_write,
                                                            .on_msg_recv_callback = message_taken };
    struct websocket *w = calloc(1, sizeof *w);

    *websocket = NULL;
    if (w == NULL) {
        close(descriptor);
        return ERR_MEMORY;
    }
    w->options = *options;
    w->descriptor = descriptor;
    if (early.size > 0)
        buffer_append(&w->early, early);
    if (w->early.failed || wslay_event_context_server_init(&w->wslay, &callbacks, w) != 0) {
        websocket_close(&w);
        return ERR_MEMORY;
    }
    wslay_event_config_set_max_recv_msg_length(w->wslay, options->message_most);
    *websocket = w;
    return OK;
}

void websocket_close(struct websocket **websocket)
{
    struct websocket *w = *websocket;

    if (w == NULL)
        return;
    if (w->wslay != NULL)
        wslay_event_context_free(w->wslay);
    close(w->descriptor);
    buffer_wipe(&w->early);
    buffer_wipe(&w->out);
    free(w);
    *websocket = NULL;
}

int websocket_descriptor(const struct websocket *websocket)
{
    return websocket->descriptor;
}

static size_t queued_bytes(const struct websocket *websocket)
{
    return websocket->out.size - websocket->out_sent +
           wslay_event_get_queued_msg_length(websocket->wslay) +
           MESSAGE_COST_BYTES * wslay_event_get_queued_msg_count(websocket->wslay);
}

/* After its last word a client may go on talking; nobody listens. */
static void rest_read(struct websocket *websocket)
{
    char rest[4096];
    ssize_t size = recv(websocket->descriptor, rest, sizeof rest, MSG_DONTWAIT);

    websocket->is_gone = size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

bool websocket_read(struct websocket *websocket)
{
    if (websocket->is_gone)
        return false;
    websocket->share_left = SHARE_BYTES;
    if (!wslay_event_get_read_enabled(websocket->wslay))
        rest_read(websocket);
    else if (wslay_event_recv(websocket->wslay) != 0 ||
             queued_bytes(websocket) > 2 * websocket->options.queue_most)
        websocket->is_gone = true; /* answers to pings are queued without asking */
    if (websocket->early.at != NULL && websocket->early_read == websocket->early.size) {
        buffer_wipe(&websocket->early);
        websocket->early_read = 0;
    }
    return !websocket->is_gone;
}

bool websocket_send(struct websocket *websocket, struct slice text)
{
    struct wslay_event_msg message = { .opcode = WSLAY_TEXT_FRAME,
                                       .msg = (const uint8_t *)text.at,
                                       .msg_length = text.size };

    if (websocket->is_gone)
        return false;
    if (websocket->end_code != 0)
        return true;
    if (queued_bytes(websocket) + text.size > websocket->options.queue_most ||
        wslay_event_queue_msg(websocket->wslay, &message) == WSLAY_ERR_NOMEM)
        websocket->is_gone = true;
    return !websocket->is_gone;
}

void websocket_end(struct websocket *websocket, uint16_t code)
{
    websocket->end_code = code;
}

/* False: the socket takes nothing now, or `is_gone`. */
static bool out_send(struct websocket *websocket)
{
    struct buffer *out = &websocket->out;

    while (websocket->out_sent < out->size) {
        ssize_t size = send(websocket->descriptor, out->at + websocket->out_sent,
                            out->size - websocket->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0) {
            websocket->is_gone = errno != EAGAIN && errno != EWOULDBLOCK;
            return false;
        }
        websocket->out_sent += (size_t)size;
    }
    buffer_wipe(out);
    websocket->out_sent = 0;
    return true;
}

/* To wslay a close frame goes before all that waits, so it is queued when nothing does. */
static bool end_is_due(struct websocket *websocket)
{
    uint16_t code = websocket->end_code;

    if (code == 0 || wslay_event_get_close_sent(websocket->wslay))
        return false;
    if (wslay_event_queue_close(websocket->wslay, code, NULL, 0) == WSLAY_ERR_NOMEM)
        websocket->is_gone = true;
    return wslay_event_want_write(websocket->wslay) != 0;
}

bool websocket_flush(struct websocket *websocket)
{
    while (!websocket->is_gone && out_send(websocket) &&
           (wslay_event_want_write(websocket->wslay) || end_is_due(websocket)))
        websocket->is_gone = wslay_event_send(websocket->wslay) != 0;
    return !websocket->is_gone &&
           (websocket_is_behind(websocket) || !wslay_event_get_close_sent(websocket->wslay));
}

bool websocket_is_behind(const struct websocket *websocket)
{
    return websocket->out.size > websocket->out_sent ||
           wslay_event_want_write(websocket->wslay) != 0;
}
