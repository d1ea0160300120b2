#include "client.h"

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
