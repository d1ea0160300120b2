/* venue/depth.h: the order book and the ticker, as the venue prints them
 *
 * Source: reference of the venue's REST API, 7.2, 7.3, 7.6.
 */
#ifndef VENUE_DEPTH_H
#define VENUE_DEPTH_H

#include "exchange/engine.h"
#include "http/json_write.h"
#include "venue/candles.h"

/* "P0" (five significant digits of the price) to "P4" (one), and "R0" (single orders). */
enum depth_precision { DEPTH_P0, DEPTH_P1, DEPTH_P2, DEPTH_P3, DEPTH_P4, DEPTH_R0 };
bool depth_precision_find(struct slice name, enum depth_precision *precision);

/* One row of the book: a level, or with R0 an order. */
struct depth_row {
    int64_t price;
    uint64_t count;  /* of the level's orders; R0: the order's id */
    int64_t amount;  /* < 0 asks; of funding < 0 bids */
    unsigned period; /* of funding, days; 0: a row of trading */
};

/* The best `length` rows of one side, best first; returns how many there are.  Bids are rounded
 * down to their level, asks up.  At one price, R0 goes by id, which is not the order of filling
 * once an order has been changed: so do clients that keep a book of their own. */
size_t depth_side(const struct engine *engine, enum market market, enum depth_precision precision,
                  bool bid, size_t length, struct depth_row *rows);

/* `price` with 5 - `fewer` significant digits. */
int64_t depth_round(int64_t price, unsigned fewer, bool up);

/* [PRICE,COUNT,AMOUNT]; R0: [ID,PRICE,AMOUNT]; of funding [RATE,PERIOD,COUNT,AMOUNT] and
 * [ID,PERIOD,RATE,AMOUNT] */
void depth_row_put(struct json_writer *w, enum depth_precision precision,
                   const struct depth_row *row);

#define DEPTH_LENGTH_MOST 250

/* One flat array: at most `length` (<= DEPTH_LENGTH_MOST) bids from the best down, then as many
 * asks from the best up. */
void depth_book(struct json_writer *w, const struct engine *engine, enum market market,
                enum depth_precision precision, unsigned length);

/* 10 elements, or 11 with the symbol in front. */
void depth_ticker(struct json_writer *w, const struct engine *engine, const struct candles *candles,
                  enum market market, uint64_t now_ms, bool with_symbol);

#endif
