/* fuzz/streams.c: random streams of bytes at a gateway, as many as one likes
 *
 *     streams KEYS SEED COUNT PLAIN HTTP2 TLS
 *
 * KEYS is a file with lines "id secret"; the last three are Unix sockets on which one nginx listens
 * for HTTP/1.1, HTTP/2 without TLS, and TLS.  Each stream has a connection of its own: requests
 * that are right but for what chance does to them (methods, escapes, lengths, chunks, headers twice
 * or never, frames), then bytes changed, doubled, cut out, put in.  It ends when the gateway
 * closes. Exits with 1 when the gateway does not accept, or answers nothing for ten seconds.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/hex.h"
#include "keys/key_text.h"
#include "keys/signature.h"

enum { STREAM_MOST = 16384, KEYS_MOST = 16, TLS_ONE_IN = 20 };

struct stream {
    uint8_t bytes[STREAM_MOST];
    size_t size;
};

static struct {
    char id[KEY_ID_TEXT_SIZE];
    struct midstate midstate;
} keys[KEYS_MOST];
static uint32_t key_count;
static bool encrypted; /* half of the keys is never shown in the clear, which would end them */
static uint64_t random_state, nonce;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 32) * below >> 32);
}

#define PICK(list) (list)[draw(sizeof(list) / sizeof *(list))]

static void put_bytes(struct stream *s, const void *bytes, size_t size)
{
    if (size > STREAM_MOST - s->size)
        size = STREAM_MOST - s->size;
    memcpy(s->bytes + s->size, bytes, size);
    s->size += size;
}

static void put(struct stream *s, const char *text)
{
    put_bytes(s, text, strlen(text));
}

static void fail(const char *what)
{
    fprintf(stderr, "streams: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- what a request is made of ---- */

static const char *const methods[] = { "POST", "POST", "POST",    "GET",     "GET",
                                       "PUT",  "HEAD", "DELETE",  "OPTIONS", "PATCH",
                                       "FOO",  "post", "CONNECT", "TRACE" };
static const char *const paths[] = {
    "/v2/auth/r/wallets",
    "/v2/auth/w/order/submit",
    "/v2/platform/status",
    "/v2/ticker/tBTCUSD",
    "/v2/book/tBTCUSD/P0",
    "/v2/auth/w/token",
    "/v2/auth/w/token/del",
    "/v1/balances",
    "/v2/auth/r/wallets?limit=1&x=%zz",
    "/v2/%61uth/r/wallets",
    "/v2//auth/../auth/r/wallets",
    "/v2/auth/r/wallets%00",
    "/%",
    "/%2",
    "*",
    "http://x/v2/platform/status",
    "//",
    "/?",
    "/v2/\xff",
    "/.well-known/http-message-signatures-directory",
};
static const char *const tokens[] = {
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    ":",
    " ",
    "%",
    "%2f",
    "%00",
    "?",
    "\t",
    ",",
    ";",
    "\"",
    "\0",
    "HTTP/1.0",
    "HTTP/1.1",
    "HTTP/9.9",
    "Content-Length: 5\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "bfx-apikey: ",
    "bfx-nonce: 1\r\n",
    "bfx-signature: ",
    "bfx-token: x\r\n",
    "X-Latchkey-Account: 1\r\n",
    "Expect: 100-continue\r\n",
    "Connection: upgrade\r\n",
    "Host: \r\n",
    "X-Forwarded-For: 1.2.3.4\r\n",
    "Range: bytes=0-\r\n",
    "lki_test_",
    "{}",
    "[",
    "\xff\xff\xff\xff",
};

static void body_make(struct stream *body)
{
    static const char *const bodies[] = { "{}", "",     "{\"id\":1}",
                                          "[]", "null", "{\"scope\":\"api\"}" };

    body->size = 0;
    put(body, PICK(bodies));
    for (uint32_t i = draw(40) == 0 ? draw(9000) : 0; i > 0; i--)
        put_bytes(body, "y", 1);
}

struct signed_headers {
    const char *key;
    char nonce[24], signature[SIGNATURE_TEXT_SIZE + 1];
};

static void request_sign(const char *path, const struct stream *body, struct signed_headers *h)
{
    uint32_t key = draw(key_count / 2) + (encrypted ? key_count / 2 : 0);
    uint8_t signature[SIGNATURE_SIZE];
    struct slice parts[] = { SLICE("/api/"), slice_of(path + (path[0] == '/')), SLICE_EMPTY,
                             { (const char *)body->bytes, body->size } };

    snprintf(h->nonce, sizeof h->nonce, "%llu", (unsigned long long)++nonce);
    parts[2] = slice_of(h->nonce);
    signature_compute(&keys[key].midstate, parts, 4, signature);
    if (draw(3) == 0)
        signature[draw(SIGNATURE_SIZE)] ^= 1;
    hex_format(signature, sizeof signature, h->signature);
    h->key = keys[key].id;
}

static void header_put(struct stream *s, const char *name, const char *value)
{
    for (uint32_t times = draw(30) == 0 ? draw(3) : 1; times > 0; times--) {
        put(s, name);
        put(s, draw(20) == 0 ? " : " : ": ");
        put(s, value);
        put(s, draw(50) == 0 ? "\n" : "\r\n");
    }
}

static void chunks_put(struct stream *s, const struct stream *body)
{
    char size[64];

    for (size_t at = 0; at < body->size;) {
        size_t part = 1 + draw((uint32_t)(body->size - at));

        snprintf(size, sizeof size, draw(8) == 0 ? "%zX ;a=\"b\"\r\n" : "%zx\r\n",
                 draw(40) == 0 ? part + draw(9) : part);
        put(s, size);
        put_bytes(s, body->bytes + at, part);
        put(s, "\r\n");
        at += part;
    }
    put(s, draw(10) == 0 ? "0\r\nTrailer: x\r\n\r\n" : "0\r\n\r\n");
}

static void request_put(struct stream *s)
{
    static struct stream body;
    const char *path = PICK(paths);
    struct signed_headers h;
    char length[24];
    bool chunked = draw(4) == 0;

    body_make(&body);
    request_sign(path, &body, &h);
    put(s, PICK(methods));
    put(s, " ");
    put(s, path);
    put(s, draw(30) == 0 ? "\r\n" : " HTTP/1.1\r\n");
    header_put(s, "Host", "localhost");
    header_put(s, "bfx-apikey", h.key);
    header_put(s, "bfx-nonce", h.nonce);
    header_put(s, "bfx-signature", h.signature);
    snprintf(length, sizeof length, "%zu", draw(30) == 0 ? body.size + draw(3) : body.size);
    if (chunked)
        header_put(s, "Transfer-Encoding", "chunked");
    else
        header_put(s, "Content-Length", length);
    put(s, "\r\n");
    if (chunked)
        chunks_put(s, &body);
    else
        put_bytes(s, body.bytes, body.size);
}

/* ---- the same in frames (RFC 9113), its headers as literals (RFC 7541, 6.2.2) ---- */

static void frame_put(struct stream *s, uint8_t type, uint8_t flags, uint32_t id,
                      const struct stream *payload)
{
    uint32_t size = (uint32_t)payload->size + (draw(60) == 0 ? draw(9) : 0);
    const uint8_t head[] = {
        (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size,      type,       flags,
        (uint8_t)(id >> 24),   (uint8_t)(id >> 16),  (uint8_t)(id >> 8), (uint8_t)id
    };

    put_bytes(s, head, sizeof head);
    put_bytes(s, payload->bytes, payload->size);
}

static void string_put(struct stream *s, const char *text)
{
    size_t size = strlen(text);
    const uint8_t small = (uint8_t)size, large[] = { 127, (uint8_t)(size - 127) };

    if (size < 127)
        put_bytes(s, &small, 1);
    else
        put_bytes(s, large, sizeof large);
    put(s, text);
}

static void literal_put(struct stream *s, const char *name, const char *value)
{
    for (uint32_t times = draw(40) == 0 ? draw(3) : 1; times > 0; times--) {
        put_bytes(s, "\0", 1);
        string_put(s, name);
        string_put(s, value);
    }
}

static void frames_put(struct stream *s)
{
    static struct stream body, payload;
    const char *path;
    struct signed_headers h;

    put(s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    payload.size = 0;
    frame_put(s, 4, 0, 0, &payload);
    for (uint32_t id = 1, streams = 1 + draw(4); id < 2 * streams; id += 2) {
        path = PICK(paths);
        body_make(&body);
        request_sign(path, &body, &h);
        payload.size = 0;
        literal_put(&payload, ":method", PICK(methods));
        literal_put(&payload, ":path", path);
        literal_put(&payload, ":scheme", "https");
        literal_put(&payload, ":authority", "x");
        literal_put(&payload, "bfx-apikey", h.key);
        literal_put(&payload, "bfx-nonce", h.nonce);
        literal_put(&payload, "bfx-signature", h.signature);
        frame_put(s, 1, body.size > 0 ? 4 : 5, id, &payload);
        if (body.size > 0)
            frame_put(s, 0, draw(8) != 0, id, &body);
        if (draw(8) == 0) {
            body_make(&payload);
            frame_put(s, (uint8_t)draw(12), (uint8_t)draw(256), draw(9), &payload);
        }
    }
}

/* ---- chance ---- */

static void mutate(struct stream *s)
{
    size_t at = draw((uint32_t)s->size), size = 1 + draw(40);
    static struct stream rest;

    if (size > s->size - at)
        size = s->size - at;
    rest.size = 0;
    switch (draw(6)) {
    case 0:
        s->bytes[at] ^= (uint8_t)(1U << draw(8));
        return;
    case 1:
        s->bytes[at] = (uint8_t)draw(256);
        return;
    case 2: /* cut out */
        memmove(s->bytes + at, s->bytes + at + size, s->size - at - size);
        s->size -= size;
        return;
    case 3: /* twice */
        put_bytes(&rest, s->bytes + at, s->size - at);
        s->size = at + size;
        break;
    case 4: /* put in */
        put_bytes(&rest, s->bytes + at, s->size - at);
        s->size = at;
        put(s, PICK(tokens));
        break;
    default: /* the end is missing */
        s->size = draw(4) == 0 ? at + 1 : s->size;
        return;
    }
    put_bytes(s, rest.bytes, rest.size);
}

static void stream_make(struct stream *s, bool http2)
{
    s->size = 0;
    if (http2) {
        frames_put(s);
    } else {
        for (uint32_t count = draw(5) == 0 ? 1 + draw(4) : 1; count > 0; count--)
            request_put(s);
    }
    for (uint32_t count = draw(4) == 0 ? 0 : 1 + draw(4); count > 0 && s->size > 0; count--)
        mutate(s);
}

/* ---- the connection ---- */

static int connect_to(const char *path)
{
    const struct timeval patience = { .tv_sec = 10 };
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail(path);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return fd;
}

/* A gateway that closes early breaks the pipe, which is its right. */
static uint64_t plain_send(const char *path, const struct stream *s)
{
    int fd = connect_to(path);
    uint64_t answered = 0;
    char reply[65536];
    ssize_t got;

    (void)!send(fd, s->bytes, s->size, MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    while ((got = recv(fd, reply, sizeof reply, 0)) > 0)
        answered += (uint64_t)got;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        fail("no end within 10 s");
    close(fd);
    return answered;
}

static uint64_t tls_send(SSL_CTX *context, const char *path, const struct stream *s)
{
    static SSL_SESSION *session;
    int fd = connect_to(path), got;
    SSL *tls = SSL_new(context);
    uint64_t answered = 0;
    char reply[65536];

    if (tls == NULL || SSL_set_fd(tls, fd) != 1)
        fail("TLS");
    if (session != NULL)
        SSL_set_session(tls, session);
    if (SSL_connect(tls) != 1)
        fail("no TLS");
    (void)SSL_write(tls, s->bytes, (int)s->size);
    SSL_shutdown(tls);
    shutdown(fd, SHUT_WR);
    while ((got = SSL_read(tls, reply, sizeof reply)) > 0)
        answered += (uint64_t)got;
    SSL_SESSION_free(session);
    session = SSL_get1_session(tls);
    SSL_free(tls);
    close(fd);
    return answered;
}

static void keys_read(const char *path)
{
    char id[KEY_ID_TEXT_SIZE], text[SECRET_TEXT_SIZE + 1];
    enum environment environment;
    struct secret secret;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        fail(path);
    while (key_count < KEYS_MOST && fscanf(file, "%31s %55s", id, text) == 2) {
        snprintf(keys[key_count].id, sizeof keys[key_count].id, "%s", id);
        if (!secret_parse(slice_of(text), &environment, &secret))
            fail("not a secret");
        midstate_init(&keys[key_count++].midstate, &secret);
    }
    fclose(file);
    if (key_count < 2)
        fail("two keys at least");
}

int main(int argc, char **argv)
{
    static struct stream stream;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    uint64_t began_ns = clock_mono_ns(), answered = 0, count;

    if (argc != 7) {
        fputs("usage: streams KEYS SEED COUNT PLAIN HTTP2 TLS\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    keys_read(argv[1]);
    random_state = strtoull(argv[2], NULL, 10);
    count = strtoull(argv[3], NULL, 10);
    nonce = clock_wall_ns() / NS_PER_US;
    for (uint64_t i = 0; i < count; i++) {
        bool http2;

        encrypted = draw(TLS_ONE_IN) == 0;
        http2 = !encrypted && draw(3) == 0;
        stream_make(&stream, http2);
        answered += encrypted ? tls_send(context, argv[6], &stream)
                              : plain_send(http2 ? argv[5] : argv[4], &stream);
    }
    SSL_CTX_free(context);
    printf("{\"streams\":%llu,\"answered_bytes\":%llu,\"seconds\":%.1f}\n",
           (unsigned long long)count, (unsigned long long)answered,
           (double)(clock_mono_ns() - began_ns) / 1e9);
    return 0;
}
