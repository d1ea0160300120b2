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

/* One flat array: at most `length` bids from the best down, then as many asks from the best up,
 * with negative amounts.  Bids are rounded down to their level, asks up. */
void depth_book(struct json_writer *w, const struct engine *engine, enum market market,
                enum depth_precision precision, unsigned length);

/* 10 elements, or 11 with the symbol in front. */
void depth_ticker(struct json_writer *w, const struct engine *engine, const struct candles *candles,
                  enum market market, uint64_t now_ms, bool with_symbol);

#endif
