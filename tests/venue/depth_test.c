#include "../exchange/floor.h"

#include <jansson.h>

#include "venue/depth.h"

#include "fresh.h"

static struct floor desk;
static struct candles candles;
static struct buffer out;

static void open_book(void)
{
    static const int64_t amounts[] = { UNIT, 2 * UNIT, UNIT, -UNIT, -UNIT, -3 * UNIT };
    static const int64_t prices[] = { 10001, 10009, 9999, 10012, 10018, 10021 };

    floor_open(&desk, (struct engine_limits){ .orders = 64, .accounts = 8 });
    floor_credit(&desk, 1, CURRENCY_USD, 1000000 * UNIT);
    floor_credit(&desk, 1, CURRENCY_BTC, 100 * UNIT);
    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++)
        assert_int_not_equal(floor_limit(&desk, 1, amounts[i], prices[i] * UNIT), 0);
    floor_submit(&desk, (struct command){ .account = 1,
                                          .amount = 9 * UNIT,
                                          .price = 10010 * UNIT,
                                          .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                          .flags = ORDER_HIDDEN });
}

static const char *book(enum depth_precision precision, unsigned length)
{
    struct json_writer w = json_writer_of(&out);

    buffer_wipe(&out);
    depth_book(&w, desk.engine, MARKET_BTCUSD, precision, length);
    return out.at;
}

TEST(bids_come_first_and_are_rounded_away_from_the_asks)
{
    open_book();
    assert_string_equal(book(DEPTH_P0, 25), "[[10009,1,2],[10001,1,1],[9999,1,1],[10012,1,-1],"
                                            "[10018,1,-1],[10021,1,-3]]");
    assert_string_equal(book(DEPTH_P1, 25), "[[10000,2,3],[9999,1,1],[10020,2,-2],[10030,1,-3]]");
    assert_string_equal(book(DEPTH_P4, 25), "[[10000,2,3],[9000,1,1],[20000,3,-5]]");
    assert_string_equal(book(DEPTH_P0, 1), "[[10009,1,2],[10012,1,-1]]");
}

TEST(raw_books_show_orders_but_no_hidden_ones)
{
    json_t *json = json_loads(book(DEPTH_R0, 2), 0, NULL);

    assert_int_equal(json_array_size(json), 4);
    assert_int_equal(json_integer_value(json_array_get(json_array_get(json, 0), 1)), 10009);
    assert_int_equal(json_integer_value(json_array_get(json_array_get(json, 2), 2)), -1);
    json_decref(json);
}

TEST(a_ticker_has_ten_elements_and_eleven_in_a_list)
{
    struct trade trade = { .time_ms = 1000, .price = 10000 * UNIT, .amount = UNIT };
    struct json_writer w = json_writer_of(&out);

    candles_init(&candles, fresh_arena());
    candles_take(&candles, &trade);
    trade.price = 10500 * UNIT;
    trade.time_ms += 60000;
    candles_take(&candles, &trade);
    buffer_wipe(&out);
    depth_ticker(&w, desk.engine, &candles, MARKET_BTCUSD, 100000, false);
    assert_string_equal(out.at, "[10009,4,10012,5,500,0.05,10500,2,10500,10000]");
    buffer_wipe(&out);
    w = json_writer_of(&out);
    depth_ticker(&w, desk.engine, &candles, MARKET_ETHUSD, 100000, true);
    assert_string_equal(out.at, "[\"tETHUSD\",0,0,0,0,0,0,0,0,0,0]");
    buffer_wipe(&out);
    floor_close(&desk);
}

TEST_MAIN
