/* exchange/turn.h: one command on its way through the engine
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_TURN_H
#define EXCHANGE_TURN_H

#include "exchange/event.h"
#include "exchange/state.h"

struct turn {
    struct engine *engine;
    const struct command *command;
    struct event_sink sink;
};

void tell(const struct turn *turn, struct event event);

/* A new account's place; there is room for it. */
uint32_t account_make(struct engine *engine, uint64_t id);

/* Ends an active order wherever it is, and the other one of a pair. */
void order_cancel(const struct turn *turn, struct order *order);

/* Closes a position at market, as far as the book goes; there is room for an order. */
void order_force(const struct turn *turn, const struct position *position);

/* liquidate.c: closes what is not backed any more.  Its trades may ask for another look
 * (`margin_moved`). */
void liquidate(const struct turn *turn);

#endif
