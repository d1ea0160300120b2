#include "../test.h"

#include "base/fixed.h"
#include "venue/candles.h"

#include "fresh.h"

#define MINUTE UINT64_C(60000)
#define DAY    UINT64_C(86400000)

static struct candles candles;

static void traded(uint64_t time_ms, int64_t price, int64_t amount)
{
    struct trade trade = { .time_ms = time_ms, .price = price, .amount = amount };

    candles_take(&candles, &trade);
}

static void is(const struct candle *c, uint64_t start_ms, int64_t open, int64_t close, int64_t high,
               int64_t low, int64_t volume)
{
    assert_int_equal(c->start_ms, start_ms);
    assert_int_equal(c->open, open);
    assert_int_equal(c->close, close);
    assert_int_equal(c->high, high);
    assert_int_equal(c->low, low);
    assert_int_equal(c->volume, volume);
}

TEST(trades_make_candles_in_both_directions)
{
    struct candle_walk walk;
    struct candle candle;

    candles_init(&candles, fresh_arena());
    traded(0, 10, 1);
    traded(MINUTE - 1, 8, -2);
    traded(MINUTE, 9, 3); /* nothing for three minutes then */
    traded(5 * MINUTE, 20, 4);
    for (int newest_first = 0; newest_first < 2; newest_first++) {
        walk = (struct candle_walk){ .candles = &candles,
                                     .timeframe = TIMEFRAME_5m,
                                     .to_ms = UINT64_MAX,
                                     .newest_first = newest_first };
        assert_true(candle_next(&walk, &candle));
        if (newest_first)
            is(&candle, 5 * MINUTE, 20, 20, 20, 20, 4);
        else
            is(&candle, 0, 10, 9, 10, 8, 6);
        assert_true(candle_next(&walk, &candle));
        if (newest_first)
            is(&candle, 0, 10, 9, 10, 8, 6);
        assert_false(candle_next(&walk, &candle));
    }
    walk = (struct candle_walk){
        .candles = &candles, .timeframe = TIMEFRAME_1m, .from_ms = MINUTE, .to_ms = MINUTE
    };
    assert_true(candle_next(&walk, &candle));
    is(&candle, MINUTE, 9, 9, 9, 9, 3);
    assert_false(candle_next(&walk, &candle));
    assert_true(candles_day(&candles, 0, 6 * MINUTE, &candle));
    is(&candle, 0, 10, 20, 20, 8, 10);
    assert_false(candles_day(&candles, 0, 3 * DAY, &candle));
    assert_int_equal(candles_last_price(&candles, 0), 20);
    assert_int_equal(candles_last_price(&candles, 1), 0);
}

TEST(weeks_begin_on_monday_and_months_on_the_first)
{
    uint64_t monday = UINT64_C(1795392000000); /* 2026-11-23 */
    enum timeframe week;

    assert_true(timeframe_find(SLICE("7D"), &week));
    assert_int_equal(timeframe_start_ms(week, monday), monday);
    assert_int_equal(timeframe_start_ms(week, monday + 7 * DAY - 1), monday);
    assert_int_equal(timeframe_start_ms(TIMEFRAME_1M, monday + 12345), monday - 22 * DAY);
    assert_int_equal(timeframe_start_ms(TIMEFRAME_3h, monday + 4 * 60 * MINUTE),
                     monday + 3 * 60 * MINUTE);
    assert_false(timeframe_find(SLICE("2m"), &week));
    assert_false(timeframe_find(SLICE("1d"), &week));
}

TEST_MAIN
