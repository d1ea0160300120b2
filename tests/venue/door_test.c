#include "client.h"

#include "gate/route.h"

TEST(what_is_not_served_says_so)
{
    exchange_start(false);
    call_is(0, "nope", NULL, 404,
            "{\"error\":\"not_served\",\"message\":\"GET /v2/nope is not served by this "
            "exchange\"}");
    call_is(2, "platform/status", "{}", 405,
            "{\"error\":\"method_not_allowed\",\"message\":\"POST is not the method of "
            "/v2/platform/status\"}");
}

static const struct {
    const char *method, *path;
} served[] = {
#define ROUTE(method, path, function) { method, path },
#include "venue/route.def"
#undef ROUTE
};

/* A request that the gate does not know never comes here, and what needs a scope must ask for it
 * there. */
TEST(every_path_that_is_served_has_its_row_at_the_gate)
{
    for (size_t i = 0; i < sizeof served / sizeof *served; i++) {
        enum http_method method = http_method_find(slice_of(served[i].method));
        const struct route *route;
        char path[128];
        size_t size = 0;

        if (strncmp(served[i].path, "/v2/", 4) != 0)
            continue; /* for who runs it, past the gateway */
        for (const char *at = served[i].path; *at != '\0'; at++) {
            path[size++] = *at == '{' ? 'x' : *at;
            if (*at == '{')
                at += strcspn(at, "}");
        }
        route = route_find(route_table_venue(), method, (struct slice){ path, size });
        if (route == NULL)
            fail_msg("the gate does not know %s %s", served[i].method, served[i].path);
        else if (strstr(served[i].path, "/auth/") != NULL && route->class != ROUTE_PRIVATE)
            fail_msg("the gate lets everybody to %s", served[i].path);
    }
}

TEST(an_account_is_needed_and_must_be_a_persons)
{
    call_is(0, "auth/r/wallets", "{}", 500, "[\"error\",10100,\"apikey: invalid\"]");
    call_is(1000000000, "auth/r/wallets", "{}", 500, "[\"error\",10100,\"apikey: invalid\"]");
}

TEST(a_second_exchange_on_the_same_folder_is_refused)
{
    char socket[64];
    struct serve_options options = { .environment = ENVIRONMENT_SANDBOX,
                                     .folder = exchange.folder,
                                     .socket = socket };

    snprintf(socket, sizeof socket, "%s/other", exchange.folder);
    assert_int_equal(exchange_serve(&options, -1), ERR_DENIED);
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
