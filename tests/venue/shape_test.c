#include "../test.h"

#include <jansson.h>

#include "base/fixed.h"
#include "venue/shape.h"

static struct buffer out;
static struct json_writer w;

static void begin(void)
{
    buffer_wipe(&out);
    w = json_writer_of(&out);
}

static size_t length(void)
{
    json_t *json = json_loads(out.at, 0, NULL);
    size_t size = json_array_size(json);

    assert_true(json_is_array(json));
    json_decref(json);
    return size;
}

static const struct order order = { .id = 5,
                                    .amount = FIXED_ONE,
                                    .amount_orig = 2 * FIXED_ONE,
                                    .price = 10000 * FIXED_ONE,
                                    .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                    .flags = ORDER_POST_ONLY | ORDER_PROTECT_SELFMATCH,
                                    .cid = 7,
                                    .affiliate = "0123456789abcdef" };

TEST(every_array_is_as_long_as_the_strictest_client_wants)
{
    struct own_trade trade = { .side = { .type = ORDER_TYPE_EXCHANGE_LIMIT, .fee = 3 } };
    struct ledger_line line = { .kind = LEDGER_EXCHANGE };
    struct ledger_line none = { 0 };

    begin();
    shape_order(&w, &order);
    assert_int_equal(length(), 32);
    begin();
    shape_trade(&w, &trade);
    assert_int_equal(length(), 12);
    begin();
    shape_ledger(&w, &line);
    assert_int_equal(length(), 9);
    begin();
    shape_wallet(&w, WALLET_EXCHANGE, CURRENCY_USD, FIXED_ONE, FIXED_ONE - 1, &none);
    assert_int_equal(length(), 7);
    assert_string_equal(out.at, "[\"exchange\",\"USD\",1,0,0.99999999,null,null]");
    begin();
    shape_position(&w, &(struct position){ .amount = 1 }, NULL);
    assert_int_equal(length(), 20);
    begin();
    shape_position(&w, &(struct position){ .amount = 1, .order = 9 },
                   &(struct position_worth){ .pl = 7 });
    assert_int_equal(length(), 20);
    begin();
    shape_loan(&w, &(struct loan){ .amount = 1 }, 1);
    assert_int_equal(length(), 21);
    begin();
    shape_credit(&w, &(struct loan){ .amount = 1 }, 1);
    assert_int_equal(length(), 22);
    begin();
    shape_liquidation(&w, &(struct liquidation_row){ .amount = 1 });
    assert_int_equal(length(), 12);
    begin();
    shape_tape(&w, &(struct tape_row){ 1, 2, -FIXED_ONE, 5 });
    assert_string_equal(out.at, "[1,2,-1,5e-8]");
    begin();
    shape_candle(&w, &(struct candle){ .open = 1 });
    assert_int_equal(length(), 6);
    begin();
    shape_notice_open(&w, 1, "on-req");
    json_put_nulls(&w, 1);
    shape_notice_close(&w, "SUCCESS", "text");
    assert_int_equal(length(), 8);
    begin();
    shape_error(&w, 10001, "Order not found.");
    assert_string_equal(out.at, "[\"error\",10001,\"Order not found.\"]");
}

TEST(an_order_shows_only_the_venues_flags)
{
    json_t *json;
    const json_t *meta;

    begin();
    shape_order(&w, &order);
    json = json_loads(out.at, 0, NULL);
    assert_int_equal(json_integer_value(json_array_get(json, 12)), ORDER_POST_ONLY);
    assert_true(json_is_null(json_array_get(json, 1)));
    assert_string_equal(json_string_value(json_array_get(json, 3)), "tBTCUSD");
    assert_string_equal(json_string_value(json_array_get(json, 28)), "API>BFX");
    meta = json_array_get(json, 31);
    assert_int_equal(json_integer_value(json_object_get(meta, "$F7")), 1);
    assert_string_equal(json_string_value(json_object_get(meta, "aff_code")), "0123456789abcdef");
    json_decref(json);
}

/* As in captures of the venue: a whole amount has its ".0" in sentences and texts, not in rows. */
TEST(the_change_of_a_wallet_says_what_was_traded)
{
    struct ledger_line line = { .id = 1,
                                .kind = LEDGER_EXCHANGE,
                                .trade_amount = -2 * FIXED_ONE,
                                .trade_price = 11 * FIXED_ONE + FIXED_ONE / 2,
                                .order = 7,
                                .order_other = 8,
                                .cid = 9 };

    begin();
    shape_wallet_told(&w, WALLET_EXCHANGE, CURRENCY_BTC, FIXED_ONE, &line);
    assert_string_equal(out.at, "[\"exchange\",\"BTC\",1,0,null,"
                                "\"Exchange 2.0 BTC for USD @ 11.5\",{\"reason\":\"TRADE\","
                                "\"order_id\":7,\"order_id_oppo\":8,\"trade_price\":\"11.5\","
                                "\"trade_amount\":\"-2.0\",\"order_cid\":9,\"order_gid\":null}]");
    line.gid = 5;
    begin();
    shape_wallet_told(&w, WALLET_EXCHANGE, CURRENCY_BTC, FIXED_ONE, &line);
    assert_non_null(strstr(out.at, "\"order_gid\":5}"));
    buffer_wipe(&out);
}

TEST(a_fee_is_negative_and_names_its_rate)
{
    struct own_trade trade = { .side = { .type = ORDER_TYPE_EXCHANGE_LIMIT, .fee = FIXED_ONE } };
    struct ledger_line line = { .kind = LEDGER_TRADING_FEE,
                                .trade_amount = -FIXED_ONE,
                                .trade_price = 2 * FIXED_ONE,
                                .fee_ppm = 2000 };

    begin();
    shape_trade(&w, &trade);
    assert_non_null(strstr(out.at, ",-1,-1,\"BTC\",0]")); /* taker, fee */
    begin();
    shape_ledger(&w, &line);
    assert_non_null(
        strstr(out.at, "Trading fees for 1.0 BTC (BTCUSD) @ 2 on BFX (0.2%) on wallet exchange"));
    buffer_wipe(&out);
}

TEST_MAIN
