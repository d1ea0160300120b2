#include "../test.h"

#include "base/fixed.h"
#include "venue/rate.h"

#include "fresh.h"

static struct candles candles;

static void trade(enum market market, int64_t price)
{
    candles_take(&candles, &(struct trade){ .market = market, .price = price, .amount = 1 });
}

TEST(a_rate_comes_from_a_market_from_either_side_or_by_way_of_usd)
{
    int64_t rate;

    candles_init(&candles, fresh_arena());
    assert_false(rate_find(&candles, CURRENCY_BTC, CURRENCY_USD, &rate));
    assert_true(rate_find(&candles, CURRENCY_BTC, CURRENCY_BTC, &rate));
    assert_int_equal(rate, FIXED_ONE);
    trade(MARKET_BTCUSD, 50000 * FIXED_ONE);
    trade(MARKET_LTCUSD, 100 * FIXED_ONE);
    assert_true(rate_find(&candles, CURRENCY_BTC, CURRENCY_USD, &rate));
    assert_int_equal(rate, 50000 * FIXED_ONE);
    assert_true(rate_find(&candles, CURRENCY_USD, CURRENCY_BTC, &rate));
    assert_int_equal(rate, 2000);
    assert_true(rate_find(&candles, CURRENCY_LTC, CURRENCY_BTC, &rate));
    assert_int_equal(rate, 200000);
    assert_false(rate_find(&candles, CURRENCY_ETH, CURRENCY_BTC, &rate));
}

TEST(worth_in_usd_never_wraps)
{
    candles_init(&candles, fresh_arena());
    assert_int_equal(rate_in_usd(&candles, CURRENCY_BTC, FIXED_ONE), 0);
    assert_int_equal(rate_in_usd(&candles, CURRENCY_USD, 7), 7);
    trade(MARKET_BTCUSD, 50000 * FIXED_ONE);
    assert_int_equal(rate_in_usd(&candles, CURRENCY_BTC, FIXED_ONE / 2), 25000 * FIXED_ONE);
    assert_int_equal(rate_in_usd(&candles, CURRENCY_BTC, INT64_MAX), INT64_MAX);
}

TEST_MAIN
