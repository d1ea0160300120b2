/* exchange/engine.h: commands in, events out
 *
 * One writer calls engine_apply(); the same commands give the same events and the same state, to
 * the last byte, on every machine.  Price-time priority; money is integers; a trade's value is
 * rounded down, a fee up; what a fee takes goes to the account ENGINE_FEE_ACCOUNT, so that for each
 * currency the balances of all accounts add up to what was credited.
 *
 * How a door uses it:
 *     refusal = engine_judge(...)     answer it, journal nothing
 *     journal_append(...)             may fail: nothing has happened yet
 *     engine_apply(...)               fold the events, keep the replies
 *     journal_flush(...)              once a turn of its loop, then send the replies
 *
 * Pure: no clock, no randomness, no floating point, no allocation, no order of hash tables.  The
 * engine lives in one zero-filled block of its caller, which holds only indices:
 * src/exchange/README.md.
 */
#ifndef EXCHANGE_ENGINE_H
#define EXCHANGE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange/command.h"
#include "exchange/event.h"
#include "exchange/fee.h"
#include "exchange/market.h"
#include "exchange/order.h"

/* Receives all fees; no command may name it, and it has no ledger rows: they are those of the
 * payers. */
#define ENGINE_FEE_ACCOUNT   UINT64_C(0)

struct engine_limits {
    uint32_t orders;   /* active at once, 1 to 2^24 */
    uint32_t accounts; /* 1 to 2^24 */
};

struct engine;

/* Bytes of the block; most of them are never touched, so take it from calloc or mmap. */
size_t engine_size(struct engine_limits limits);

/* `block` is aligned to 64 bytes, zero-filled and engine_size(limits) long; the engine is in it. */
struct engine *engine_init(void *block, struct engine_limits limits);

/* Would the command change nothing, now?  REFUSAL_NONE: engine_apply will carry it out.  `refused`
 * may be NULL; it gets what the door prints. */
enum refusal engine_judge(const struct engine *engine, const struct command *command,
                          struct event_refused *refused);

/* Carries out one command.  A refused one changes nothing but the engine's time. */
void engine_apply(struct engine *engine, const struct command *command, struct event_sink sink);

/* ---- Reading.  What is returned stays valid until the next engine_apply(). ---- */

struct wallet {
    int64_t balance;
    int64_t locked; /* by active orders, offers and loans, never more than there is; of a margin
                       wallet 0, and its balance may be negative while a position backs it */
};

struct account {
    uint64_t id;
    uint32_t order_count;             /* active */
    uint32_t margin_order_count;      /* of them */
    uint32_t order_first, order_last; /* links of the engine */
    uint32_t positions[MARKET_COUNT]; /* likewise */
    struct turnover turnover;
    struct wallet wallets[WALLET_COUNT][CURRENCY_COUNT];
};

uint64_t engine_started_ms(const struct engine *engine); /* time of its first command, 0 before */
uint64_t engine_time_ms(const struct engine *engine);    /* time of its latest command, 0 before */
uint64_t engine_command_count(const struct engine *engine); /* applied, refused ones too */
uint64_t engine_rules(const struct engine *engine);         /* enum rule, summed */
uint32_t engine_order_count(const struct engine *engine);   /* active */

/* Of the latest trade; 0: there was none. */
int64_t engine_last_price(const struct engine *engine, enum market market);

/* When time does something next: an order ends, money that was lent earns.  UINT64_MAX: never. */
uint64_t engine_due_ms(const struct engine *engine);

/* NULL when there is none: never credited, never accepted, closed already. */
const struct account *engine_account_find(const struct engine *engine, uint64_t account);
const struct order *engine_order_find(const struct engine *engine, uint64_t order);

/* The newest active order of the account with this client id that was created on this UTC day (days
 * since 1970); NULL when there is none. */
const struct order *engine_order_by_cid(const struct engine *engine, uint64_t account, uint64_t cid,
                                        uint64_t day);

/* Active orders of an account, oldest first: `after` NULL begins, NULL ends. */
const struct order *engine_account_order_next(const struct engine *engine, uint64_t account,
                                              const struct order *after);

/* Visible levels of one side, best first.  Begin with `level->price` 0, then pass the last one
 * again; false ends.
 *
 *     struct book_level level = { .market = MARKET_BTCUSD, .bid = true };
 *     while (engine_level_next(engine, &level)) ...
 */
bool engine_level_next(const struct engine *engine, struct book_level *level);

/* Visible orders of one side in the order in which they will be filled: `after` NULL begins. */
const struct order *engine_book_order_next(const struct engine *engine, enum market market,
                                           bool bid, const struct order *after);

/* ---- Proving. ---- */

/* Walks everything and compares what is kept with what follows from it: the book is not crossed,
 * levels and links agree, locks are those of the orders, money adds up.  NULL, or what is wrong;
 * static. */
const char *engine_check(const struct engine *engine);

/* Of accounts, wallets, orders, their priorities and all counters: equal states, equal numbers. */
uint64_t engine_state_hash(const struct engine *engine);

#endif
