#include "client.h"

static const struct {
    const char *path, *body, *refused; /* NULL: an empty list */
} rows[] = {
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
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
