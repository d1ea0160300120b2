#include "../test.h"

#include "venue/call.h"

static struct http_reply reply;

static struct call begin(void)
{
    http_reply_wipe(&reply);
    buffer_append(&reply.body, SLICE("[half"));
    return (struct call){ .reply = &reply, .w = json_writer_of(&reply.body) };
}

TEST(a_failure_replaces_what_was_written)
{
    struct call call = begin();

    call_fail(&call, CALL_GENERIC, "Order not found.");
    assert_int_equal(reply.status, 500);
    assert_string_equal(reply.body.at, "[\"error\",10001,\"Order not found.\"]");
    call = begin();
    call_fail_disk(&call);
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr(reply.body.at, "\"message\":\"temporarily_unavailable\""));
}

TEST(unknown_symbols_and_bad_pages_fail_the_call)
{
    struct call call = begin();
    json_t *body = json_pack("{s:i}", "limit", 0);
    struct ask_page page;
    enum market market;

    assert_false(call_market(&call, SLICE("btcusd"), &market));
    assert_string_equal(reply.body.at, "[\"error\",10020,\"symbol: invalid\"]");
    call = begin();
    assert_true(call_market(&call, SLICE("tETHBTC"), &market));
    assert_int_equal(market, MARKET_ETHBTC);
    call.ask.body = body;
    assert_false(call_page(&call, 25, 2500, &page));
    assert_string_equal(reply.body.at, "[\"error\",10020,\"limit: invalid\"]");
    json_decref(body);
    http_reply_wipe(&reply);
}

TEST_MAIN
