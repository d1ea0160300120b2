/* venue/candles.h: what was traded, interval by interval
 *
 * A fold of trades.  Minutes are kept for about three weeks and hours for almost four years; longer
 * intervals are put together from them when they are asked for.  Intervals without trades do not
 * exist.
 *
 * Source: reference of the venue's REST API, 7.7.
 */
#ifndef VENUE_CANDLES_H
#define VENUE_CANDLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "exchange/event.h"
#include "venue/ring.h"

#define CANDLES_KEPT 32768

struct candle {
    uint64_t start_ms;
    int64_t open, close, high, low;
    int64_t volume; /* of the base */
    int64_t value;  /* of the quote, for averages */
};

struct candles {
    struct ring minutes[MARKET_COUNT], hours[MARKET_COUNT];
};

void candles_init(struct candles *candles, struct arena *arena);
void candles_take(struct candles *candles, const struct trade *trade);

/* "1m" to "1M"; "7D" is "1W". */
enum timeframe {
    TIMEFRAME_1m,
    TIMEFRAME_5m,
    TIMEFRAME_15m,
    TIMEFRAME_30m,
    TIMEFRAME_1h,
    TIMEFRAME_3h,
    TIMEFRAME_4h,
    TIMEFRAME_6h,
    TIMEFRAME_12h,
    TIMEFRAME_1D,
    TIMEFRAME_1W,
    TIMEFRAME_14D,
    TIMEFRAME_1M
};
bool timeframe_find(struct slice name, enum timeframe *timeframe);

/* Start of the interval that holds the moment; weeks begin on Monday. */
uint64_t timeframe_start_ms(enum timeframe timeframe, uint64_t time_ms);

/* Walks the intervals that start in from_ms..to_ms, newest or oldest first. */
struct candle_walk {
    const struct candles *candles;
    enum market market;
    enum timeframe timeframe;
    uint64_t from_ms, to_ms;
    bool newest_first;
    size_t done; /* 0 at first */
};
bool candle_next(struct candle_walk *walk, struct candle *candle);

/* The 24 hours before now_ms as one candle; false when nothing was traded. */
bool candles_day(const struct candles *candles, enum market market, uint64_t now_ms,
                 struct candle *day);

/* Price of the latest trade, 0: there was none. */
int64_t candles_last_price(const struct candles *candles, enum market market);

#endif
