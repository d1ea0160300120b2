/* venue/lent.h: the funding book, its ticker and its candles, as the venue prints them
 *
 * Rates are fractions a day.  In the book a borrower's amount is negative and a lender's positive,
 * the other way round than in trading.
 *
 * Source: reference of the venue's REST API, 7.2, 7.6, 7.7.
 */
#ifndef VENUE_LENT_H
#define VENUE_LENT_H

#include "http/json_write.h"
#include "venue/candles.h"
#include "venue/depth.h"
#include "venue/history.h"

/* As depth_side: levels of one rate and period, or with R0 offers. */
size_t lent_side(const struct engine *engine, enum currency currency,
                 enum depth_precision precision, bool bid, size_t length, struct depth_row *rows);

/* At most `length` (<= DEPTH_LENGTH_MOST) bids, then as many asks. */
void lent_book(struct json_writer *w, const struct engine *engine, enum currency currency,
               enum depth_precision precision, unsigned length);

/* 16 elements, or 17 with the symbol in front. */
void lent_ticker(struct json_writer *w, const struct engine *engine, const struct history *history,
                 enum currency currency, uint64_t now_ms, bool with_symbol);

/* "fUSD:p30", or of all periods between two "fUSD:a30:p2:p30". */
struct lent_candles {
    enum currency currency;
    unsigned period_least, period_most; /* days */
    enum timeframe timeframe;
};
bool lent_candles_find(struct slice key, struct lent_candles *candles);

/* Interval by interval from the tape, newest or oldest first, as far as that goes back.  Begin with
 * `done` 0; false ends. */
struct lent_walk {
    const struct ring *tape;
    struct lent_candles of;
    uint64_t from_ms, to_ms;
    bool newest_first;
    size_t done;
};
bool lent_candle_next(struct lent_walk *walk, struct candle *candle);

#endif
