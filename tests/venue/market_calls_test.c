#include "client.h"

static size_t rows(const char *path)
{
    json_t *json = call(0, path, NULL);
    size_t count = json_array_size(json);

    assert_int_equal(told_status, 200);
    json_decref(json);
    return count;
}

TEST(a_market_with_a_past_answers_everything)
{
    exchange_start(true);
    call_is(0, "platform/status", NULL, 200, "[1]");
    assert_int_equal(rows("ticker/tBTCUSD"), 10);
    assert_int_equal(rows("tickers?symbols=ALL"), 11);
    assert_int_equal(rows("tickers?symbols=tBTCUSD%2CtNOPE,tETHUSD"), 2);
    assert_int_equal(rows("trades/tBTCUSD/hist?limit=20"), 20);
    assert_int_equal(rows("book/tBTCUSD/P0?len=1"), 2);
    assert_int_equal(rows("book/tBTCUSD/R0?len=25"), 50);
    assert_true(rows("candles/trade:1h:tBTCUSD/hist?limit=10000") >= 23);
    assert_int_equal(rows("candles/trade:1m:tBTCUSD/LAST"), 6);
    assert_int_equal(rows("ticker/fUSD"), 16);
    assert_int_equal(rows("tickers?symbols=fUSD,fETH,tBTCUSD"), 2);
    assert_true(rows("book/fUSD/P0?len=25") >= 20);
    assert_int_equal(rows("trades/fUST/hist?limit=20"), 20);
    assert_int_equal(rows("funding/stats/fBTC/hist?limit=24"), 24);
    assert_int_equal(rows("status/deriv?keys=ALL"), 1);
    assert_int_equal(rows("status/deriv?keys=tBTCUSD,tBTCF0:USTF0"), 1);
    /* A day of minutes, begun anywhere in one. */
    assert_in_range(rows("status/deriv/tBTCF0:USTF0/hist?limit=5000"), 1438, 1441);
    assert_int_equal(rows("trades/tBTCF0:USTF0/hist?limit=20"), 20);
    assert_true(rows("candles/trade:1h:tBTCF0:USTF0/hist") >= 23);
    assert_int_equal(rows("conf/pub:info:pair,pub:info:pair:futures"), 2);
}

TEST(bad_values_are_refused_in_the_venues_words)
{
    call_is(0, "ticker/tNOPE", NULL, 500, "[\"error\",10020,\"symbol: invalid\"]");
    call_is(0, "book/tBTCUSD/P5", NULL, 500, "[\"error\",10020,\"prec: invalid\"]");
    call_is(0, "book/tBTCUSD/P0?len=26", NULL, 500, "[\"error\",10020,\"len: invalid\"]");
    call_is(0, "trades/tBTCUSD/hist?limit=x", NULL, 500, "[\"error\",10020,\"limit: invalid\"]");
    call_is(0, "trades/tBTCUSD/hist?start=2&end=1", NULL, 500,
            "[\"error\",10020,\"time_interval: invalid\"]");
    call_is(0, "candles/trade:2m:tBTCUSD/hist", NULL, 500, "[\"error\",10020,\"symbol: invalid\"]");
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
