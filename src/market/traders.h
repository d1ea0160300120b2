/* market/traders.h: who trades in a market, and what they do next
 *
 *   two makers    keep TRADER_LEVELS prices on each side of what the pair is worth, and follow it
 *   one informed  takes whatever stands on the wrong side of that worth
 *   one noisy     buys and sells at market, much or little, in busy and in quiet hours
 *   one patient   rests a few orders near the touch and takes them back
 *
 * Pure: a function of the seed, the time and what the engine shows.
 */
#ifndef MARKET_TRADERS_H
#define MARKET_TRADERS_H

#include <stddef.h>

#include "exchange/engine.h"
#include "market/mood.h"

enum trader {
    TRADER_MAKER_NEAR,
    TRADER_MAKER_FAR,
    TRADER_INFORMED,
    TRADER_NOISY,
    TRADER_PATIENT,
    TRADER_COUNT
};

#define TRADER_LEVELS 30
/* At most so many commands come from one call. */
#define TRADERS_COMMANDS_MOST 64

struct traders_turn {
    const struct mood *mood; /* and the seed */
    enum market market;
    uint64_t time_ms;  /* stamped on the commands */
    uint64_t begun_ms; /* when the exchange began; 0: it has not yet */
    uint64_t pace_ms;  /* since their turn before this one */
};

uint64_t trader_account(enum market market, enum trader trader);

/* Writes what all traders of the market do now; returns how many commands. */
size_t traders_act(const struct traders_turn *turn, const struct engine *engine,
                   struct command commands[TRADERS_COMMANDS_MOST]);

#endif
