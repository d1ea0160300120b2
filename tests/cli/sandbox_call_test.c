#include "cli/sandbox_call.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "http/server.h"
#include "test.h"

/* Answers as a sandbox would. */
static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    (void)context;
    if (strcmp(http_request_path(request), "/operator/sandbox/seed") == 0) {
        buffer_append(&reply->body, SLICE("{\"seed\":1}"));
        return;
    }
    reply->status = 500;
    buffer_append(&reply->body, SLICE("[\"error\",10020,\"seed: invalid\"]"));
}

/* Standard output is the test's own report. */
static int call_quietly(const struct sandbox_client *client, const char *command)
{
    int report, nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC), exit;

    fflush(stdout);
    report = dup(STDOUT_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    exit = sandbox_call(client, command, json_object());
    fflush(stdout);
    dup2(report, STDOUT_FILENO);
    close(report);
    close(nowhere);
    return exit;
}

TEST(a_command_is_done_refused_or_unheard)
{
    char path[64];
    struct http_options options = {
        .path = path, .mode = 0600, .body_most = 1024, .thread_count = 1, .answer = answer
    };
    struct sandbox_client client = { .socket = path, .json = true };
    struct http_server *server;

    snprintf(path, sizeof path, "/tmp/latchkey-sandbox-%d", (int)getpid());
    assert_int_equal(http_server_open(&options, &server), OK);
    assert_int_equal(call_quietly(&client, "seed"), COMMAND_DONE);
    assert_int_equal(call_quietly(&client, "preset"), COMMAND_REFUSED);
    http_server_close(&server);
    assert_int_equal(call_quietly(&client, "seed"), COMMAND_UNREACHABLE);
}

TEST(fields_without_a_value_are_left_out)
{
    json_t *body = json_object();

    sandbox_put_text(body, "a", NULL);
    sandbox_put_number(body, "b", 0);
    assert_int_equal(json_object_size(body), 0);
    sandbox_put_text(body, "a", "x");
    sandbox_put_number(body, "b", 4);
    assert_string_equal(json_string_value(json_object_get(body, "a")), "x");
    assert_int_equal(json_integer_value(json_object_get(body, "b")), 4);
    json_decref(body);
}

TEST(people_see_all_that_is_injected)
{
    json_t *seen = json_pack(
        "{s:{s:s, s:i, s:I}, s:i, s:s, s:i, s:[{s:i, s:s, s:i, s:n, s:s, s:n, s:b, s:I}]}", "clock",
        "mode", "frozen", "rate", 0, "time_ms", (json_int_t)1764000000000, "seed", 7, "preset",
        "thin", "resets", 0, "injections", "id", 3, "kind", "shock", "percent", -8, "account",
        "symbol", "tBTCUSD", "uses", "acts", 1, "until_ms", (json_int_t)1764000060000);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(seen);
    sandbox_print(seen, out);
    fclose(out);
    assert_non_null(strstr(text, "frozen"));
    assert_non_null(strstr(text, "-8 %"));
    assert_non_null(strstr(text, "symbol tBTCUSD"));
    free(text);
    json_decref(seen);
}

TEST_MAIN
