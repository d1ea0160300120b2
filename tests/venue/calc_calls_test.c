#include "client.h"

TEST(an_average_price_is_what_an_order_would_pay)
{
    exchange_start(false);
    call_limit(2, "-1", "10000");
    call_limit(2, "-1", "10100");
    call_limit(2, "0.5", "9000");
    /* One client writes into the query, another into the body, under other names. */
    call_is(0, "calc/trade/avg?symbol=tBTCUSD&amount=1.5", "{}", 200, "[10033.33333333,1.5]");
    call_is(0, "calc/trade/avg", "{\"symbol\":\"tBTCUSD\",\"amount\":\"-2\"}", 200, "[9000,-0.5]");
    call_is(0, "calc/trade/avg", "{\"symbol\":\"tBTCUSD\",\"amount\":2,\"price_limit\":\"10050\"}",
            200, "[10000,1]");
    call_is(0, "calc/trade/avg?symbol=tBTCUSD&amount=2&rate_limit=9999", "{}", 200, "[0,0]");
    call_is(0, "calc/trade/avg?symbol=tBTCUSD&amount=0", "{}", 500,
            "[\"error\",10020,\"amount: invalid\"]");
    call_is(0, "calc/trade/avg?symbol=tNOPE&amount=1", "{}", 500,
            "[\"error\",10020,\"symbol: invalid\"]");
}

/* Whoever borrows meets those who lend, the best rate first; no longer period than asked for. */
TEST(an_average_rate_is_what_an_offer_would_meet)
{
    static const char *const offers[] = {
        "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"200\",\"rate\":\"0.0002\","
        "\"period\":2}",
        "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"400\",\"rate\":\"0.0005\","
        "\"period\":30}",
        "{\"symbol\":\"fUSD\",\"type\":\"LIMIT\",\"amount\":\"200\",\"rate\":\"0.0001\","
        "\"period\":2,\"flags\":64}",
    };

    json_decref(call(2, "auth/w/transfer",
                     "{\"from\":\"exchange\",\"to\":\"funding\",\"currency\":\"USD\","
                     "\"amount\":\"5000\"}"));
    for (unsigned i = 0; i < 3; i++)
        json_decref(call(2, "auth/w/funding/offer/submit", offers[i]));
    call_is(0, "calc/trade/avg?symbol=fUSD&amount=-600", "{}", 200, "[0.0004,-600]");
    call_is(0, "calc/trade/avg?symbol=fUSD&amount=-600&period=2", "{}", 200, "[0.0002,-200]");
    call_is(0, "calc/trade/avg",
            "{\"symbol\":\"fUSD\",\"amount\":\"-600\",\"rate_limit\":\"0.0003\"}", 200,
            "[0.0002,-200]");
    call_is(0, "calc/trade/avg?symbol=fUSD&amount=600", "{}", 200, "[0,0]");
    call_is(0, "calc/trade/avg?symbol=fUSD&amount=1&period=x", "{}", 500,
            "[\"error\",10020,\"period: invalid\"]");
}

TEST(a_rate_needs_trades)
{
    call_is(0, "calc/fx", "{\"ccy1\":\"BTC\",\"ccy2\":\"USD\"}", 500,
            "[\"error\",10001,\"rate: not available\"]");
    call_limit(3, "0.5", "10000");
    call_is(0, "calc/fx", "{\"ccy1\":\"BTC\",\"ccy2\":\"USD\"}", 200, "[10000]");
    call_is(0, "calc/fx", "{\"ccy1\":\"USD\",\"ccy2\":\"BTC\"}", 200, "[0.0001]");
    call_is(0, "calc/fx", "{\"ccy1\":\"USD\",\"ccy2\":\"EUR\"}", 500,
            "[\"error\",10020,\"currency: invalid\"]");
}

TEST(what_is_available_depends_on_side_rate_and_wallet)
{
    call_is(5, "auth/calc/order/avail",
            "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE\",\"dir\":1,\"rate\":\"20000\"}", 200,
            "[50]");
    call_is(5, "auth/calc/order/avail", "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE\",\"dir\":1}",
            200, "[100]");
    call_is(5, "auth/calc/order/avail", "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE\",\"dir\":-1}",
            200, "[10]");
    call_is(5, "auth/calc/order/avail", "{\"symbol\":\"tBTCUSD\",\"type\":\"MARGIN\",\"dir\":1}",
            200, "[0]");
    call_is(5, "auth/calc/order/avail", "{\"symbol\":\"fUSD\",\"type\":\"FUNDING\"}", 200, "[0]");
    json_decref(call(5, "auth/w/transfer",
                     "{\"from\":\"exchange\",\"to\":\"funding\",\"currency\":\"USD\","
                     "\"amount\":7}"));
    call_is(5, "auth/calc/order/avail", "{\"symbol\":\"fUSD\",\"type\":\"FUNDING\"}", 200, "[7]");
    call_is(5, "auth/calc/order/avail", "{\"symbol\":\"tBTCUSD\",\"type\":\"SPOT\"}", 500,
            "[\"error\",10020,\"type: invalid\"]");
    call_is(5, "auth/calc/order/avail", "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE\",\"dir\":2}",
            500, "[\"error\",10020,\"dir: invalid\"]");
    call_is(5, "auth/calc/order/avail",
            "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE\",\"rate\":\"x\"}", 500,
            "[\"error\",10020,\"rate: invalid\"]");
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
