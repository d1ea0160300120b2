/* venue/stats.h: numbers of the exchange over time
 *
 * Volumes of the last 1, 7 and 30 days in USD, and each day's volume-weighted average price, come
 * from the candles; open positions, funding and what positions use of it from venue/sizes.h.
 *
 * Source: reference of the venue's REST API, 7.8.
 */
#ifndef VENUE_STATS_H
#define VENUE_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "http/json_write.h"
#include "venue/ask.h"
#include "venue/candles.h"
#include "venue/sizes.h"

enum stat_kind {
    STAT_VOLUME,
    STAT_VWAP,
    STAT_LONGS,
    STAT_SHORTS,
    STAT_FUNDING,       /* lent, used or not */
    STAT_CREDITS,       /* lent and used */
    STAT_CREDITS_MARKET, /* by positions of one market */
};

struct stat {
    enum stat_kind kind;
    enum market market; /* VWAP, LONGS, SHORTS, CREDITS_MARKET */
    enum currency currency; /* FUNDING, CREDITS, CREDITS_MARKET */
    uint64_t span_ms;   /* VOLUME: of so long a time */
    uint64_t step_ms;   /* between two rows */
};

/* "vol.1d:30m:BFX", "vwap:1d:tBTCUSD", "pos.size:1m:tBTCUSD:long", ... */
bool stat_find(struct slice key, struct stat *stat);

/* Where the numbers come from. */
struct stat_sources {
    const struct candles *candles;
    const struct sizes *sizes;
    const struct size_row *now; /* of these */
};

/* [[MTS, VALUE], ...] from `begun_ms` to `now_ms`, as far as the page goes; `last`: the newest row
 * alone, not wrapped. */
void stat_put(struct json_writer *w, const struct stat_sources *from, const struct stat *stat,
              const struct ask_page *page, uint64_t begun_ms, uint64_t now_ms, bool last);

#endif
