#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/local.h"
#include "http/server.h"

static char folder[] = "/tmp/latchkey-local-XXXXXX";
static char path[64];

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    const char *own = http_request_header(request, "X-Own");
    const json_t *body = http_request_json(request);

    (void)context;
    reply->status = 409;
    if (strcmp(http_request_path(request), "/plain") == 0)
        buffer_append(&reply->body, SLICE("no JSON"));
    else
        buffer_printf(&reply->body, "[\"%s\",\"%s\",\"%s\",%lld]", http_request_method(request),
                      http_request_path(request), own == NULL ? "" : own,
                      (long long)json_integer_value(json_object_get(body, "a")));
}

static struct http_server *server_start(void)
{
    const struct http_options options = {
        .path = path, .mode = 0600, .body_most = 1000, .thread_count = 1, .answer = answer
    };
    struct http_server *server;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    assert_int_equal(http_server_open(&options, &server), OK);
    return server;
}

static void assert_json(const json_t *json, const char *text)
{
    char *is = json_dumps(json, JSON_COMPACT);

    assert_string_equal(is, text);
    free(is);
}

TEST(a_call_brings_status_and_document)
{
    struct http_server *server = server_start();
    json_t *body = json_pack("{s:i}", "a", 7), *reply;
    struct local_call call = { .socket = path,
                               .method = "POST",
                               .path = "/v2/x",
                               .body = body,
                               .header = "X-Own: 1001",
                               .wait_s = 60 };
    long status;

    assert_int_equal(local_exchange(&call, &status, &reply), OK);
    assert_int_equal(status, 409);
    assert_json(reply, "[\"POST\",\"/v2/x\",\"1001\",7]");
    json_decref(reply);
    call = (struct local_call){ .socket = path, .method = "GET", .path = "/y", .wait_s = 60 };
    assert_int_equal(local_exchange(&call, &status, &reply), OK);
    assert_json(reply, "[\"GET\",\"/y\",\"\",0]");
    json_decref(reply);
    call.path = "/plain";
    assert_int_equal(local_exchange(&call, &status, &reply), OK);
    assert_null(reply);
    json_decref(body);
    http_server_close(&server);
}

TEST(where_nobody_listens_nothing_is_there)
{
    struct local_call call = { .socket = path, .method = "GET", .path = "/", .wait_s = 60 };
    json_t *reply;
    long status;

    assert_int_equal(local_exchange(&call, &status, &reply), ERR_MISSING);
    assert_null(reply);
    rmdir(folder);
}

TEST_MAIN
