#include "../test.h"

#include "venue/call.h"

#include "fresh.h"

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

TEST(a_page_is_read_from_its_end_and_keeps_to_its_time)
{
    struct ask_page page = { .start_ms = 10, .end_ms = 20, .newest_first = true };
    struct ring ring;

    ring_init(&ring, fresh_arena(), sizeof(int), 8);
    for (int i = 0; i < 3; i++)
        *(int *)ring_push(&ring) = i;
    assert_int_equal(*(const int *)page_row(&ring, &page, 0), 2);
    assert_int_equal(*(const int *)page_row(&ring, &page, 2), 0);
    page.newest_first = false;
    assert_int_equal(*(const int *)page_row(&ring, &page, 0), 0);
    assert_true(page_has(&page, 10) && page_has(&page, 20));
    assert_false(page_has(&page, 9) || page_has(&page, 21));
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
