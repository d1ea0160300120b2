#include "../test.h"

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/server.h"

static char folder[] = "/tmp/latchkey-http-XXXXXX";
static char path[64];

static void echo(void *context, struct http_request *request, struct http_reply *reply)
{
    const char *query = http_request_query(request, "q");
    const char *header = http_request_header(request, "x-own");
    const json_t *json = http_request_json(request);

    (void)context;
    assert_int_equal(http_request_peer(request), geteuid());
    reply->status = 201;
    http_reply_header(reply, "X-Further", "yes");
    buffer_printf(&reply->body, "%s %s q=%s own=%s a=%lld", http_request_method(request),
                  http_request_path(request), query == NULL ? "-" : query,
                  header == NULL ? "-" : header,
                  json == NULL ? -1LL : (long long)json_integer_value(json_object_get(json, "a")));
}

/* ---- A client that is not ours ---- */

struct answer {
    long status;
    char body[1024];
    size_t size;
    char further[16];
};

static size_t body_take(char *at, size_t size, size_t count, void *context)
{
    struct answer *answer = context;

    assert_true(answer->size + size * count < sizeof answer->body);
    memcpy(answer->body + answer->size, at, size * count);
    answer->size += size * count;
    answer->body[answer->size] = '\0';
    return size * count;
}

static size_t header_take(char *at, size_t size, size_t count, void *context)
{
    struct answer *answer = context;

    if (size * count > 11 && strncmp(at, "X-Further: ", 11) == 0)
        snprintf(answer->further, sizeof answer->further, "%.3s", at + 11);
    return size * count;
}

static struct answer ask(const char *url, const char *body)
{
    struct answer answer = { 0 };
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "X-Own: mine");

    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_take);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return answer;
}

static struct http_options options_of(unsigned threads)
{
    if (path[0] == '\0') {
        assert_non_null(mkdtemp(folder));
        snprintf(path, sizeof path, "%s/s", folder);
    }
    return (struct http_options){
        .path = path, .mode = 0600, .body_most = 64, .thread_count = threads, .answer = echo
    };
}

TEST(a_request_shows_path_query_headers_and_body)
{
    struct http_options options = options_of(1);
    struct http_server *server;
    struct answer answer;
    struct stat facts;

    assert_int_equal(http_server_open(&options, &server), OK);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    answer = ask("http://x//v2//a%3Ab/?q=1%2C2", "{\"a\": 7}");
    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.body, "POST /v2/a:b/ q=1,2 own=mine a=7");
    assert_string_equal(answer.further, "yes");
    answer = ask("http://x/", NULL);
    assert_string_equal(answer.body, "GET / q=- own=mine a=0");
    answer = ask("http://x/", "[1]");
    assert_string_equal(answer.body, "POST / q=- own=mine a=-1");
    http_server_close(&server);
    assert_null(server);
    assert_int_not_equal(access(path, F_OK), 0);
}

TEST(a_zero_byte_does_not_shorten_a_path)
{
    struct http_options options = options_of(1);
    struct http_server *server;

    assert_int_equal(http_server_open(&options, &server), OK);
    assert_string_equal(ask("http://x/a%00b", NULL).body, "GET /a%00b q=- own=mine a=0");
    http_server_close(&server);
}

TEST(a_body_over_the_limit_gets_413)
{
    struct http_options options = options_of(2);
    struct http_server *server;
    char body[80] = "";

    memset(body, ' ', 64);
    assert_int_equal(http_server_open(&options, &server), OK);
    assert_int_equal(ask("http://x/", body).status, 201);
    memset(body, ' ', 65);
    assert_int_equal(ask("http://x/", body).status, 413);
    assert_int_equal(ask("http://x/", "{}").status, 201);
    http_server_close(&server);
}

TEST(a_second_server_is_refused_and_a_dead_ones_socket_is_taken_over)
{
    struct http_options options = options_of(1);
    struct http_server *server, *second;

    assert_int_equal(http_server_open(&options, &server), OK);
    assert_int_equal(http_server_open(&options, &second), ERR_EXISTS);
    assert_null(second);
    http_server_close(&server);
    assert_int_equal(mknod(path, S_IFSOCK | 0600, 0), 0);
    assert_int_equal(http_server_open(&options, &server), OK);
    assert_int_equal(ask("http://x/", NULL).status, 201);
    http_server_close(&server);
    options.path = "/tmp/"
                   "a-path-that-is-longer-than-a-socket-may-have-a-name-0123456789-0123456789-"
                   "0123456789-0123456789-0123456789";
    assert_int_equal(http_server_open(&options, &server), ERR_RANGE);
}

/* ---- Held requests ---- */

static _Atomic(struct http_request *) held;

static void hold(void *context, struct http_request *request, struct http_reply *reply)
{
    (void)context;
    /* Of no use any more once somebody else answers; ASan says when it is not freed. */
    http_reply_header(reply, "Cache-Control", "no-store");
    http_request_hold(request);
    atomic_store(&held, request);
}

static void *ask_slow(void *into)
{
    *(struct answer *)into = ask("http://x/slow", NULL);
    return NULL;
}

TEST(a_held_request_is_answered_by_another_thread)
{
    struct http_options options = options_of(1);
    struct http_server *server;
    struct answer answer;
    struct http_reply reply;
    pthread_t client;

    options.answer = hold;
    assert_int_equal(http_server_open(&options, &server), OK);
    pthread_create(&client, NULL, ask_slow, &answer);
    while (atomic_load(&held) == NULL)
        sched_yield();
    http_reply_init(&reply);
    buffer_append(&reply.body, SLICE("late"));
    http_request_answer(atomic_exchange(&held, NULL), &reply);
    assert_null(reply.body.at);
    pthread_join(client, NULL);
    assert_string_equal(answer.body, "late");

    pthread_create(&client, NULL, ask_slow, &answer);
    while (atomic_load(&held) == NULL)
        sched_yield();
    http_server_close(&server);
    pthread_join(client, NULL);
    assert_int_equal(answer.status, 503);
    atomic_store(&held, NULL);
}

TEST(the_callers_loop_may_hold_a_request_over_a_turn)
{
    struct http_options options = options_of(0);
    struct http_server *server;
    struct answer answer;
    struct http_reply reply;
    pthread_t client;
    struct pollfd ready = { .events = POLLIN };

    options.answer = hold;
    assert_int_equal(http_server_open(&options, &server), OK);
    ready.fd = http_server_descriptor(server);
    pthread_create(&client, NULL, ask_slow, &answer);
    while (atomic_load(&held) == NULL) {
        assert_int_equal(poll(&ready, 1, 20000), 1);
        http_server_turn(server);
    }
    http_reply_init(&reply);
    buffer_append(&reply.body, SLICE("next turn"));
    http_request_answer(held, &reply);
    http_server_turn(server);
    pthread_join(client, NULL);
    assert_string_equal(answer.body, "next turn");
    http_server_close(&server);
}

/* ---- Streams ---- */

struct stream {
    size_t left;
    bool breaks;
    atomic_int closed;
};

static struct stream stream;

static ssize_t stream_next(void *context, char *bytes, size_t most)
{
    struct stream *s = context;
    size_t size = s->left < most ? s->left : most;

    if (size == 0 && s->breaks)
        return HTTP_STREAM_BROKEN;
    memset(bytes, 'x', size);
    s->left -= size;
    return (ssize_t)size;
}

static void stream_close(void *context)
{
    struct stream *s = context;

    atomic_fetch_add(&s->closed, 1);
}

static void stream_answer(void *context, struct http_request *request, struct http_reply *reply)
{
    (void)context;
    (void)request;
    reply->type = "text/plain";
    reply->stream = (struct http_stream){ stream_next, stream_close, &stream };
}

static size_t piece_count(char *at, size_t size, size_t count, void *context)
{
    (void)at;
    *(size_t *)context += size * count;
    return size * count;
}

static CURLcode stream_ask(size_t *size)
{
    CURL *curl = curl_easy_init();
    CURLcode code;

    *size = 0;
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
    curl_easy_setopt(curl, CURLOPT_URL, "http://x/");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, piece_count);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, size);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    code = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    return code;
}

TEST(a_body_of_any_size_is_made_while_it_is_sent_and_a_broken_one_is_no_whole_one)
{
    struct http_options options = options_of(1);
    struct http_server *server;
    size_t size;

    options.answer = stream_answer;
    assert_int_equal(http_server_open(&options, &server), OK);
    stream = (struct stream){ .left = 50000000 };
    assert_int_equal(stream_ask(&size), CURLE_OK);
    assert_int_equal(size, 50000000);
    stream.left = 0;
    assert_int_equal(stream_ask(&size), CURLE_OK);
    assert_int_equal(size, 0);
    stream.left = 100000;
    stream.breaks = true;
    assert_int_not_equal(stream_ask(&size), CURLE_OK);
    http_server_close(&server);
    assert_int_equal(atomic_load(&stream.closed), 3);
    rmdir(folder);
}

TEST_MAIN
