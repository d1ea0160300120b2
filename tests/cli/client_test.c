#include "cli/client.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "http/server.h"
#include "test.h"

/* Answers as the authority would: 201 with what was sent, or a refusal, or nothing useful. */
static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    const char *path = http_request_path(request);

    (void)context;
    if (strcmp(path, "/refused") == 0) {
        reply->status = 403;
        buffer_append(&reply->body,
                      SLICE("{\"error\":{\"code\":\"x\",\"message\":\"no, because\"}}"));
    } else if (strcmp(path, "/letters") == 0) {
        const char *after = http_request_query(request, "after");

        if (after == NULL)
            buffer_append(&reply->body, SLICE("{\"letters\":[\"a\",\"b\"],\"next\":\"b&\"}"));
        else if (strcmp(after, "b&") == 0)
            buffer_append(&reply->body, SLICE("{\"letters\":[\"c\"],\"next\":17}"));
        else if (strcmp(after, "17") == 0)
            buffer_append(&reply->body, SLICE("{\"letters\":[\"d\"],\"next\":null}"));
    } else if (strcmp(path, "/endless") == 0) {
        if (http_request_query(request, "after") == NULL)
            buffer_append(&reply->body, SLICE("{\"letters\":[\"a\"],\"next\":1}"));
        else
            buffer_append(&reply->body, SLICE("<html>"));
    } else if (strcmp(path, "/garbage") == 0) {
        buffer_append(&reply->body, SLICE("<html>"));
    } else {
        struct slice body = http_request_body(request);

        reply->status = 201;
        buffer_printf(&reply->body, "{\"method\":\"%s\",\"body\":%.*s}",
                      http_request_method(request), body.size > 0 ? (int)body.size : 4,
                      body.size > 0 ? body.at : "null");
    }
}

/* One call on a server of its own, with standard error caught in `said`; without a method, all
 * pages of the list "letters". */
static int call(const char *method, const char *path, json_t *body, json_t **reply, char said[256])
{
    char folder[] = "/tmp/latchkey-client-XXXXXX", socket[64];
    FILE *caught = tmpfile(), *before = stderr;
    struct http_server *server = NULL;
    struct client c = { .socket = socket };
    int exit;

    assert_non_null(mkdtemp(folder));
    snprintf(socket, sizeof socket, "%s/s", folder);
    assert_int_equal(http_server_open(&(struct http_options){ .path = socket, .mode = 0600,
                                                              .body_most = 4096,
                                                              .thread_count = 1,
                                                              .answer = answer },
                                      &server),
                     OK);
    stderr = caught;
    exit = method == NULL ? client_pages(&c, path, "letters", reply)
                          : client_call(&c, method, path, body, reply);
    stderr = before;
    http_server_close(&server);
    rmdir(folder);
    rewind(caught);
    said[fread(said, 1, 255, caught)] = '\0';
    fclose(caught);
    return exit;
}

TEST(an_answer_of_the_authority_is_the_callers_document)
{
    char said[256];
    json_t *reply;

    assert_int_equal(call("POST", "/keys", json_pack("{s:i}", "n", 7), &reply, said), COMMAND_DONE);
    assert_string_equal(json_string_value(json_object_get(reply, "method")), "POST");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(reply, "body"), "n")), 7);
    json_decref(reply);
    assert_int_equal(call("GET", "/keys", NULL, &reply, said), COMMAND_DONE);
    assert_string_equal(json_string_value(json_object_get(reply, "method")), "GET");
    assert_true(json_is_null(json_object_get(reply, "body")));
    json_decref(reply);
    assert_string_equal(said, "");
}

TEST(a_refusal_is_told_and_exits_with_one)
{
    char said[256];
    json_t *reply;

    assert_int_equal(call("GET", "/refused", NULL, &reply, said), COMMAND_REFUSED);
    assert_null(reply);
    assert_string_equal(said, "latchkey: no, because\n");
    assert_int_equal(call("GET", "/garbage", NULL, &reply, said), COMMAND_REFUSED);
    assert_non_null(strstr(said, "answered 200 without saying why"));
}

TEST(a_list_in_pages_is_read_to_its_end_or_not_at_all)
{
    char said[256];
    json_t *reply, *list;

    assert_int_equal(call(NULL, "/letters", NULL, &reply, said), COMMAND_DONE);
    list = json_object_get(reply, "letters");
    assert_int_equal(json_array_size(list), 4);
    assert_string_equal(json_string_value(json_array_get(list, 3)), "d");
    assert_true(json_is_null(json_object_get(reply, "next")));
    json_decref(reply);
    assert_int_equal(call(NULL, "/endless", NULL, &reply, said), COMMAND_REFUSED);
    assert_null(reply);
}

TEST(names_in_paths_and_queries_are_encoded)
{
    struct buffer path;

    buffer_init(&path);
    buffer_append(&path, SLICE("/accounts"));
    path_append(&path, "a/b@c.example");
    query_append(&path, "path", "/v2/x?y&z");
    query_append(&path, "nothing", NULL);
    query_append(&path, "status", "200");
    assert_string_equal(path.at, "/accounts/a%2Fb%40c.example?path=%2Fv2%2Fx%3Fy%26z&status=200");
    buffer_wipe(&path);
}

TEST(the_socket_is_named_by_option_then_environment_then_default)
{
    struct client c = { 0 };

    unsetenv("LATCHKEY_SOCKET");
    assert_string_equal(client_socket(&c), "run/authority.sock");
    setenv("LATCHKEY_SOCKET", "/tmp/elsewhere.sock", 1);
    assert_string_equal(client_socket(&c), "/tmp/elsewhere.sock");
    c.socket = "mine.sock";
    assert_string_equal(client_socket(&c), "mine.sock");
    unsetenv("LATCHKEY_SOCKET");
}

TEST(a_socket_without_a_listener_is_missing_and_exits_with_three)
{
    struct client c = { .socket = "/nonexistent/authority.sock" };
    json_t *reply;
    long status;

    assert_int_equal(client_exchange(c.socket, "GET", "/status", NULL, 5, &status, &reply),
                     ERR_MISSING);
    assert_null(reply);
    assert_int_equal(client_call(&c, "POST", "/accounts", json_object(), &reply),
                     COMMAND_UNREACHABLE);
}

TEST_MAIN
