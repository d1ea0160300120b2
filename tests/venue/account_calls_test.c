#include "client.h"

static size_t rows(uint64_t account, const char *path, const char *body)
{
    json_t *json = call(account, path, body);
    size_t count = json_array_size(json);

    assert_int_equal(told_status, 200);
    json_decref(json);
    return count;
}

TEST(a_new_account_finds_its_starting_balances)
{
    exchange_start(false);
    json_decref(call(2, "auth/r/wallets", ""));
    assert_string_equal(told.at,
                        "[[\"exchange\",\"BTC\",10,0,10,\"Deposit (Bitcoin)\",null],"
                        "[\"exchange\",\"ETH\",100,0,100,\"Deposit (Ethereum)\",null],"
                        "[\"exchange\",\"LTC\",1000,0,1000,\"Deposit (Litecoin)\",null],"
                        "[\"exchange\",\"USD\",1000000,0,1000000,\"Deposit (US Dollar)\",null],"
                        "[\"exchange\",\"UST\",1000000,0,1000000,\"Deposit (Tether USDt)\",null]]");
    assert_int_equal(rows(2, "auth/r/ledgers/hist", "{}"), 5);
}

TEST(a_fill_shows_in_orders_trades_and_ledgers_of_both)
{
    char path[80];
    json_int_t maker = call_limit(2, "-0.5", "10000"), taker = call_limit(3, "0.5", "10001");
    json_t *json = call(3, "auth/r/orders/hist", "{}");
    const json_t *order = json_array_get(json, 0);

    assert_int_equal(json_integer_value(json_array_get(order, 0)), taker);
    assert_string_equal(json_string_value(json_array_get(order, 13)), "EXECUTED @ 10000(0.5)");
    json_decref(json);
    assert_int_equal(rows(2, "auth/r/orders/tBTCUSD/hist", "{}"), 1);
    assert_int_equal(rows(2, "auth/r/orders/tETHUSD/hist", "{}"), 0);
    assert_int_equal(rows(2, "auth/r/trades/hist", "{}"), 1);
    assert_int_equal(rows(2, "auth/r/trades/hist?limit=1&end=1", "{}"), 0);
    assert_int_equal(rows(2, "auth/r/trades/tBTCUSD/hist", "{\"limit\":5,\"sort\":1}"), 1);
    snprintf(path, sizeof path, "auth/r/order/tBTCUSD:%lld/trades", (long long)maker);
    assert_int_equal(rows(2, path, "{}"), 1);
    assert_int_equal(rows(3, path, "{}"), 0);
    call_is(2, "auth/r/order/tBTCUSD:x/trades", "{}", 500, "[\"error\",10020,\"id: invalid\"]");
    call_is(2, "auth/r/order/tBTCUSD/trades", "{}", 500, "[\"error\",10020,\"id: invalid\"]");
    /* Five deposits; the base paid, the quote received, the fee. */
    assert_int_equal(rows(2, "auth/r/ledgers/hist", "{}"), 8);
    assert_int_equal(rows(2, "auth/r/ledgers/USD/hist", "{}"), 3);
    assert_int_equal(rows(2, "auth/r/ledgers/hist", "{\"category\":201}"), 1);
    call_is(2, "auth/r/ledgers/usd/hist", "{}", 500, "[\"error\",10020,\"currency: invalid\"]");
    call_is(2, "auth/r/ledgers/hist", "{\"limit\":2501}", 500,
            "[\"error\",10020,\"limit: invalid\"]");
}

TEST(user_summary_and_permissions_have_their_lengths)
{
    assert_int_equal(rows(2, "auth/r/info/user", "{}"), 55);
    assert_int_equal(rows(2, "auth/r/summary", "{}"), 10);
    json_decref(call(2, "auth/r/permissions", "{}"));
    assert_non_null(strstr(told.at, "[\"account\",0,0]"));
    assert_non_null(strstr(told.at, "[\"orders\",1,1]"));
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
