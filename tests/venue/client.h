/* tests/venue/client.h: a real exchange in a child process, and a client that is not ours
 *
 * No simulated traders unless a test wants them: the books begin empty.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "../test.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "venue/serve.h"

struct exchange {
    char folder[40], socket[64];
    pid_t pid;
    int stop; /* closing it ends the child */
    enum environment environment;
    uint64_t owner;
    uint64_t heartbeat_ms; /* 0: as the venue does it */
    const char *segment;   /* of a gate; NULL: none */
};

static struct exchange exchange = { .environment = ENVIRONMENT_SANDBOX };
static CURL *curl;
static struct buffer told;
static long told_status;

static inline size_t told_take(char *at, size_t size, size_t count, void *context)
{
    (void)context;
    buffer_append(&told, (struct slice){ at, size * count });
    return size * count;
}

/* The reply as JSON; NULL when the exchange does not answer (it was killed). */
static inline json_t *call_try(uint64_t account, const char *path, const char *body)
{
    char url[256], header[64];
    struct curl_slist *headers = NULL;
    CURLcode code;

    if (curl == NULL)
        curl = curl_easy_init();
    buffer_wipe(&told);
    snprintf(url, sizeof url, "http://exchange/v2/%s", path);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, exchange.socket);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, told_take);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    if (account != 0) {
        snprintf(header, sizeof header, "X-Latchkey-Account: %llu", (unsigned long long)account);
        headers = curl_slist_append(headers, header);
        headers = curl_slist_append(headers, "X-Latchkey-Scopes: orders:read orders:write");
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    }
    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &told_status);
    curl_slist_free_all(headers);
    return code == CURLE_OK && told.at != NULL ? json_loads(told.at, JSON_DECODE_ANY, NULL) : NULL;
}

static inline json_t *call(uint64_t account, const char *path, const char *body)
{
    json_t *json = call_try(account, path, body);

    assert_non_null(json);
    return json;
}

/* The reply is exactly this text, with this status. */
static inline void call_is(uint64_t account, const char *path, const char *body, long status,
                           const char *text)
{
    json_decref(call(account, path, body));
    assert_string_equal(told.at, text);
    assert_int_equal(told_status, status);
}

/* A limit order that must be accepted; its id. */
static inline json_int_t call_limit(uint64_t account, const char *amount, const char *price)
{
    char body[160];
    json_t *json;
    json_int_t id;

    snprintf(body, sizeof body,
             "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"%s\",\"price\":"
             "\"%s\"}",
             amount, price);
    json = call(account, "auth/w/order/submit", body);
    assert_int_equal(told_status, 200);
    id = json_integer_value(json_array_get(json_array_get(json_array_get(json, 4), 0), 0));
    assert_true(id > 0);
    json_decref(json);
    return id;
}

static inline void exchange_start(bool market)
{
    struct serve_options options = { .environment = exchange.environment,
                                     .owner = exchange.owner,
                                     .folder = exchange.folder,
                                     .socket = exchange.socket,
                                     .seed = 7,
                                     .heartbeat_ms = exchange.heartbeat_ms,
                                     .segment = exchange.segment,
                                     .market = market };
    int ends[2];

    if (exchange.folder[0] == '\0') {
        snprintf(exchange.folder, sizeof exchange.folder, "/tmp/latchkey-venue-XXXXXX");
        assert_non_null(mkdtemp(exchange.folder));
        snprintf(exchange.socket, sizeof exchange.socket, "%s/s", exchange.folder);
    }
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    exchange.pid = fork();
    if (exchange.pid == 0) {
        close(ends[1]);
        _exit(exchange_serve(&options, ends[0]) == OK ? 0 : 1);
    }
    close(ends[0]);
    exchange.stop = ends[1];
    for (;;) {
        json_t *json = call_try(0, "platform/status", NULL);

        json_decref(json);
        if (json != NULL)
            return;
        assert_int_equal(waitpid(exchange.pid, NULL, WNOHANG), 0);
        poll(NULL, 0, 5);
    }
}

static inline void exchange_stop(void)
{
    int status;

    close(exchange.stop);
    assert_int_equal(waitpid(exchange.pid, &status, 0), exchange.pid);
    assert_int_equal(status, 0);
}

static inline void exchange_kill(void)
{
    kill(exchange.pid, SIGKILL);
    waitpid(exchange.pid, NULL, 0);
    close(exchange.stop);
}

/* With everything that is on disk. */
static inline void exchange_remove(void)
{
    static const char *const names[] = { "journal", "journal.before", "recordings/one" };
    char path[96];

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", exchange.folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/recordings", exchange.folder);
    rmdir(path);
    rmdir(exchange.folder);
    curl_easy_cleanup(curl);
    curl = NULL;
    buffer_wipe(&told);
}

#endif
