/* Requests to the exchange that no client of ours would ever send.
 *
 * A real exchange with its journal, in this process.  The first byte chooses the row of route.def,
 * the second what stands for the names in its path; the rest is the body, or, where the third byte
 * is even, an object that is made of it.  After each request the engine's books and wallets still
 * add up: engine_check aborts where they do not. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "json_make.h"
#include "venue/door.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *method, *path;
} rows[] = {
#define ROUTE(method, path, function) { method, path },
#include "venue/route.def"
#undef ROUTE
};

enum { ROW_COUNT = sizeof rows / sizeof *rows, ACCOUNTS = 3 };

static char folder[] = "/dev/shm/latchkey-fuzz-XXXXXX", path[64];
static struct venue *venue;
static struct door *door;
static int stop[2];

/* Aborts with the place. */
#define must(is) assert_at((is), __LINE__)
static void assert_at(bool is, int line)
{
    if (is)
        return;
    fprintf(stderr, "venue_request.c:%d: %m\n", line);
    abort();
}

static void folder_remove(void)
{
    char name[80];

    snprintf(name, sizeof name, "%s/journal", folder);
    unlink(name);
    unlink(path);
    rmdir(folder);
}

static void *serve(void *context)
{
    (void)context;
    must(door_serve(door, stop[0]) == OK);
    return NULL;
}

static void house_open(void)
{
    const struct venue_options options = { .folder = folder,
                                           .environment = ENVIRONMENT_SANDBOX,
                                           .seed = 7 };
    const struct door_options opening = { .socket_path = path,
                                          .streams = { .heartbeat_ms = STREAMS_HEARTBEAT_MS } };

    log_level_set(LOG_ERROR);
    must(mkdtemp(folder) != NULL);
    atexit(folder_remove);
    snprintf(path, sizeof path, "%s/s", folder);
    must(venue_open(&options, &venue) == OK);
    must(door_open(venue, &opening, &door) == OK);
    must(pipe(stop) == 0);
}

/* libFuzzer's clock interrupts. */
static ssize_t answer_read(int fd, char *answer, size_t most)
{
    ssize_t size;

    do
        size = read(fd, answer, most);
    while (size < 0 && errno == EINTR);
    return size;
}

/* The exchange serves this one request and stops, so that its state can be looked at. */
static void request_send(const char *method, const char *target, unsigned account,
                         const uint8_t *body, size_t size)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char head[1024], answer[4096], byte = 0;
    pthread_t thread;
    int head_size = snprintf(head, sizeof head,
                             "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                             "X-Latchkey-Account: %u\r\nX-Latchkey-Scopes: orders:write\r\n"
                             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                             method, target, account, size);
    const char *wrong;

    must(pthread_create(&thread, NULL, serve, NULL) == 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    must(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    must(write(fd, head, (size_t)head_size) == head_size);
    must(size == 0 || write(fd, body, size) == (ssize_t)size);
    must(answer_read(fd, answer, sizeof answer) > 0); /* some answer there is */
    while (answer_read(fd, answer, sizeof answer) > 0)
        continue;
    close(fd);
    must(write(stop[1], &byte, 1) == 1);
    must(pthread_join(thread, NULL) == 0);
    must(read(stop[0], &byte, 1) == 1);
    wrong = engine_check(venue_engine(venue));
    if (wrong != NULL) {
        fprintf(stderr, "%s\n", wrong);
        abort();
    }
}

/* What stands for a name in a path. */
static const char *const names[] = {
    "tBTCUSD", "tETHUSD", "fUSD", "USD", "P0", "R0", "hist", "LAST", "trade:1m:tBTCUSD",
    "trade:1h:fUSD:a30:p2:p30", "vwap:1d:tBTCUSD", "vol.1d:30m:BFX", "tBTCUSD:100000000001",
    "price:tBTCUSD:5", "pub:info:pair,pub:map:tx:method", "vol:1w:tGLOBAL:USD", "base", "deriv",
    "perf:1D", "%00", ":", "x",
};

static void target_format(const char *pattern, unsigned choice, char target[256])
{
    size_t size = 0;

    for (; *pattern != '\0' && size < 200; pattern++) {
        if (*pattern == '{') {
            size += (size_t)snprintf(target + size, 40, "%s",
                                     names[choice++ % (sizeof names / sizeof *names)]);
            pattern += strcspn(pattern, "}");
        } else {
            target[size++] = *pattern;
        }
    }
    target[size] = '\0';
}

static const char *const members[] = {
    "symbol", "type", "amount", "price", "price_trailing", "price_aux_limit", "price_oco_stop",
    "gid", "cid", "cid_oco", "cid_date", "flags", "tif", "meta", "lev", "id", "delta", "all", "ops",
    "aff_code", "protect_selfmatch", "hidden", "postonly", "start", "end", "limit", "sort",
    "category", "wallet", "from", "to", "currency", "currency_to", "method", "op_renew", "page",
    "pageSize", "address", "payment_id", "note", "fee_deduct", "settings", "keys", "api:a",
    "count", "ccy1", "ccy2", "dir", "rate", "rate_limit", "symbols", "len", "action",
};

static const char *const texts[] = {
    "tBTCUSD", "tETHUSD", "fUSD", "EXCHANGE LIMIT", "EXCHANGE MARKET", "EXCHANGE IOC",
    "EXCHANGE FOK", "LIMIT", "EXCHANGE STOP LIMIT", "EXCHANGE TRAILING STOP", "1", "-1", "0.5",
    "10000", "1e-8", "2026-11-23", "2026-11-23 10:00:00", "exchange", "margin", "funding",
    "trading", "USD", "BTC", "ethereum", "bitcoin", "0x00000000000000000001", "on", "ou", "oc",
    "oc_multi", "price", "api:a", "api:*", "EXCHANGE", "FUNDING", "getInvoiceById", "ALL",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_source source = { .members = members,
                                  .member_count = sizeof members / sizeof *members,
                                  .texts = texts,
                                  .text_count = sizeof texts / sizeof *texts };
    char target[256], *text;
    unsigned row, account;
    json_t *body;

    if (path[0] == '\0')
        house_open();
    if (size < 3 || size > 32 * 1024)
        return -1;
    row = data[0] % ROW_COUNT;
    account = 2 + data[1] % ACCOUNTS;
    target_format(rows[row].path, data[1] / ACCOUNTS, target);
    source.data = data + 2;
    source.size = size - 2;
    if ((json_taken(&source) & 1) == 1) {
        request_send(rows[row].method, target, account, source.data, source.size);
        return 0;
    }
    body = json_object_make(&source, 0);
    text = json_dumps(body, JSON_COMPACT);
    must(text != NULL);
    request_send(rows[row].method, target, account, (const uint8_t *)text, strlen(text));
    free(text);
    json_decref(body);
    return 0;
}
