#include "cli/client.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "test.h"

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
