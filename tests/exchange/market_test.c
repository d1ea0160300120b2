#include "../test.h"

#include "base/fixed.h"
#include "exchange/market.h"

static const struct {
    int64_t price, cut;
} cuts[] = {
    { 0, 0 },
    { -1, 0 },
    { 1, 1 },
    { 99999, 99999 },
    { 100000, 100000 },
    { 100009, 100000 },
    { 123456, 123450 },
    { 6000123456789, 6000100000000 },
    { PRICE_GREATEST, PRICE_GREATEST },
    { PRICE_GREATEST + 99999999999, PRICE_GREATEST },
    { PRICE_GREATEST + 100000000000, 0 },
    { INT64_MAX, 0 },
    { INT64_MIN, 0 },
};

TEST(prices_are_cut_to_five_digits)
{
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        assert_int_equal(price_cut(cuts[i].price), cuts[i].cut);
}

TEST(ranks_number_all_prices_in_order)
{
    int64_t before = 0;

    for (uint32_t rank = 1; rank < PRICE_RANKS; rank++) {
        int64_t price = price_of_rank(rank);

        if (price <= before || price_cut(price) != price || price_rank(price) != rank)
            fail_msg("rank %u", rank);
        before = price;
    }
    assert_int_equal(before, PRICE_GREATEST);
}

TEST(markets_and_currencies_are_found_by_their_exact_names)
{
    enum market market;
    enum currency currency;

    assert_true(market_find(SLICE("tETHBTC"), &market));
    assert_int_equal(market, MARKET_ETHBTC);
    assert_false(market_find(SLICE("ETHBTC"), &market));
    assert_false(market_find(SLICE("tETHBTCX"), &market));
    assert_false(market_find(SLICE("tethbtc"), &market));
    assert_false(market_find(SLICE_EMPTY, &market));
    assert_true(currency_find(SLICE("UST"), &currency));
    assert_int_equal(currency, CURRENCY_UST);
    assert_false(currency_find(SLICE("ust"), &currency));
    assert_false(currency_find(SLICE(""), &currency));
}

TEST(every_market_has_its_facts)
{
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct market_facts *facts = market_facts((enum market)m);

        assert_non_null(facts->pair);
        assert_true(facts->base != facts->quote);
        assert_true(0 < facts->size_least && facts->size_least < facts->size_greatest);
    }
    assert_string_equal(market_facts(MARKET_BTCUSD)->pair, "BTCUSD");
    assert_string_equal(currency_label(CURRENCY_UST), "Tether USDt");
}

TEST_MAIN
