#include "venue/filter.h"

#include "../test.h"

static bool reads(const char *text, struct filter *filter)
{
    json_t *list = json_loads(text, JSON_DECODE_ANY, NULL);
    bool read = filter_read(list, filter);

    json_decref(list);
    return read;
}

TEST(no_filter_passes_everything)
{
    static const char *const none[] = { "null", "[]" };
    struct filter filter;

    for (int i = 0; i < 2; i++) {
        assert_true(reads(none[i], &filter));
        assert_true(filter.notify && filter.balance);
        assert_true(filter_wants_trading(&filter) && filter_wants_funding(&filter) &&
                    filter_wants_wallets(&filter));
        assert_true(filter_passes_market(&filter, MARKET_ETHUST));
        assert_true(filter_passes_wallet(&filter, WALLET_MARGIN, CURRENCY_USD));
    }
    assert_true(filter_read(NULL, &filter));
    assert_true(filter.trading);
}

TEST(a_filter_passes_what_it_names_and_nothing_else)
{
    struct filter filter;

    assert_true(reads("[\"trading-tBTCUSD\",\"wallet-margin-USD\",\"funding-fUSD\"]", &filter));
    assert_true(filter_passes_market(&filter, MARKET_BTCUSD));
    assert_false(filter_passes_market(&filter, MARKET_ETHUSD));
    assert_true(filter_passes_wallet(&filter, WALLET_MARGIN, CURRENCY_USD));
    assert_false(filter_passes_wallet(&filter, WALLET_EXCHANGE, CURRENCY_USD));
    assert_false(filter_passes_wallet(&filter, WALLET_MARGIN, CURRENCY_BTC));
    assert_true(filter_wants_funding(&filter) && filter_wants_wallets(&filter));
    assert_false(filter.notify || filter.balance);
    assert_true(reads("[\"notify\",\"balance\"]", &filter));
    assert_true(filter.notify && filter.balance);
    assert_false(filter_wants_trading(&filter) || filter_wants_wallets(&filter) ||
                 filter_wants_funding(&filter));
}

TEST(what_is_unknown_passes_nothing)
{
    struct filter filter;

    assert_true(
        reads("[\"algo\",\"trading-tXYZ\",\"wallet-x-BTC\",\"wallet-exchange\",\"\"]", &filter));
    assert_false(filter_wants_trading(&filter) || filter_wants_wallets(&filter) ||
                 filter_wants_funding(&filter) || filter.notify || filter.balance);
    assert_false(reads("\"trading\"", &filter));
    assert_false(reads("[7]", &filter));
    assert_false(reads("{}", &filter));
}

TEST_MAIN
