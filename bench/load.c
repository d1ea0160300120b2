/* bench/load.c: signed requests over TLS 1.3, as many as a gateway takes
 *
 *     load PORT KEYS REQUESTS GET|POST PATH [--forge] [--replay N] [--rate R] [--revoked N]
 *
 * KEYS is a file with a line "id secret" for each connection.  Each connection is kept alive, signs
 * its own requests with its own key and has one of them under way.  Prints one JSON object:
 * how many answers had which status, and how long it took.
 *
 * --forge signs wrongly; --replay sends every Nth nonce twice, and the second time it must be
 * refused.  Without --rate the loop is closed: each answer is followed by the next request.  With
 * it the loop is open: R requests a second are due, whatever comes back, and a latency counts from
 * the moment at which its request was due, also when it had to wait for a free connection.
 *
 * --revoked is for KEYS that names one key again and again: the connections share its nonces, and
 * the load ends when N answers said that it is revoked.  Then the moments (monotonic clock) are
 * printed at which the last request that passed and the first that did not were sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/clock.h"
#include "base/hex.h"
#include "keys/key_text.h"
#include "keys/signature.h"

enum { CONNECTIONS_MOST = 256, REQUEST_SIZE = 1024, REPLY_SIZE = 4096, STATUS_END = 600 };

/* Together with the path about as much as an order: 200 bytes are signed. */
static const char order[] =
    "{\"type\":\"EXCHANGE LIMIT\",\"symbol\":\"tBTCUSD\",\"amount\":\"0.10000000\","
    "\"price\":\"60000\",\"cid\":1795389347511,\"flags\":0,\"meta\":{\"aff_code\":\"AAABBB\"}}";

struct connection {
    SSL *tls;
    int fd;
    char key[KEY_ID_TEXT_SIZE];
    struct midstate midstate;
    uint64_t nonce;
    uint64_t sent_ns;
    uint64_t due_ns; /* open loop: when its request should have gone out */
    char request[REQUEST_SIZE];
    int request_size, request_sent;
    char reply[REPLY_SIZE];
    int reply_size;
};

struct load {
    struct connection connections[CONNECTIONS_MOST];
    int connection_count;
    const char *method, *path;
    bool forge;
    uint64_t replay_every; /* 0: never */
    uint64_t wanted, started, answered;
    /* One key, until it is revoked. */
    uint64_t revoked_wanted; /* 0: many keys */
    uint64_t revoked, nonce, last_passed_ns, first_revoked_ns;
    /* Open loop. */
    double rate_per_s;             /* 0: closed */
    uint64_t began_ns;
    uint64_t *latencies_ns;        /* of each answer */
    struct connection *idle[CONNECTIONS_MOST];
    int idle_count;
    uint64_t statuses[STATUS_END];
    int poll;
};

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void keys_read(struct load *load, const char *path)
{
    char id[KEY_ID_TEXT_SIZE], secret[SECRET_TEXT_SIZE + 1];
    enum environment environment;
    struct secret parsed;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        fail(path);
    while (load->connection_count < CONNECTIONS_MOST &&
           fscanf(file, "%31s %55s", id, secret) == 2) {
        struct connection *c = &load->connections[load->connection_count++];

        snprintf(c->key, sizeof c->key, "%s", id);
        if (!secret_parse(slice_of(secret), &environment, &parsed))
            fail("not a secret");
        midstate_init(&c->midstate, &parsed);
        secret_wipe(&parsed);
        c->nonce = clock_wall_ns() / NS_PER_US;
    }
    fclose(file);
    if (load->connection_count == 0)
        fail("no keys");
}

static void request_write(struct load *load, struct connection *c)
{
    bool post = strcmp(load->method, "POST") == 0;
    const char *body = post ? order : "";
    uint8_t signature[SIGNATURE_SIZE];
    char nonce[24], hex[SIGNATURE_TEXT_SIZE + 1];
    struct slice parts[4];

    if (load->revoked_wanted != 0)
        c->nonce = load->nonce = load->nonce == 0 ? c->nonce : load->nonce + 1;
    else if (load->replay_every == 0 || load->started % load->replay_every != 0)
        c->nonce++;
    snprintf(nonce, sizeof nonce, "%llu", (unsigned long long)c->nonce);
    parts[0] = SLICE("/api/");
    parts[1] = slice_of(load->path + 1);
    parts[2] = slice_of(nonce);
    parts[3] = slice_of(body);
    signature_compute(&c->midstate, parts, 4, signature);
    if (load->forge)
        signature[0] ^= 1;
    hex_format(signature, sizeof signature, hex);
    c->request_size = snprintf(c->request, sizeof c->request,
                               "%s %s HTTP/1.1\r\nHost: localhost\r\nbfx-apikey: %s\r\n"
                               "bfx-nonce: %s\r\nbfx-signature: %s\r\n"
                               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                               load->method, load->path, c->key, nonce, hex, strlen(body), body);
    c->request_sent = c->reply_size = 0;
    c->sent_ns = clock_mono_ns();
}

/* What follows "Content-Length:" in a header that ends at `end`; servers differ in its case. */
static const char *length_find(const char *at, const char *end)
{
    static const char name[] = "\r\nContent-Length:";

    for (; end - at >= (ptrdiff_t)sizeof name; at++) {
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return at + sizeof name - 1;
    }
    return NULL;
}

/* Size of a complete reply at the start of the buffer, 0 when more is to come. */
static int reply_complete(const struct connection *c)
{
    const char *end = memmem(c->reply, (size_t)c->reply_size, "\r\n\r\n", 4);
    const char *length;
    long size;

    if (end == NULL)
        return 0;
    length = length_find(c->reply, end);
    if (length == NULL)
        fail("a reply without Content-Length");
    size = (end + 4 - c->reply) + strtol(length, NULL, 10);
    return size <= c->reply_size ? (int)size : 0;
}

static void revocation_note(struct load *load, const struct connection *c, long status)
{
    if (status == 200 && c->sent_ns > load->last_passed_ns)
        load->last_passed_ns = c->sent_ns;
    if (memmem(c->reply, (size_t)c->reply_size, "revoked", 7) == NULL)
        return;
    if (load->first_revoked_ns == 0 || c->sent_ns < load->first_revoked_ns)
        load->first_revoked_ns = c->sent_ns;
    if (++load->revoked == load->revoked_wanted)
        load->wanted = load->started;
}

static void reply_count(struct load *load, const struct connection *c)
{
    long status = c->reply_size > 12 ? strtol(c->reply + 9, NULL, 10) : 0;

    if (load->revoked_wanted != 0)
        revocation_note(load, c, status);
    load->statuses[status > 0 && status < STATUS_END ? status : 0]++;
    if (load->latencies_ns != NULL)
        load->latencies_ns[load->answered] = clock_mono_ns() - c->due_ns;
    load->answered++;
}

/* Goes on until the socket would block. */
static void turn(struct load *load, struct connection *c)
{
    for (;;) {
        int done;

        if (c->request_sent < c->request_size)
            done = SSL_write(c->tls, c->request + c->request_sent,
                             c->request_size - c->request_sent);
        else
            done = SSL_read(c->tls, c->reply + c->reply_size, REPLY_SIZE - c->reply_size);
        if (done <= 0) {
            int why = SSL_get_error(c->tls, done);

            if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
                return;
            fail("the connection broke");
        }
        if (c->request_sent < c->request_size) {
            c->request_sent += done;
            continue;
        }
        c->reply_size += done;
        if (reply_complete(c) == 0)
            continue;
        reply_count(load, c);
        if (load->latencies_ns != NULL) {
            load->idle[load->idle_count++] = c;
            return;
        }
        if (load->started == load->wanted)
            return;
        load->started++;
        request_write(load, c);
    }
}

static void connect_one(struct load *load, struct connection *c, SSL_CTX *context, uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };
    int yes = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail("cannot connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    c->tls = SSL_new(context);
    if (c->tls == NULL || SSL_set_fd(c->tls, c->fd) != 1 || SSL_connect(c->tls) != 1)
        fail("no TLS 1.3");
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 ||
        epoll_ctl(load->poll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        fail("epoll");
}

static void run(struct load *load)
{
    struct epoll_event events[CONNECTIONS_MOST];

    for (int i = 0; i < load->connection_count && load->started < load->wanted; i++) {
        load->started++;
        request_write(load, &load->connections[i]);
        turn(load, &load->connections[i]);
    }
    while (load->answered < load->wanted) {
        int count = epoll_wait(load->poll, events, CONNECTIONS_MOST, 10000);

        if (count == 0)
            fail("no answer for 10 s");
        for (int i = 0; i < count; i++)
            turn(load, events[i].data.ptr);
    }
}

static uint64_t due_ns(const struct load *load, uint64_t number)
{
    return load->began_ns + (uint64_t)((double)number * 1e9 / load->rate_per_s);
}

/* Sends what is due as long as connections are free. */
static void due_send(struct load *load)
{
    while (load->started < load->wanted && load->idle_count > 0 &&
           due_ns(load, load->started) <= clock_mono_ns()) {
        struct connection *c = load->idle[--load->idle_count];

        c->due_ns = due_ns(load, load->started);
        load->started++;
        request_write(load, c);
        turn(load, c);
    }
}

static void run_open(struct load *load)
{
    struct epoll_event events[CONNECTIONS_MOST];

    for (int i = 0; i < load->connection_count; i++)
        load->idle[load->idle_count++] = &load->connections[i];
    while (load->answered < load->wanted) {
        struct timespec wait = { .tv_sec = 10 };
        int count;

        due_send(load);
        if (load->started < load->wanted && load->idle_count > 0) {
            uint64_t at_ns = due_ns(load, load->started), now_ns = clock_mono_ns();
            uint64_t left_ns = at_ns > now_ns ? at_ns - now_ns : 0;

            wait.tv_sec = (time_t)(left_ns / NS_PER_S);
            wait.tv_nsec = (long)(left_ns % NS_PER_S);
        }
        count = epoll_pwait2(load->poll, events, CONNECTIONS_MOST, &wait, NULL);
        if (count == 0 && load->idle_count == 0)
            fail("no answer for 10 s");
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;

            /* An idle one is told that it can write. */
            if (c->request_size > 0 && (c->request_sent < c->request_size ||
                                        c->reply_size == 0 || reply_complete(c) == 0))
                turn(load, c);
        }
    }
}

static int latency_order(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

static void latencies_print(const struct load *load)
{
    static const struct {
        const char *name;
        double share;
    } points[] = { { "p50", 0.5 }, { "p99", 0.99 }, { "p999", 0.999 }, { "most", 1 } };

    qsort(load->latencies_ns, load->answered, sizeof *load->latencies_ns, latency_order);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        uint64_t at = (uint64_t)((double)load->answered * points[i].share);

        printf("\"%s_ns\":%llu,", points[i].name,
               (unsigned long long)load->latencies_ns[at < load->answered ? at : at - 1]);
    }
}

static void options_read(struct load *load, int argc, char **argv)
{
    load->wanted = strtoull(argv[3], NULL, 10);
    load->method = argv[4];
    load->path = argv[5];
    for (int i = 6; i < argc; i++) {
        if (strcmp(argv[i], "--forge") == 0)
            load->forge = true;
        else if (i + 1 < argc && strcmp(argv[i], "--replay") == 0)
            load->replay_every = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--revoked") == 0)
            load->revoked_wanted = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--rate") == 0)
            load->rate_per_s = strtod(argv[++i], NULL);
        else
            fail("unknown option");
    }
    if (load->rate_per_s > 0) {
        load->latencies_ns = calloc(load->wanted, sizeof *load->latencies_ns);
        /* Otherwise the kernel lets each wait last 50 us longer. */
        if (load->latencies_ns == NULL || prctl(PR_SET_TIMERSLACK, 1UL) != 0)
            fail("open loop");
    }
}

int main(int argc, char **argv)
{
    static struct load load;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    const char *comma = "";

    if (argc < 6) {
        fputs("usage: load PORT KEYS REQUESTS GET|POST PATH [--forge] [--replay N] [--rate R] "
              "[--revoked N]\n", stderr);
        return 2;
    }
    options_read(&load, argc, argv);
    load.poll = epoll_create1(EPOLL_CLOEXEC);
    /* The certificate is the bench's own; what is measured is the server. */
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
        fail("OpenSSL");
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    keys_read(&load, argv[2]);
    for (int i = 0; i < load.connection_count; i++)
        connect_one(&load, &load.connections[i], context, (uint16_t)strtoul(argv[1], NULL, 10));
    load.began_ns = clock_mono_ns();
    if (load.latencies_ns != NULL)
        run_open(&load);
    else
        run(&load);
    printf("{\"requests\":%llu,\"wall_ns\":%llu,", (unsigned long long)load.answered,
           (unsigned long long)(clock_mono_ns() - load.began_ns));
    if (load.latencies_ns != NULL)
        latencies_print(&load);
    if (load.revoked_wanted != 0)
        printf("\"revoked\":%llu,\"last_passed_ns\":%llu,\"first_revoked_ns\":%llu,",
               (unsigned long long)load.revoked, (unsigned long long)load.last_passed_ns,
               (unsigned long long)load.first_revoked_ns);
    printf("\"statuses\":{");
    for (int status = 0; status < STATUS_END; status++) {
        if (load.statuses[status] == 0)
            continue;
        printf("%s\"%d\":%llu", comma, status, (unsigned long long)load.statuses[status]);
        comma = ",";
    }
    puts("}}");
    free(load.latencies_ns);
    return 0;
}
