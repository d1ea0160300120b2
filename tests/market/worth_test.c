#include "../test.h"

#include <stdlib.h>

#include "base/fixed.h"
#include "market/worth.h"

#define DAY_MS UINT64_C(86400000)

TEST(worth_is_a_function_of_seed_and_time)
{
    for (uint64_t t = 0; t < 40 * DAY_MS; t += DAY_MS / 3)
        assert_int_equal(worth_of(1, CURRENCY_BTC, t), worth_of(1, CURRENCY_BTC, t));
    assert_true(worth_of(1, CURRENCY_BTC, DAY_MS) != worth_of(2, CURRENCY_BTC, DAY_MS));
}

TEST(worth_stays_around_its_centre_and_moves)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        int64_t least = INT64_MAX, most = 0;

        for (uint64_t t = 0; t < 400 * DAY_MS; t += 2 * DAY_MS) {
            int64_t worth = worth_of(seed, CURRENCY_BTC, t);

            least = worth < least ? worth : least;
            most = worth > most ? worth : most;
        }
        assert_true(least > 40000 * FIXED_ONE && most < 80000 * FIXED_ONE);
        assert_true(most - least > 3000 * FIXED_ONE);
    }
}

TEST(worth_does_not_leap)
{
    for (uint64_t t = 0; t < DAY_MS / 4; t += 1000) {
        int64_t here = worth_of(3, CURRENCY_ETH, t), next = worth_of(3, CURRENCY_ETH, t + 1000);

        assert_true(llabs(next - here) < here / 1000);
    }
}

TEST(dollars_are_dollars_and_tethers_nearly)
{
    for (uint64_t t = 0; t < 90 * DAY_MS; t += DAY_MS / 2) {
        assert_int_equal(worth_of(4, CURRENCY_USD, t), FIXED_ONE);
        assert_true(llabs(worth_of(4, CURRENCY_UST, t) - FIXED_ONE) < FIXED_ONE / 100);
    }
}

TEST(cross_rates_fit_together)
{
    for (uint64_t t = 0; t < 9 * DAY_MS; t += DAY_MS / 7) {
        int64_t around;

        assert_true(fixed_multiply(worth_of_pair(5, MARKET_ETHBTC, t),
                                   worth_of_pair(5, MARKET_BTCUSD, t), false, &around));
        assert_true(llabs(around - worth_of_pair(5, MARKET_ETHUSD, t)) < around / 10000);
    }
}

TEST(chance_stays_below_its_end_and_reaches_everything)
{
    struct chance chance = chance_init(1, 2, 3);
    unsigned seen[10] = { 0 };

    for (int i = 0; i < 10000; i++)
        seen[chance_below(&chance, 10)]++;
    for (int i = 0; i < 10; i++)
        assert_in_range(seen[i], 800, 1200);
}

TEST_MAIN
