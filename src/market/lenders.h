/* market/lenders.h: who lends and borrows money, and what they do next
 *
 * For each currency that is lent:
 *
 *   one lender      keeps LENDER_OFFERS offers of several periods around what the money is worth a
 *                   day, some of them at the FRR, and takes them back one by one
 *   one borrower    takes the cheapest, rests a few bids below it, gives back what it has longest
 *
 * Pure: a function of the seed, the time and what the engine shows.
 */
#ifndef MARKET_LENDERS_H
#define MARKET_LENDERS_H

#include <stddef.h>
#include <stdint.h>

#include "exchange/engine.h"
#include "market/mood.h"

#define LENDER_OFFERS         32
#define LENDERS_COMMANDS_MOST 64

struct lenders_turn {
    const struct mood *mood; /* and the seed */
    enum currency currency;  /* one that is lent */
    uint64_t time_ms;        /* stamped on the commands */
    uint64_t begun_ms;       /* when the exchange began; 0: it has not yet */
    uint64_t pace_ms;        /* since their turn before this one */
};

/* What the money is worth a day now, as a rate. */
int64_t lenders_rate(const struct lenders_turn *turn);

/* Writes what both do now; returns how many commands. */
size_t lenders_act(const struct lenders_turn *turn, const struct engine *engine,
                   struct command commands[LENDERS_COMMANDS_MOST]);

#endif
