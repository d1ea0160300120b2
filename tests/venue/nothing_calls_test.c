#include "client.h"

static const struct {
    const char *path, *body, *refused; /* NULL: an empty list */
} rows[] = {
    { "positions", "{}", NULL },
    { "positions/hist", "{}", NULL },
    { "positions/hist", "{\"limit\":51}", "limit: invalid" },
    { "positions/snap", "{\"limit\":500}", NULL },
    { "positions/audit", "{\"ids\":[1],\"limit\":250}", NULL },
    { "positions/audit", "{\"limit\":251}", "limit: invalid" },
    { "info/margin/sym_all", "{}", NULL },
    { "info/margin/tNOPE", "{}", "symbol: invalid" },
    { "funding/credits", "{}", NULL },
    { "funding/credits/fUSD", "{}", NULL },
    { "funding/credits/fNOPE", "{}", "symbol: invalid" },
    { "funding/credits/hist", "{}", NULL },
    { "funding/credits/fUSD/hist", "{}", NULL },
    { "orders/otc/hist", "{}", NULL },
    { "orders/otc/tBTCUSD/hist", "{}", NULL },
    { "orders/otc/tNOPE/hist", "{}", "symbol: invalid" },
    { "ext/invoice/payments", "{\"action\":\"getPaymentsByUser\",\"query\":{}}", NULL },
    { "ext/invoice/payments", "{}", "action: invalid" },
    { "stats/perf:1D/hist", "{}", NULL },
    { "stats/perf::1D/hist", "{}", NULL },
    { "stats/other/hist", "{}", "key: invalid" },
};

TEST(what_an_account_cannot_have_is_an_empty_list)
{
    char path[80], wrong[80];

    exchange_start(false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(path, sizeof path, "auth/r/%s", rows[i].path);
        snprintf(wrong, sizeof wrong, "[\"error\",10020,\"%s\"]",
                 rows[i].refused == NULL ? "" : rows[i].refused);
        call_is(2, path, rows[i].body, rows[i].refused == NULL ? 200 : 500,
                rows[i].refused == NULL ? "[]" : wrong);
    }
}

TEST(there_is_no_currency_for_invoices)
{
    call_is(2, "auth/w/deposit/invoice",
            "{\"wallet\":\"exchange\",\"currency\":\"LNX\",\"amount\":\"0.001\"}", 500,
            "[\"error\",10020,\"currency: invalid\"]");
}

TEST(margin_info_has_its_lengths)
{
    json_decref(call(2, "auth/w/transfer",
                     "{\"from\":\"exchange\",\"to\":\"margin\",\"currency\":\"USD\","
                     "\"amount\":50}"));
    call_is(2, "auth/r/info/margin/base", "{}", 200, "[\"base\",[0,0,50,50,0]]");
    call_is(2, "auth/r/info/margin/tBTCUSD", "{}", 200,
            "[\"sym\",\"tBTCUSD\",[0,0,0,0,null,null,null,null]]");
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
