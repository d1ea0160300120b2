#include "client.h"

static size_t rows(const char *path)
{
    json_t *json = call(0, path, NULL);
    size_t count = json_array_size(json);

    assert_int_equal(told_status, 200);
    json_decref(json);
    return count;
}

TEST(tickers_of_the_past_have_thirteen_elements)
{
    json_t *json;

    exchange_start(false);
    call_limit(2, "0.5", "10000");
    json = call(0, "tickers/hist?symbols=tBTCUSD,fUSD,tNOPE", NULL);
    assert_int_equal(json_array_size(json), 1);
    assert_int_equal(json_array_size(json_array_get(json, 0)), 13);
    json_decref(json);
    assert_int_equal(rows("tickers/hist?symbols=ALL&limit=2"), 2);
    assert_int_equal(rows("tickers/hist?symbols=ALL&end=1"), 0);
    call_is(0, "tickers/hist", NULL, 500, "[\"error\",10020,\"symbols: invalid\"]");
    call_is(0, "tickers/hist?symbols=ALL&limit=251", NULL, 500,
            "[\"error\",10020,\"limit: invalid\"]");
}

TEST(statistics_answer_in_both_sections)
{
    json_t *json = call(0, "stats1/pos.size:1m:tBTCUSD:long/last", NULL);

    assert_int_equal(json_array_size(json), 2);
    json_decref(json);
    call_is(0, "stats1/vwap:1d:tBTCUSD/HIST", NULL, 200, "[]");
    call_is(0, "stats1/vwap:1d:tNOPE/hist", NULL, 500, "[\"error\",10020,\"key: invalid\"]");
    call_is(0, "stats1/vwap:1d:tBTCUSD/all", NULL, 500, "[\"error\",10020,\"section: invalid\"]");
    call_is(0, "stats1/vwap:1d:tBTCUSD/hist?limit=10001", NULL, 500,
            "[\"error\",10020,\"limit: invalid\"]");
}

static const struct {
    const char *path, *refused; /* NULL: an empty list */
} nothing[] = {
    { "liquidations/hist", NULL },
    { "liquidations/hist?limit=501", "limit: invalid" },
    { "liquidations/hist?start=2&end=1", "time_interval: invalid" },
    { "rankings/vol:1w:tBTCUSD/hist", NULL },
    { "rankings/plu_diff:1M:tGLOBAL:USD/last", NULL },
    { "rankings/vol:2w:tBTCUSD/hist", "key: invalid" },
    { "rankings/vol:1w:tBTCUSD/all", "section: invalid" },
    { "funding/stats/fUSD/hist", NULL },
    { "funding/stats/USD/hist", "symbol: invalid" },
    { "status/deriv?keys=tBTCUSD", NULL },
    { "status/deriv", NULL },
    { "status/deriv/tNOPE/hist", NULL },
    { "status/deriv/tBTCF0:USTF0/hist?limit=5000", NULL },
    { "trades/fUSD/hist", NULL },
    { "trades/fNOPE/hist", "symbol: invalid" },
    { "book/fUSD/P0", NULL },
    { "book/fUSD/P9", "prec: invalid" },
    { "candles/trade:1m:fUSD:p30/hist", NULL },
    { "candles/trade:1m:fUSD:a30:p2:p30/last", NULL },
    { "candles/trade:1m:fUSD/hist", "symbol: invalid" },
    { "candles/trade:1m:fUSD:a30:p2/hist", "symbol: invalid" },
    { "candles/trade:1m:fUSD:p/hist", "symbol: invalid" },
};

TEST(what_has_not_happened_is_an_empty_list)
{
    char wrong[80];

    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        snprintf(wrong, sizeof wrong, "[\"error\",10020,\"%s\"]",
                 nothing[i].refused == NULL ? "" : nothing[i].refused);
        call_is(0, nothing[i].path, NULL, nothing[i].refused == NULL ? 200 : 500,
                nothing[i].refused == NULL ? "[]" : wrong);
    }
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
