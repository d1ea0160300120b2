#include "client.h"

/* 2 trades on margin with 3, who trades on the exchange wallet; 4 lends. */
enum { TRADER = 2, MAKER = 3, LENDER = 4 };

static void transfer(uint64_t account, const char *to, const char *currency, int amount)
{
    char body[160];

    snprintf(body, sizeof body,
             "{\"from\":\"exchange\",\"to\":\"%s\",\"currency\":\"%s\",\"amount\":\"%d\"}", to,
             currency, amount);
    json_decref(call(account, "auth/w/transfer", body));
    assert_int_equal(told_status, 200);
}

static void order(uint64_t account, const char *type, const char *amount, const char *price)
{
    char body[200];

    snprintf(body, sizeof body,
             "{\"type\":\"%s\",\"symbol\":\"tBTCUSD\",\"amount\":\"%s\",\"price\":\"%s\"}", type,
             amount, price);
    json_decref(call(account, "auth/w/order/submit", body));
    assert_int_equal(told_status, 200);
}

static json_int_t position_id;

TEST(an_order_on_margin_opens_a_position)
{
    json_t *positions;
    const json_t *p;

    exchange_start(false);
    transfer(TRADER, "margin", "USD", 1000);
    transfer(LENDER, "funding", "USD", 9000);
    json_decref(call(LENDER, "auth/w/funding/offer/submit",
                     "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"9000\","
                     "\"rate\":\"0.0002\",\"period\":30}"));
    call_is(TRADER, "auth/r/positions", "{}", 200, "[]");
    call_is(TRADER, "auth/w/order/submit",
            "{\"type\":\"LIMIT\",\"symbol\":\"tBTCUSD\",\"amount\":\"0.1\",\"price\":\"20000\"}",
            500,
            "[\"error\",10001,\"Invalid order: not enough tradable balance for 0.1 BTCUSD at "
            "20000\"]"); /* nobody has traded, so nothing has a price */
    order(MAKER, "EXCHANGE LIMIT", "-0.01", "20000");
    order(LENDER, "EXCHANGE LIMIT", "0.01", "20000");
    order(MAKER, "EXCHANGE LIMIT", "-0.1", "20000");
    order(TRADER, "MARKET", "0.1", "0");
    positions = call(TRADER, "auth/r/positions", "{}");
    assert_int_equal(json_array_size(positions), 1);
    p = json_array_get(positions, 0);
    assert_int_equal(json_array_size(p), 20);
    assert_string_equal(json_string_value(json_array_get(p, 0)), "tBTCUSD");
    assert_string_equal(json_string_value(json_array_get(p, 1)), "ACTIVE");
    assert_float_equal(json_number_value(json_array_get(p, 2)), 0.1, 0);
    assert_int_equal(json_integer_value(json_array_get(p, 3)), 20000);
    assert_int_equal(json_integer_value(json_array_get(p, 6)), 0);
    assert_true(json_number_value(json_array_get(p, 8)) > 10000);
    position_id = json_integer_value(json_array_get(p, 11));
    assert_string_equal(json_string_value(json_object_get(json_array_get(p, 19), "reason")),
                        "TRADE");
    json_decref(positions);
}

TEST(what_backs_it_is_told_and_cannot_be_taken_away)
{
    call_is(TRADER, "auth/r/info/margin/base", "{}", 200, "[\"base\",[0,0,996,996,100]]");
    call_is(TRADER, "auth/r/info/margin/tBTCUSD", "{}", 200,
            "[\"sym\",\"tBTCUSD\",[7960,9960,0.398,0.598,null,null,null,null]]");
    call_is(TRADER, "auth/calc/order/avail",
            "{\"symbol\":\"tBTCUSD\",\"type\":\"MARGIN\",\"dir\":1}", 200, "[0.398]");
    call_is(TRADER, "auth/w/transfer",
            "{\"from\":\"margin\",\"to\":\"exchange\",\"currency\":\"USD\",\"amount\":\"900\"}",
            500,
            "[\"error\",10001,\"Cannot transfer 900.0 USD from your margin wallet. "
            "The available balance is only 796.0 USD. If you have limit orders, open positions, "
            "unused or active margin funding, this will decrease your available balance.\"]");
}

TEST(both_see_the_credit_and_neither_sees_a_loan)
{
    const uint64_t both[] = { TRADER, LENDER };

    for (unsigned i = 0; i < 2; i++) {
        json_t *credits = call(both[i], "auth/r/funding/credits/fUSD", "{}");
        const json_t *c = json_array_get(credits, 0);

        assert_int_equal(json_array_size(credits), 1);
        assert_int_equal(json_array_size(c), 22);
        assert_int_equal(json_integer_value(json_array_get(c, 2)), both[i] == LENDER ? 1 : -1);
        assert_int_equal(json_integer_value(json_array_get(c, 5)), 2000);
        assert_string_equal(json_string_value(json_array_get(c, 21)), "tBTCUSD");
        json_decref(credits);
        call_is(both[i], "auth/r/funding/loans", "{}", 200, "[]");
    }
}

TEST(both_outlive_a_crash)
{
    static const size_t lasting[] = { 0, 1, 2, 3, 11, 12, 13 };
    json_t *before = call(TRADER, "auth/r/positions", "{}"), *after;

    exchange_kill();
    exchange_start(false);
    after = call(TRADER, "auth/r/positions", "{}");
    for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
        assert_true(json_equal(json_array_get(json_array_get(before, 0), lasting[i]),
                               json_array_get(json_array_get(after, 0), lasting[i])));
    json_decref(before);
    json_decref(after);
    after = call(LENDER, "auth/r/funding/credits", "{}");
    assert_int_equal(json_array_size(after), 1);
    json_decref(after);
}

TEST(it_can_be_claimed_increased_and_asked_about)
{
    char body[80];
    json_t *answer;

    call_is(TRADER, "auth/w/position/claim", "{\"id\":1}", 500,
            "[\"error\",10001,\"position: not found\"]");
    snprintf(body, sizeof body, "{\"id\":%lld,\"amount\":\"0.04\"}", (long long)position_id);
    answer = call(TRADER, "auth/w/position/claim", body);
    assert_int_equal(told_status, 200);
    assert_string_equal(json_string_value(json_array_get(answer, 1)), "pm-req");
    assert_int_equal(json_array_size(json_array_get(answer, 4)), 20);
    json_decref(answer);
    answer =
        call(TRADER, "auth/w/position/increase", "{\"symbol\":\"tBTCUSD\",\"amount\":\"0.02\"}");
    assert_int_equal(told_status, 200);
    assert_string_equal(json_string_value(json_array_get(answer, 1)), "pmi-req");
    assert_float_equal(json_number_value(json_array_get(json_array_get(answer, 4), 2)), 0.08, 1e-9);
    json_decref(answer);
    answer = call(TRADER, "auth/r/position/increase/info",
                  "{\"symbol\":\"tBTCUSD\",\"amount\":\"0.02\"}");
    assert_int_equal(json_array_size(answer), 6);
    assert_int_equal(json_array_size(json_array_get(json_array_get(answer, 1), 1)), 8);
    json_decref(answer);
    answer =
        call(TRADER, "auth/w/position/update/funding/type", "{\"symbol\":\"tBTCUSD\",\"type\":1}");
    assert_int_equal(told_status, 200);
    assert_string_equal(json_string_value(json_array_get(answer, 1)), "puft-req");
    json_decref(answer);
}

static size_t rows_of(const char *path, const char *body)
{
    json_t *rows = call(TRADER, path, body);
    size_t count = json_array_size(rows);

    assert_int_equal(told_status, 200);
    json_decref(rows);
    return count;
}

TEST(a_closed_one_is_history)
{
    char body[80];
    json_t *hist;

    order(MAKER, "EXCHANGE LIMIT", "0.5", "19000");
    assert_int_equal(rows_of("auth/r/positions/hist", "{}"), 0);
    json_decref(call(TRADER, "auth/w/order/submit",
                     "{\"type\":\"MARKET\",\"symbol\":\"tBTCUSD\",\"flags\":512}"));
    assert_int_equal(told_status, 200);
    call_is(TRADER, "auth/r/positions", "{}", 200, "[]");
    hist = call(TRADER, "auth/r/positions/hist", "{}");
    assert_int_equal(json_array_size(hist), 1);
    assert_string_equal(json_string_value(json_array_get(json_array_get(hist, 0), 1)), "CLOSED");
    assert_true(json_is_null(json_array_get(json_array_get(hist, 0), 6)));
    json_decref(hist);
    snprintf(body, sizeof body, "{\"ids\":[%lld]}", (long long)position_id);
    assert_int_equal(rows_of("auth/r/positions/audit", body), 5);
    assert_int_equal(rows_of("auth/r/positions/audit", "{\"id\":[1]}"), 0);
    call_is(TRADER, "auth/r/positions/audit", "{\"id\":\"x\"}", 500,
            "[\"error\",10020,\"id: invalid\"]");
    call_is(TRADER, "auth/r/positions/hist", "{\"limit\":51}", 500,
            "[\"error\",10020,\"limit: invalid\"]");
    assert_int_equal(rows_of("auth/r/positions/snap", "{}"), 0); /* no midnight has passed */
    assert_int_equal(rows_of("auth/r/funding/credits/hist", "{}"), 2);
}

TEST(a_liquidation_is_for_everybody_to_see)
{
    json_t *rows;
    const json_t *first;

    call_is(0, "liquidations/hist", NULL, 200, "[]");
    order(MAKER, "EXCHANGE LIMIT", "-0.2", "20000");
    order(LENDER, "EXCHANGE LIMIT", "0.01", "20000");
    order(TRADER, "LIMIT", "0.19", "20000");
    order(MAKER, "EXCHANGE LIMIT", "-0.01", "19000");
    rows = call(0, "liquidations/hist", NULL);
    assert_int_equal(json_array_size(rows), 0); /* 700 are still behind it */
    json_decref(rows);
    order(MAKER, "EXCHANGE LIMIT", "1", "15000");
    order(MAKER, "EXCHANGE LIMIT", "-0.5", "15000");
    rows = call(0, "liquidations/hist?sort=1", NULL);
    assert_true(json_array_size(rows) >= 2);
    first = json_array_get(json_array_get(rows, 0), 0);
    assert_int_equal(json_array_size(first), 12);
    assert_string_equal(json_string_value(json_array_get(first, 0)), "pos");
    assert_int_equal(json_integer_value(json_array_get(first, 8)), 0);
    json_decref(rows);
    call_is(TRADER, "auth/r/positions", "{}", 200, "[]");
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
