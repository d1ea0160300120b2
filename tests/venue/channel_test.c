#include "listener.h"

#define BOOK(symbol, more) \
    "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"" symbol "\"" more "}"

static int fd;

/* The next message is about this channel, and this is what stands behind its number. */
static void says(unsigned channel, const char *inner)
{
    char text[512];

    snprintf(text, sizeof text, "[%u,%s]", channel, inner);
    listener_hears(fd, text);
}

static void cancel(json_int_t id)
{
    char body[64];

    snprintf(body, sizeof body, "{\"id\":%lld}", (long long)id);
    json_decref(call(2, "auth/w/order/cancel", body));
    assert_int_equal(told_status, 200);
}

TEST(a_book_is_told_change_by_change)
{
    json_int_t first, second;
    unsigned book;

    listener_exchange_start();
    fd = listener_open();
    book = listener_join(fd, BOOK("tBTCUSD", ""));
    says(book, "[]");
    first = call_limit(2, "1", "100");
    says(book, "[100,1,1]");
    second = call_limit(2, "0.5", "100");
    says(book, "[100,2,1.5]");
    cancel(first);
    says(book, "[100,1,0.5]");
    cancel(second);
    says(book, "[100,0,1]");
    first = call_limit(2, "-1", "110");
    says(book, "[110,1,-1]");
    cancel(first);
    says(book, "[110,0,-1]");
    close(fd);
}

TEST(a_window_follows_the_best_prices)
{
    json_int_t better;
    unsigned book;

    call_limit(2, "1", "100");
    fd = listener_open();
    book = listener_join(fd, BOOK("tBTCUSD", ",\"len\":\"1\""));
    says(book, "[[100,1,1]]");
    call_limit(2, "1", "99"); /* outside: nobody hears of it */
    better = call_limit(2, "2", "101");
    says(book, "[100,0,1]");
    says(book, "[101,1,2]");
    cancel(better);
    says(book, "[101,0,1]");
    says(book, "[100,1,1]");
    close(fd);
}

TEST(raw_books_name_orders)
{
    char text[128];
    json_int_t id;
    unsigned book;

    fd = listener_open();
    book = listener_join(fd, BOOK("tBTCUSD", ",\"prec\":\"R0\",\"len\":\"1\""));
    listener_hear(fd);
    id = call_limit(2, "-0.25", "120");
    snprintf(text, sizeof text, "[%lld,120,-0.25]", (long long)id);
    says(book, text);
    cancel(id);
    snprintf(text, sizeof text, "[%lld,0,-1]", (long long)id);
    says(book, text);
    close(fd);
}

TEST(prices_are_put_together_away_from_the_other_side)
{
    unsigned book;
    json_int_t id;

    fd = listener_open();
    book = listener_join(fd, BOOK("tBTCUSD", ",\"prec\":\"P4\""));
    says(book, "[[100,1,1],[90,1,1]]");
    id = call_limit(2, "-1", "123.45");
    says(book, "[200,1,-1]");
    cancel(id);
    says(book, "[200,0,-1]");
    close(fd);
}

/* zlib's CRC-32 of "100:1:99:1", and of that with "110:-1" behind the first bid. */
TEST(a_checksum_follows_each_change_and_is_of_the_state_that_was_told)
{
    json_int_t id;
    unsigned book;

    fd = listener_open();
    listener_say(fd, "{\"event\":\"conf\",\"flags\":131072}");
    listener_hear(fd);
    book = listener_join(fd, BOOK("tBTCUSD", ""));
    says(book, "[[100,1,1],[99,1,1]]");
    says(book, "\"cs\",890055579");
    id = call_limit(2, "-1", "110");
    says(book, "[110,1,-1]");
    says(book, "\"cs\",466511890");
    cancel(id);
    says(book, "[110,0,-1]");
    says(book, "\"cs\",890055579");
    close(fd);
}

TEST(who_wants_changes_together_gets_them_so_and_the_others_do_not)
{
    int other;
    unsigned book;

    other = fd = listener_open();
    book = listener_join(other, BOOK("tBTCUSD", ""));
    listener_hear(other);
    fd = listener_open();
    listener_say(fd, "{\"event\":\"conf\",\"flags\":536870912}");
    listener_hear(fd);
    assert_int_equal(listener_join(fd, BOOK("tBTCUSD", "")), book);
    says(book, "[[100,1,1],[99,1,1]]");
    call_limit(3, "-1.5", "99");
    /* Taker against both levels: one goes, the other shrinks. */
    says(book, "[[100,0,1],[99,1,0.5]]");
    close(fd);
    fd = other;
    says(book, "[100,0,1]");
    says(book, "[99,1,0.5]");
    close(fd);
}

TEST(hidden_orders_are_not_told)
{
    unsigned book;

    fd = listener_open();
    book = listener_join(fd, BOOK("tBTCUSD", ""));
    says(book, "[[99,1,0.5]]");
    json_decref(call(2, "auth/w/order/submit",
                     "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"-1\","
                     "\"price\":\"105\",\"flags\":64}"));
    assert_int_equal(told_status, 200);
    call_limit(2, "-1", "106");
    says(book, "[106,1,-1]");
    close(fd);
}

TEST(trades_are_told_twice_and_stand_in_the_snapshot_newest_first)
{
    unsigned long long ids[2], times[2];
    unsigned trades;
    char text[256];

    fd = listener_open();
    trades = listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":"
                               "\"tBTCUSD\"}");
    assert_int_equal(sscanf(listener_hear(fd), "[%*u,[[%llu,%llu,-0.5,99],[%llu,%llu,-1,100]]]",
                            &ids[0], &times[0], &ids[1], &times[1]),
                     4);
    assert_true(ids[0] > ids[1]);
    call_limit(3, "0.25", "106"); /* against the hidden order, at its price */
    assert_int_equal(sscanf(listener_hear(fd), "[%*u,\"te\",[%llu,%llu,0.25,105]]", &ids[0],
                            &times[0]),
                     2);
    snprintf(text, sizeof text, "\"tu\",[%llu,%llu,0.25,105]", ids[0], times[0]);
    says(trades, text);
    close(fd);
}

TEST(a_candle_is_told_when_it_has_changed)
{
    unsigned long long start;
    unsigned candles;

    fd = listener_open();
    candles = listener_join(
        fd, "{\"event\":\"subscribe\",\"channel\":\"candles\",\"key\":\"trade:1D:tBTCUSD\"}");
    assert_int_equal(sscanf(listener_hear(fd), "[%*u,[[%llu,100,105,105,99,1.75]]]", &start), 1);
    call_limit(3, "0.25", "106");
    assert_int_equal(sscanf(listener_hear(fd), "[%*u,[%llu,100,105,105,99,2]]", &start), 1);
    assert_true(candles > 0);
    close(fd);
}

TEST(a_ticker_is_told_when_a_field_has_changed)
{
    unsigned ticker;

    fd = listener_open();
    ticker = listener_join(
        fd, "{\"event\":\"subscribe\",\"channel\":\"ticker\",\"symbol\":\"tBTCUSD\"}");
    says(ticker, "[99,0.5,106,1,5,0.05,105,2,105,99]");
    call_limit(2, "1", "98");
    says(ticker, "[99,1.5,106,1,5,0.05,105,2,105,99]");
    close(fd);
}

/* The second change waits for the next moment at which the channel may speak, and is not lost. */
TEST(a_slow_book_tells_what_has_become_of_several_changes)
{
    json_int_t id;
    unsigned book;

    fd = listener_open();
    book = listener_join(fd, BOOK("tBTCUSD", ",\"freq\":\"F1\",\"len\":\"1\""));
    says(book, "[[99,1,0.5],[106,1,-1]]");
    call_limit(2, "1", "100");
    says(book, "[99,0,1]");
    says(book, "[100,1,1]");
    id = call_limit(2, "1", "101");
    cancel(id);
    call_limit(2, "1", "102");
    says(book, "[100,0,1]");
    says(book, "[102,1,1]");
    close(fd);
}

TEST(the_end)
{
    listener_exchange_end();
}

TEST_MAIN
