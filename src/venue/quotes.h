/* venue/quotes.h: best bid and ask at each full hour, for about a year
 *
 * A fold of time as the engine's events tell it: the first event of an hour takes the prices that
 * stood until then.  Hours in which nothing happened do not exist.
 *
 * Source: reference of the venue's REST API, 7.4.
 */
#ifndef VENUE_QUOTES_H
#define VENUE_QUOTES_H

#include "exchange/engine.h"
#include "venue/ring.h"

#define QUOTES_KEPT (366 * 24)

struct quote_row {
    uint64_t time_ms; /* a full hour */
    struct {
        int64_t bid, ask; /* 0: none */
    } at[MARKET_COUNT];
};

struct quotes {
    struct ring rows; /* struct quote_row */
    uint64_t next_ms; /* hour that has no row yet */
};

void quotes_init(struct quotes *quotes, struct arena *arena);

/* Before the event is folded anywhere else. */
void quotes_take(struct quotes *quotes, const struct engine *engine, uint64_t time_ms);

#endif
