#include "venue/candles.h"

#include <time.h>

#define MINUTE_MS UINT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define MONDAY_MS (4 * DAY_MS) /* 1970-01-05 */

static const struct {
    const char *name;
    uint64_t span_ms; /* 0: a calendar month */
} timeframes[] = {
    [TIMEFRAME_1m] = { "1m", MINUTE_MS },
    [TIMEFRAME_5m] = { "5m", 5 * MINUTE_MS },
    [TIMEFRAME_15m] = { "15m", 15 * MINUTE_MS },
    [TIMEFRAME_30m] = { "30m", 30 * MINUTE_MS },
    [TIMEFRAME_1h] = { "1h", HOUR_MS },
    [TIMEFRAME_3h] = { "3h", 3 * HOUR_MS },
    [TIMEFRAME_4h] = { "4h", 4 * HOUR_MS },
    [TIMEFRAME_6h] = { "6h", 6 * HOUR_MS },
    [TIMEFRAME_12h] = { "12h", 12 * HOUR_MS },
    [TIMEFRAME_1D] = { "1D", DAY_MS },
    [TIMEFRAME_1W] = { "1W", 7 * DAY_MS },
    [TIMEFRAME_14D] = { "14D", 14 * DAY_MS },
    [TIMEFRAME_1M] = { "1M", 0 },
};

void candles_init(struct candles *candles, struct arena *arena)
{
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        ring_init(&candles->minutes[i], arena, sizeof(struct candle), CANDLES_KEPT);
        ring_init(&candles->hours[i], arena, sizeof(struct candle), CANDLES_KEPT);
    }
}

static void extremes_widen(struct candle *candle, const struct candle *other)
{
    if (other->high > candle->high)
        candle->high = other->high;
    if (other->low < candle->low)
        candle->low = other->low;
    if (__builtin_add_overflow(candle->volume, other->volume, &candle->volume))
        candle->volume = INT64_MAX;
    if (__builtin_add_overflow(candle->value, other->value, &candle->value))
        candle->value = INT64_MAX;
}

static void ring_take(struct ring *ring, uint64_t span_ms, const struct trade *trade)
{
    struct candle one = { .start_ms = trade->time_ms - trade->time_ms % span_ms,
                          .open = trade->price,
                          .close = trade->price,
                          .high = trade->price,
                          .low = trade->price,
                          .volume = trade->amount < 0 ? -trade->amount : trade->amount,
                          .value = trade->value };
    struct candle *newest = ring_newest(ring);

    if (newest == NULL || newest->start_ms != one.start_ms) {
        *(struct candle *)ring_push(ring) = one;
        return;
    }
    newest->close = one.close;
    extremes_widen(newest, &one);
}

void candles_take(struct candles *candles, const struct trade *trade)
{
    ring_take(&candles->minutes[trade->market], MINUTE_MS, trade);
    ring_take(&candles->hours[trade->market], HOUR_MS, trade);
}

bool timeframe_find(struct slice name, enum timeframe *timeframe)
{
    if (slice_is(name, SLICE("7D")))
        name = SLICE("1W");
    for (unsigned i = 0; i < sizeof timeframes / sizeof *timeframes; i++) {
        if (slice_is(name, slice_of(timeframes[i].name))) {
            *timeframe = (enum timeframe)i;
            return true;
        }
    }
    return false;
}

uint64_t timeframe_start_ms(enum timeframe timeframe, uint64_t time_ms)
{
    uint64_t span_ms = timeframes[timeframe].span_ms;
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm day;

    if (span_ms > DAY_MS)
        return time_ms < MONDAY_MS ? 0 : time_ms - (time_ms - MONDAY_MS) % span_ms;
    if (span_ms > 0)
        return time_ms - time_ms % span_ms;
    gmtime_r(&seconds, &day);
    day.tm_mday = 1;
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    return (uint64_t)timegm(&day) * 1000;
}

bool candle_next(struct candle_walk *walk, struct candle *candle)
{
    const struct ring *ring =
        timeframes[walk->timeframe].span_ms != 0 && timeframes[walk->timeframe].span_ms < HOUR_MS
            ? &walk->candles->minutes[walk->market]
            : &walk->candles->hours[walk->market];
    bool begun = false;

    for (; walk->done < ring->count; walk->done++) {
        const struct candle *row =
            ring_at(ring, walk->newest_first ? ring->count - 1 - walk->done : walk->done);
        uint64_t start_ms = timeframe_start_ms(walk->timeframe, row->start_ms);

        if (begun && start_ms != candle->start_ms)
            return true;
        if (start_ms < walk->from_ms || start_ms > walk->to_ms)
            continue;
        if (!begun) {
            *candle = *row;
            candle->start_ms = start_ms;
            begun = true;
            continue;
        }
        if (walk->newest_first)
            candle->open = row->open;
        else
            candle->close = row->close;
        extremes_widen(candle, row);
    }
    return begun;
}

bool candles_day(const struct candles *candles, enum market market, uint64_t now_ms,
                 struct candle *day)
{
    struct candle_walk walk = { .candles = candles,
                                .market = market,
                                .timeframe = TIMEFRAME_1m,
                                .from_ms = now_ms > DAY_MS ? now_ms - DAY_MS : 0,
                                .to_ms = UINT64_MAX,
                                .newest_first = true };
    struct candle minute;

    if (!candle_next(&walk, day))
        return false;
    while (candle_next(&walk, &minute)) {
        day->open = minute.open;
        day->start_ms = minute.start_ms;
        extremes_widen(day, &minute);
    }
    return true;
}

int64_t candles_last_price(const struct candles *candles, enum market market)
{
    const struct candle *newest = ring_newest(&candles->hours[market]);

    return newest == NULL ? 0 : newest->close;
}
