/* exchange/stop.h: orders that wait for a price
 *
 * A stop and a stop limit wait for a trade at their price or beyond it: above for who buys, below
 * for who sells.  A trailing stop waits for its reference, which is the best price across (without
 * one the latest trade's); when the reference moves away, the price follows at a fixed distance.
 * Nobody can meet a waiting order, and nobody sees it.
 *
 * An order that is hit leaves its queue for a list, in which those that were hit earlier go first,
 * and among those that one trade hits the nearest price and then the oldest.  The engine empties
 * the list at the end of each command.
 *
 * Source: reference of the venue's WebSocket API, 10.1 and 14.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_STOP_H
#define EXCHANGE_STOP_H

#include "exchange/state.h"

void stop_init(struct engine *engine, uint32_t *places);

/* How many numbers stop_init() distributes. */
size_t stop_places(struct engine_limits limits);

/* Lets the order wait; one whose price is met already is hit. */
void stop_insert(struct engine *engine, struct order *order);

/* The order waits or is hit. */
void stop_remove(struct engine *engine, struct order *order);

/* A trade has happened. */
void stop_trade(struct engine *engine, enum market market, int64_t price);

/* A trailing stop whose price has just followed its reference; NULL: all have. */
struct order *stop_follow(struct engine *engine);

/* Takes the next order from the list of those that are hit, or whose reference has come; NULL:
 * there is none.  Call stop_follow() until it has nothing more before. */
struct order *stop_next(struct engine *engine);

/* What such an order becomes when it is hit. */
enum order_type stop_type_hit(unsigned type);

static inline bool order_trails(unsigned type)
{
    return type == ORDER_TYPE_EXCHANGE_TRAILING_STOP || type == ORDER_TYPE_TRAILING_STOP;
}

static inline bool order_is_stop_limit(unsigned type)
{
    return type == ORDER_TYPE_EXCHANGE_STOP_LIMIT || type == ORDER_TYPE_STOP_LIMIT;
}

/* Where a trailing stop begins now; 0: there is nothing to follow, or no such price. */
int64_t stop_trail_price(const struct engine *engine, enum market market, bool buy,
                         int64_t price_trailing);

/* NULL, or what is wrong; static. */
const char *stop_check(const struct engine *engine);

#endif
