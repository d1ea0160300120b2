/* exchange/book.h: who stands where
 *
 * An order of the book is one that rests: a limit order of this market with something remaining.
 * Everything here takes constant time, however many orders and prices there are.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_BOOK_H
#define EXCHANGE_BOOK_H

#include "exchange/state.h"

/* Behind all others at its price. */
void book_insert(struct engine *engine, struct order *order);
void book_remove(struct engine *engine, struct order *order);

/* Tells the level that a resting order's remaining amount became `amount`, signed like the order;
 * the caller then changes the order. */
void book_resize(struct engine *engine, const struct order *order, int64_t amount);

/* Rank of the best price of a side, hidden orders too; 0: the side is empty. */
uint32_t book_best(const struct engine *engine, enum market market, bool bid);

/* Rank of the next worse price; 0: there is none. */
uint32_t book_worse(const struct engine *engine, enum market market, bool bid, uint32_t rank);

/* Can the level at this price still count `amount` more?  Cheap prices allow sums beyond any
 * number. */
bool book_has_room(const struct engine *engine, enum market market, int64_t price, int64_t amount);

/* Could all of `order`, which is not in the book, be filled now within its price?  An order of the
 * same account ends the search if the order is protected against itself. */
bool book_fills_whole(const struct engine *engine, const struct order *order);

#endif
