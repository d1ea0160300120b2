#include "client.h"

/* 2 deals with 3 in contracts; 4 trades coins with 3, so that there is an index. */
enum { TRADER = 2, MAKER = 3, OTHER = 4 };

static void fund(uint64_t account, int amount)
{
    char body[160];

    snprintf(body, sizeof body,
             "{\"from\":\"exchange\",\"to\":\"margin\",\"currency\":\"UST\","
             "\"currency_to\":\"USTF0\",\"amount\":\"%d\"}",
             amount);
    json_decref(call(account, "auth/w/transfer", body));
    assert_int_equal(told_status, 200);
}

static json_int_t order(uint64_t account, const char *symbol, const char *type, const char *amount,
                        const char *price, int leverage)
{
    char body[200];
    json_t *json;
    json_int_t id;

    snprintf(body, sizeof body,
             "{\"type\":\"%s\",\"symbol\":\"%s\",\"amount\":\"%s\",\"price\":\"%s\",\"lev\":%d}",
             type, symbol, amount, price, leverage);
    json = call(account, "auth/w/order/submit", body);
    assert_int_equal(told_status, 200);
    id = json_integer_value(json_array_get(json_array_get(json_array_get(json, 4), 0), 0));
    json_decref(json);
    return id;
}

TEST(money_becomes_that_for_contracts_on_its_way)
{
    json_t *json;

    exchange_start(false);
    fund(TRADER, 2000);
    json = call(TRADER, "auth/w/transfer",
                "{\"from\":\"exchange\",\"to\":\"margin\",\"currency\":\"UST\","
                "\"currency_to\":\"USTF0\",\"amount\":\"1000\"}");
    assert_string_equal(json_string_value(json_array_get(json_array_get(json, 4), 4)), "UST");
    assert_string_equal(json_string_value(json_array_get(json_array_get(json, 4), 5)), "USTF0");
    json_decref(json);
    json = call(TRADER, "auth/r/ledgers/USTF0/hist", "{}");
    assert_int_equal(json_array_size(json), 2);
    assert_string_equal(json_string_value(json_array_get(json_array_get(json, 0), 8)),
                        "Transfer of 1000 UST from wallet Exchange to Margin as USTF0 on wallet "
                        "margin");
    json_decref(json);
    call_is(TRADER, "auth/calc/order/avail",
            "{\"symbol\":\"tBTCF0:USTF0\",\"type\":\"DERIV\",\"dir\":1,\"rate\":\"20000\","
            "\"lev\":20}",
            200, "[3]");
    call_is(TRADER, "auth/calc/order/avail",
            "{\"symbol\":\"tBTCF0:USTF0\",\"type\":\"DERIV\",\"dir\":1,\"rate\":\"20000\","
            "\"lev\":101}",
            500, "[\"error\",10001,\"lev: invalid\"]");
}

TEST(an_order_for_contracts_carries_its_leverage)
{
    json_t *json, *orders;
    const json_t *meta;
    char body[100];
    json_int_t id;

    fund(MAKER, 5000);
    fund(OTHER, 5000);
    order(MAKER, "tBTCUST", "EXCHANGE LIMIT", "-0.01", "20000", 0);
    order(OTHER, "tBTCUST", "EXCHANGE LIMIT", "0.01", "20000", 0);
    id = order(MAKER, "tBTCF0:USTF0", "LIMIT", "-0.5", "20000", 50);
    orders = call(MAKER, "auth/r/orders/tBTCF0:USTF0", "{}");
    meta = json_array_get(json_array_get(orders, 0), 31);
    assert_int_equal(json_integer_value(json_object_get(meta, "lev")), 50);
    assert_int_equal(json_integer_value(json_object_get(meta, "$F33")), 50);
    json_decref(orders);
    snprintf(body, sizeof body, "{\"id\":%lld,\"lev\":20}", (long long)id);
    json = call(MAKER, "auth/w/order/update", body);
    assert_int_equal(told_status, 200);
    meta = json_array_get(json_array_get(json, 4), 31);
    assert_int_equal(json_integer_value(json_object_get(meta, "lev")), 20);
    json_decref(json);
    call_is(MAKER, "auth/w/order/submit",
            "{\"type\":\"EXCHANGE LIMIT\",\"symbol\":\"tBTCF0:USTF0\",\"amount\":\"1\","
            "\"price\":\"1\"}",
            500, "[\"error\",10001,\"type: invalid\"]");
    order(TRADER, "tBTCF0:USTF0", "MARKET", "0.5", "0", 10);
}

TEST(a_position_in_contracts_tells_its_collateral)
{
    json_t *positions = call(TRADER, "auth/r/positions", "{}");
    const json_t *p = json_array_get(positions, 0);

    assert_int_equal(json_array_size(p), 20);
    assert_string_equal(json_string_value(json_array_get(p, 0)), "tBTCF0:USTF0");
    assert_float_equal(json_number_value(json_array_get(p, 2)), 0.5, 0);
    assert_int_equal(json_integer_value(json_array_get(p, 3)), 20000);
    assert_int_equal(json_integer_value(json_array_get(p, 6)), 0);
    assert_true(json_number_value(json_array_get(p, 8)) > 18000);
    assert_int_equal(json_integer_value(json_array_get(p, 9)), 10);
    assert_int_equal(json_integer_value(json_array_get(p, 15)), 1);
    assert_int_equal(json_integer_value(json_array_get(p, 17)), 1000);
    assert_int_equal(json_integer_value(json_array_get(p, 18)), 100);
    json_decref(positions);
    call_is(TRADER, "auth/r/info/margin/base", "{}", 200, "[\"base\",[0,0,0,0,0]]");
}

TEST(collateral_is_set_within_its_limits)
{
    /* 3000 and a fee of 6.5. */
    call_is(TRADER, "auth/calc/deriv/collateral/limits", "{\"symbol\":\"tBTCF0:USTF0\"}", 200,
            "[100,2993.5]");
    call_is(TRADER, "auth/calc/deriv/collateral/limit", "{\"symbol\":\"tBTCF0:USTF0\"}", 200,
            "[100,2993.5]");
    call_is(TRADER, "auth/w/deriv/collateral/limits", "{\"symbol\":\"tBTCF0:USTF0\"}", 200,
            "[100,2993.5]");
    call_is(TRADER, "auth/w/deriv/collateral/set",
            "{\"symbol\":\"tBTCF0:USTF0\",\"collateral\":1500}", 200, "[[1]]");
    call_is(TRADER, "auth/r/deriv/collateral/set",
            "{\"symbol\":\"tBTCF0:USTF0\",\"collateral\":\"2000\"}", 200, "[[1]]");
    call_is(TRADER, "auth/w/deriv/collateral/set",
            "{\"symbol\":\"tBTCF0:USTF0\",\"collateral\":99}", 500,
            "[\"error\",110202,\"collateral: market risk\"]");
    call_is(TRADER, "auth/w/deriv/collateral/set",
            "{\"symbol\":\"tBTCF0:USTF0\",\"collateral\":3000}", 500,
            "[\"error\",10001,\"not enough available balance\"]");
    call_is(TRADER, "auth/w/deriv/collateral/set", "{\"symbol\":\"tBTCF0:USTF0\"}", 500,
            "[\"error\",10020,\"collateral: invalid\"]");
    call_is(TRADER, "auth/w/deriv/collateral/set", "{\"symbol\":\"tBTCUSD\",\"collateral\":1}", 500,
            "[\"error\",10020,\"symbol: invalid\"]");
    call_is(OTHER, "auth/w/deriv/collateral/set", "{\"symbol\":\"tBTCF0:USTF0\",\"collateral\":1}",
            500, "[\"error\",10001,\"position: not found\"]");
}

TEST(what_backs_it_cannot_leave)
{
    json_t *wallets = call(TRADER, "auth/r/wallets", "{}");
    bool found = false;
    size_t i;
    json_t *row;

    json_array_foreach(wallets, i, row)
    {
        if (strcmp(json_string_value(json_array_get(row, 1)), "USTF0") != 0)
            continue;
        found = true;
        assert_string_equal(json_string_value(json_array_get(row, 0)), "margin");
        assert_float_equal(json_number_value(json_array_get(row, 2)), 2993.5, 0);
        assert_float_equal(json_number_value(json_array_get(row, 4)), 993.5, 0);
    }
    assert_true(found);
    json_decref(wallets);
    call_is(TRADER, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"exchange\",\"currency\":\"USTF0\","
            "\"currency_to\":\"UST\",\"amount\":\"994\"}",
            500,
            "[\"error\",10001,\"Cannot transfer 994.0 USTF0 from your margin wallet. The "
            "available balance is only 993.5 USTF0. If you have limit orders, open positions, "
            "unused or active margin funding, this will decrease your available balance.\"]");
}

TEST(everybody_may_know_the_status)
{
    json_t *json = call(0, "status/deriv?keys=tBTCF0%3AUSTF0", NULL);
    const json_t *row = json_array_get(json, 0);

    assert_int_equal(json_array_size(json), 1);
    assert_int_equal(json_array_size(row), 24);
    assert_string_equal(json_string_value(json_array_get(row, 0)), "tBTCF0:USTF0");
    assert_int_equal(json_integer_value(json_array_get(row, 3)), 20000);
    assert_int_equal(json_integer_value(json_array_get(row, 4)), 20000);
    assert_int_equal(json_integer_value(json_array_get(row, 15)), 20000);
    assert_float_equal(json_number_value(json_array_get(row, 18)), 0.5, 0);
    assert_float_equal(json_number_value(json_array_get(row, 22)), 0.0005, 0);
    assert_float_equal(json_number_value(json_array_get(row, 23)), 0.0025, 0);
    json_decref(json);
    exchange_stop();
}

TEST_MAIN
