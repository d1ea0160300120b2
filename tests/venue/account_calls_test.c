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

/* Elements [index] of the rows, parted by commas. */
static const char *column(uint64_t account, const char *path, const char *body, size_t index)
{
    static struct buffer text;
    json_t *json = call(account, path, body), *row;
    size_t i;

    assert_int_equal(told_status, 200);
    buffer_wipe(&text);
    buffer_append(&text, SLICE(""));
    json_array_foreach(json, i, row)
    {
        buffer_printf(&text, "%s%lld", i == 0 ? "" : ",",
                      (long long)json_integer_value(json_array_get(row, index)));
    }
    json_decref(json);
    return text.at == NULL ? "" : text.at;
}

TEST(pages_begin_and_end_where_they_say)
{
    json_int_t ids[3], times[3];
    char body[128], wanted[128];

    for (unsigned i = 0; i < 3; i++) {
        json_t *json;

        ids[i] = call_limit(6, "0.1", "100");
        snprintf(body, sizeof body, "{\"id\":%lld}", (long long)ids[i]);
        json_decref(call(6, "auth/w/order/cancel", body));
        json = call(6, "auth/r/orders/hist", body);
        times[i] = json_integer_value(json_array_get(json_array_get(json, 0), 4));
        json_decref(json);
        poll(NULL, 0, 2); /* the next one has another millisecond */
    }
    snprintf(wanted, sizeof wanted, "%lld,%lld,%lld", (long long)ids[2], (long long)ids[1],
             (long long)ids[0]);
    assert_string_equal(column(6, "auth/r/orders/hist", "{}", 0), wanted);
    snprintf(wanted, sizeof wanted, "%lld,%lld", (long long)ids[2], (long long)ids[1]);
    assert_string_equal(column(6, "auth/r/orders/hist", "{\"limit\":2}", 0), wanted);
    /* Both ends are within; what stands in the query counts where the body says nothing. */
    snprintf(body, sizeof body, "{\"start\":%lld,\"end\":%lld}", (long long)times[1],
             (long long)times[2]);
    assert_string_equal(column(6, "auth/r/orders/hist", body, 0), wanted);
    snprintf(body, sizeof body, "auth/r/orders/tBTCUSD/hist?end=%lld&sort=1", (long long)times[1]);
    snprintf(wanted, sizeof wanted, "%lld,%lld", (long long)ids[0], (long long)ids[1]);
    assert_string_equal(column(6, body, "{}", 0), wanted);
    snprintf(body, sizeof body, "{\"id\":[%lld,%lld]}", (long long)ids[0], (long long)ids[1]);
    snprintf(wanted, sizeof wanted, "%lld,%lld", (long long)ids[1], (long long)ids[0]);
    assert_string_equal(column(6, "auth/r/orders/hist", body, 0), wanted);
    call_is(6, "auth/r/orders/hist", "{\"start\":2,\"end\":1}", 500,
            "[\"error\",10020,\"time_interval: invalid\"]");
    call_is(6, "auth/r/orders/hist", "{\"sort\":2}", 500, "[\"error\",10020,\"sort: invalid\"]");
    call_is(6, "auth/r/orders/hist", "{\"limit\":0}", 500, "[\"error\",10020,\"limit: invalid\"]");
    call_is(6, "auth/r/orders/hist", "{\"start\":\"x\"}", 500,
            "[\"error\",10020,\"start: invalid\"]");
}

TEST(trades_are_summed_up_by_side)
{
    json_t *json = call(3, "auth/r/trades/calc", "{\"symbol\":\"tBTCUSD\"}");

    assert_int_equal(json_array_size(json), 12);
    assert_memory_equal(told.at, "[1,5000,0.5,null,0,0,null,10000,0,null,",
                        strlen("[1,5000,0.5,null,0,0,null,10000,0,null,"));
    json_decref(json);
    call_is(2, "auth/r/trades/calc", "{\"symbol\":\"tETHUSD\"}", 200,
            "[0,0,0,null,0,0,null,0,0,null,0,0]");
    call_is(2, "auth/r/trades/calc", "{}", 500, "[\"error\",10020,\"symbol: invalid\"]");
}

TEST(wallets_of_the_past_are_those_of_their_ledgers)
{
    json_t *json = call(3, "auth/r/wallets/hist", "{\"currency\":\"USD\"}");

    assert_int_equal(json_array_size(json), 1);
    assert_int_equal(json_array_size(json_array_get(json, 0)), 7);
    assert_int_equal(json_integer_value(json_array_get(json_array_get(json, 0), 2)), 995000);
    json_decref(json);
    assert_int_equal(rows(3, "auth/r/wallets/hist", "{}"), 5);
    call_is(3, "auth/r/wallets/hist", "{\"end\":1}", 200, "[]");
    call_is(3, "auth/r/wallets/hist", "{\"currency\":\"usd\"}", 500,
            "[\"error\",10020,\"currency: invalid\"]");
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
