/* venue/sizes.h: open positions and lent money at each full minute, for about a week
 *
 * A fold of time as the engine's events tell it: the first event of a minute takes what stood until
 * then.  Minutes in which nothing happened do not exist: what stood goes on.
 *
 * Source: reference of the venue's REST API, 7.8.
 */
#ifndef VENUE_SIZES_H
#define VENUE_SIZES_H

#include "exchange/engine.h"
#include "venue/ring.h"

#define SIZES_KEPT (7 * 24 * 60)

struct size_row {
    uint64_t time_ms; /* a full minute */
    struct {
        int64_t longs, shorts; /* of the base, >= 0 */
        int64_t used[2];       /* lent to its positions: of the base, of the quote */
    } at[MARKET_COUNT];
    int64_t lent[CURRENCY_COUNT]; /* used or not */
};

struct sizes {
    struct ring rows; /* struct size_row */
    uint64_t next_ms; /* minute that has no row yet */
};

void sizes_init(struct sizes *sizes, struct arena *arena);

/* Before the event is folded anywhere else. */
void sizes_take(struct sizes *sizes, const struct engine *engine, uint64_t time_ms);

/* As it is now; time_ms stays. */
void sizes_read(const struct engine *engine, struct size_row *row);

/* What stood at a moment; NULL: the same as now. */
const struct size_row *sizes_at(const struct sizes *sizes, uint64_t time_ms);

#endif
