/* market/generator.h: simulated participants, all from one seed
 *
 * They trade through ordinary accounts and ordinary commands, so a user's order moves the market.
 * What they do next is a function of the seed, the time since the exchange began and what the
 * engine shows: there is no state to save, and a restarted exchange goes on where it was.  Each
 * participant draws from its own random stream, so that adding a market moves no other.
 *
 * What they believe a coin to be worth: market/worth.h.  What they do about it: market/traders.h,
 * and with money: market/lenders.h.
 *
 * Pure: integers only, no clock, no allocation.
 */
#ifndef MARKET_GENERATOR_H
#define MARKET_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

#include "exchange/engine.h"
#include "market/mood.h"

/* Accounts of participants are numbered from here; people have smaller numbers. */
#define GENERATOR_ACCOUNT_FIRST UINT64_C(1000000000)
#define GENERATOR_BATCH         64

/* The past that a new exchange gets before it opens, and the pause between two steps of a market
 * then and afterwards. */
#define GENERATOR_HISTORY_MS      UINT64_C(86400000)
#define GENERATOR_HISTORY_STEP_MS UINT64_C(30000)
#define GENERATOR_STEP_MS         UINT64_C(1000)

struct generator {
    struct mood mood; /* and the seed; its owner may change it between two calls */
    uint64_t step_ms; /* live pace of one market; may be set by the owner after init */
    uint64_t due_ms;  /* when the next batch is due */
    uint32_t place;   /* whose turn it is: a market, or a currency behind all markets */
};

/* `engine` is new, or replayed: a new one begins GENERATOR_HISTORY_MS before `now_ms`, an old one
 * where it stopped, but not longer ago than that. */
void generator_init(struct generator *generator, uint64_t seed, const struct engine *engine,
                    uint64_t now_ms);

/* The next commands due at or before `now_ms`, stamped with the time they were due: 0 when none
 * are. The caller journals and applies them before it asks again; one that engine_judge refuses is
 * dropped.
 *
 *     while ((count = generator_next(&g, engine, now_ms, commands)) > 0) ...
 *
 * `g.due_ms` then says when to come back. */
size_t generator_next(struct generator *generator, const struct engine *engine, uint64_t now_ms,
                      struct command commands[GENERATOR_BATCH]);

#endif
