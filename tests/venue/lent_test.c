#include "../exchange/lenders.h"

#include "base/buffer.h"
#include "venue/lent.h"

#include "fresh.h"

static void say(struct floor *floor, int64_t amount, int64_t rate, uint64_t period)
{
    lenders_submit(floor, lenders_offer(amount > 0 ? 1 : 3, amount, rate, period));
    assert_int_equal(floor->why, REFUSAL_NONE);
}

static void book_is(const struct floor *floor, enum depth_precision precision, const char *wanted)
{
    struct buffer text = { 0 };
    struct json_writer w = json_writer_of(&text);

    lent_book(&w, floor->engine, CURRENCY_USD, precision, 25);
    buffer_append(&text, (struct slice){ "", 1 });
    assert_string_equal(text.at, wanted);
    buffer_wipe(&text);
}

TEST(a_level_is_a_rate_and_a_period)
{
    struct command hidden = lenders_offer(1, 300 * UNIT, 30000, 30);
    struct floor floor;

    lenders_open(&floor);
    say(&floor, 200 * UNIT, 31234, 30);
    say(&floor, 300 * UNIT, 31236, 2);
    say(&floor, 400 * UNIT, 31236, 30);
    say(&floor, 150 * UNIT, 31236, 30);
    say(&floor, -150 * UNIT, 10000, 2);
    hidden.flags = ORDER_HIDDEN;
    lenders_submit(&floor, hidden);
    book_is(&floor, DEPTH_P0,
            "[[0.0001,2,1,-150],[0.00031234,30,1,200],[0.00031236,2,1,300],"
            "[0.00031236,30,2,550]]");
    /* Lenders are rounded up: their offers fall together. */
    book_is(&floor, DEPTH_P2, "[[0.0001,2,1,-150],[0.000313,2,1,300],[0.000313,30,3,750]]");
    floor_close(&floor);
}

TEST(raw_offers_stand_one_by_one)
{
    struct floor floor;
    char wanted[128];
    uint64_t first;

    lenders_open(&floor);
    say(&floor, 200 * UNIT, 31234, 30);
    first = floor.order;
    say(&floor, -150 * UNIT, 10000, 2);
    snprintf(wanted, sizeof wanted, "[[%llu,2,0.0001,-150],[%llu,30,0.00031234,200]]",
             (unsigned long long)floor.order, (unsigned long long)first);
    book_is(&floor, DEPTH_R0, wanted);
    floor_close(&floor);
}

TEST(keys_of_candles_name_one_period_or_several)
{
    struct lent_candles of;

    assert_true(lent_candles_find(SLICE("fUSD:p30"), &of));
    assert_int_equal(of.period_least, 30);
    assert_int_equal(of.period_most, 30);
    assert_true(lent_candles_find(SLICE("fUST:a30:p2:p120"), &of));
    assert_int_equal(of.currency, CURRENCY_UST);
    assert_int_equal(of.period_least, 2);
    assert_int_equal(of.period_most, 120);
    assert_false(lent_candles_find(SLICE("fUSD"), &of));
    assert_false(lent_candles_find(SLICE("fUSD:p"), &of));
    assert_false(lent_candles_find(SLICE("fUSD:p2x"), &of));
    assert_false(lent_candles_find(SLICE("fETH:p2"), &of));
    assert_false(lent_candles_find(SLICE("fUSD:a30:p2"), &of));
}

static void push(struct ring *tape, uint64_t time_ms, int64_t rate, unsigned period)
{
    *(struct lent_row *)ring_push(tape) =
        (struct lent_row){ .time_ms = time_ms, .amount = -UNIT, .rate = rate, .period = period };
}

/* Forwards and backwards the same intervals. */
TEST(candles_are_put_together_in_both_directions)
{
    struct ring tape;

    ring_init(&tape, fresh_arena(), sizeof(struct lent_row), 100);
    push(&tape, 60000, 10, 2);
    push(&tape, 61000, 30, 2);
    push(&tape, 62000, 99, 30);
    push(&tape, 63000, 20, 2);
    push(&tape, 180000, 7, 2);
    for (unsigned back = 0; back < 2; back++) {
        struct lent_walk walk = { .tape = &tape,
                                  .of = { CURRENCY_USD, 2, 2, TIMEFRAME_1m },
                                  .to_ms = UINT64_MAX,
                                  .newest_first = back != 0 };
        struct candle candles[2], none;
        const struct candle *first;

        assert_true(lent_candle_next(&walk, &candles[0]));
        assert_true(lent_candle_next(&walk, &candles[1]));
        assert_false(lent_candle_next(&walk, &none));
        first = &candles[back];
        assert_int_equal(first->start_ms, 60000);
        assert_int_equal(first->open, 10);
        assert_int_equal(first->close, 20);
        assert_int_equal(first->high, 30);
        assert_int_equal(first->low, 10);
        assert_int_equal(first->volume, 3 * UNIT);
        assert_int_equal(candles[1 - back].start_ms, 180000);
    }
}

TEST_MAIN
