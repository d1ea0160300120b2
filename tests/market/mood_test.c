#include "../test.h"

#include <stdlib.h>

#include "base/fixed.h"
#include "market/mood.h"
#include "market/worth.h"

#define BEGUN  UINT64_C(1764000000000)
#define MINUTE UINT64_C(60000)
#define HOUR   (60 * MINUTE)

static int64_t btc(const struct mood *mood, uint64_t time_ms)
{
    return mood_worth(mood, CURRENCY_BTC, BEGUN, time_ms);
}

static int64_t apart_ppm(int64_t a, int64_t b)
{
    return llabs(a - b) / (b / 1000000);
}

TEST(presets_have_names_that_lead_back_to_them)
{
    for (unsigned i = 0; i < PRESET_COUNT; i++) {
        enum preset found;

        assert_true(preset_find(slice_of(preset_text((enum preset)i)), &found));
        assert_int_equal(found, i);
    }
    assert_false(preset_find(SLICE("calm"), &(enum preset){ 0 }));
}

TEST(without_a_mood_worth_is_that_of_the_seed)
{
    struct mood mood;

    mood_init(&mood, 5);
    for (uint64_t t = 0; t < 3 * HOUR; t += 7 * MINUTE) {
        assert_int_equal(btc(&mood, BEGUN + t), worth_of(5, CURRENCY_BTC, t));
        assert_int_equal(mood_worth_of_pair(&mood, MARKET_ETHBTC, BEGUN, BEGUN + t),
                         worth_of_pair(5, MARKET_ETHBTC, t));
    }
}

TEST(no_change_of_seed_or_preset_makes_worth_leap)
{
    struct mood mood;
    uint64_t now = BEGUN + HOUR;

    mood_init(&mood, 5);
    for (unsigned i = 0; i < 3 * PRESET_COUNT; i++, now += 10 * MINUTE + i) {
        int64_t before = btc(&mood, now);

        mood_turn(&mood, 5 + i % 3, (enum preset)(i % PRESET_COUNT), BEGUN, now);
        assert_true(apart_ppm(btc(&mood, now), before) < 50);
        assert_true(apart_ppm(btc(&mood, now + 1000), before) < 5000);
    }
}

TEST(what_a_mood_left_wears_off)
{
    struct mood mood;

    mood_init(&mood, 5);
    mood_turn(&mood, 6, PRESET_BALANCED, BEGUN, BEGUN + HOUR);
    assert_int_not_equal(btc(&mood, BEGUN + 2 * HOUR), worth_of(6, CURRENCY_BTC, 2 * HOUR));
    assert_int_equal(btc(&mood, BEGUN + HOUR + MOOD_RESIDUE_MS),
                     worth_of(6, CURRENCY_BTC, HOUR + MOOD_RESIDUE_MS));
}

TEST(a_flash_crash_takes_a_fifth_and_gives_it_back)
{
    struct mood mood;
    int64_t before;

    mood_init(&mood, 5);
    before = btc(&mood, BEGUN + HOUR);
    mood_turn(&mood, 5, PRESET_FLASH_CRASH, BEGUN, BEGUN + HOUR);
    assert_in_range(btc(&mood, BEGUN + HOUR + MINUTE), before * 77 / 100, before * 83 / 100);
    assert_in_range(btc(&mood, BEGUN + HOUR + 15 * MINUTE), before * 92 / 100, before * 98 / 100);
    assert_int_equal(btc(&mood, BEGUN + 8 * HOUR), worth_of(5, CURRENCY_BTC, 8 * HOUR));
}

TEST(a_trend_leads_upwards_and_frozen_worth_stays)
{
    struct mood trend, still;

    mood_init(&trend, 5);
    still = trend;
    mood_turn(&trend, 5, PRESET_TREND, BEGUN, BEGUN + HOUR);
    mood_turn(&still, 5, PRESET_FROZEN, BEGUN, BEGUN + HOUR);
    for (uint64_t t = 2 * HOUR; t < 10 * HOUR; t += HOUR) {
        int64_t plain = worth_of(5, CURRENCY_BTC, t);

        assert_in_range(apart_ppm(btc(&trend, BEGUN + t), plain), (t / HOUR - 1) * 9900,
                        (t / HOUR - 1) * 10100);
        assert_true(apart_ppm(btc(&still, BEGUN + t), btc(&still, BEGUN + HOUR)) < 2000);
    }
}

TEST(a_volatile_market_moves_more_than_a_quiet_one)
{
    static const enum preset presets[] = { PRESET_QUIET, PRESET_BALANCED, PRESET_VOLATILE };
    int64_t moved[3] = { 0 };

    for (unsigned i = 0; i < 3; i++) {
        struct mood mood;

        mood_init(&mood, 9);
        mood_turn(&mood, 9, presets[i], BEGUN, BEGUN + MINUTE);
        for (uint64_t t = MINUTE; t < 3 * HOUR; t += MINUTE)
            moved[i] += llabs(btc(&mood, BEGUN + t + MINUTE) - btc(&mood, BEGUN + t));
    }
    assert_true(moved[0] < moved[1] / 2);
    assert_true(moved[2] > moved[1] * 2);
}

TEST(a_shock_leaps_in_every_market_of_the_coin_and_wears_off)
{
    struct mood mood;
    uint64_t now = BEGUN + HOUR;
    int64_t btc_before, cross_before, ust_before;

    mood_init(&mood, 5);
    btc_before = btc(&mood, now);
    cross_before = mood_worth_of_pair(&mood, MARKET_ETHBTC, BEGUN, now);
    ust_before = mood_worth_of_pair(&mood, MARKET_USTUSD, BEGUN, now);
    mood.events[mood.event_count++] = (struct mood_event){ .kind = MOOD_SHOCK,
                                                           .market = MARKET_BTCUSD,
                                                           .ppm = -100000,
                                                           .from_ms = now,
                                                           .until_ms = now + HOUR };
    assert_int_equal(btc(&mood, now), btc_before - btc_before / 10);
    assert_in_range(mood_worth_of_pair(&mood, MARKET_ETHBTC, BEGUN, now),
                    cross_before * 110 / 100, cross_before * 112 / 100);
    assert_int_equal(mood_worth_of_pair(&mood, MARKET_USTUSD, BEGUN, now), ust_before);
    assert_int_equal(btc(&mood, now + HOUR), worth_of(5, CURRENCY_BTC, 2 * HOUR));
}

TEST(events_thin_and_halt_the_market_they_are_for_while_they_last)
{
    struct mood mood;
    struct mood_trading trading;

    mood_init(&mood, 5);
    mood.event_count = 2;
    mood.events[0] = (struct mood_event){ .kind = MOOD_THIN,
                                          .market = MARKET_BTCUSD,
                                          .ppm = 50000,
                                          .from_ms = 100,
                                          .until_ms = 200 };
    mood.events[1] = (struct mood_event){
        .kind = MOOD_HALT, .everywhere = true, .from_ms = 150, .until_ms = 160
    };
    trading = mood_trading(&mood, MARKET_BTCUSD, 100);
    assert_int_equal(trading.depth_milli, 50);
    assert_true(trading.is_on);
    assert_int_equal(mood_trading(&mood, MARKET_ETHUSD, 100).depth_milli, 1000);
    assert_false(mood_trading(&mood, MARKET_ETHUSD, 150).is_on);
    assert_true(mood_trading(&mood, MARKET_ETHUSD, 160).is_on);
    assert_int_equal(mood_trading(&mood, MARKET_BTCUSD, 200).depth_milli, 1000);
}

TEST(no_push_is_so_hard_that_a_coin_is_worth_nothing)
{
    struct mood mood;

    mood_init(&mood, 5);
    for (unsigned i = 0; i < MOOD_EVENTS_MOST; i++)
        mood.events[mood.event_count++] = (struct mood_event){ .kind = MOOD_SHOCK,
                                                               .market = MARKET_BTCUSD,
                                                               .ppm = -500000,
                                                               .from_ms = BEGUN,
                                                               .until_ms = BEGUN + HOUR };
    assert_true(btc(&mood, BEGUN + MINUTE) > 5000 * FIXED_ONE);
}

TEST_MAIN
