/* exchange/state.h: what lies in the engine's block
 *
 *     +--------+------------+----------+--------------+--------+--------+-------------+
 *     | engine | account    | accounts | order id map | orders | queues | books       |
 *     |        | id map     | 1..limit |              | 1..lim |        | one a market|
 *     +--------+------------+----------+--------------+--------+--------+-------------+
 *
 * Links are indices into `accounts`, `orders` and a book's `levels`; index 0 is nobody, so a
 * zero-filled block is an empty exchange, and memory that was never used is never touched.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_STATE_H
#define EXCHANGE_STATE_H

#include "exchange/contract.h"
#include "exchange/engine.h"
#include "exchange/id_map.h"
#include "exchange/rank_set.h"

/* The orders at one price in the order in which they will be filled. */
struct level {
    int64_t amount;       /* of the visible ones, unsigned */
    uint32_t count;       /* visible ones */
    uint32_t first, last; /* hidden ones too */
};

/* Both sides share the levels: while the book is not crossed, a level at or below best_bid holds
 * bids and any other one asks. */
struct book {
    uint32_t best_bid, best_ask; /* ranks, hidden orders too; 0: none */
    struct rank_set ranks;       /* of levels that are not empty */
    struct level levels[PRICE_RANKS];
};

struct lending;
struct holdings;

/* exchange/queue.h */
struct queue {
    uint32_t *places; /* from 1 */
    uint32_t count;
    enum order_waiting waits_for;
};

/* Orders of a market that wait for a price, [true] those that buy. */
struct stops {
    struct queue by_trade[2];     /* stops, stop limits: of a trade */
    struct queue by_reference[2]; /* trailing stops: of what stands across */
    struct queue following[2];    /* the same orders: of what stands across, further away */
};

struct engine {
    struct engine_limits limits;
    uint64_t started_ms, time_ms;
    uint64_t command_count;
    uint64_t rules; /* enum rule, summed */
    uint64_t order_id, trade_id, row_id; /* the latest given */
    uint32_t account_count;              /* places 1..account_count are taken */
    uint32_t order_count;                /* active */
    uint32_t margin_order_count;         /* of them */
    uint32_t waiting_count;              /* of them, those that wait for a price or are hit */
    uint32_t hit_first, hit_last;        /* linked as levels are; empty between two commands */
    uint32_t order_high;                 /* places above were never used */
    uint32_t order_free;                 /* the latest freed place; linked by level_after */
    int64_t last_prices[MARKET_COUNT];   /* of the latest trade; 0: there was none */
    int64_t credited[CURRENCY_COUNT];    /* all accounts, less what was withdrawn */
    struct contract contracts[MARKET_COUNT];
    bool margin_moved; /* what backs positions may have changed; false between two commands */

    /* Derived once from the limits. */
    struct id_map account_places, order_places;
    struct account *accounts;
    struct order *orders;
    struct queue due; /* the active orders that have a time in force */
    struct stops stops[MARKET_COUNT];
    struct book *books;
    struct lending *lending;
    struct holdings *holdings;
};

/* The fee account is the first that engine_init makes. */
#define FEE_PLACE 1

static inline int64_t magnitude(int64_t amount)
{
    return amount < 0 ? -amount : amount;
}

static inline uint32_t account_place(const struct engine *engine, uint64_t id)
{
    return id_map_find(engine->account_places, id);
}

static inline uint32_t order_place(const struct engine *engine, const struct order *order)
{
    return (uint32_t)(order - engine->orders);
}

static inline struct wallet *wallet_of(struct engine *engine, uint64_t account,
                                       enum currency currency)
{
    return &engine->accounts[account_place(engine, account)].wallets[WALLET_EXCHANGE][currency];
}

static inline int64_t wallet_available(const struct wallet *wallet)
{
    return wallet->balance - wallet->locked;
}

static inline bool order_is_market(uint8_t type)
{
    return type == ORDER_TYPE_EXCHANGE_MARKET || type == ORDER_TYPE_MARKET;
}

/* The currency an order pays with. */
static inline enum currency currency_paid(enum market market, bool buy)
{
    return buy ? market_facts(market)->quote : market_facts(market)->base;
}

/* Would an incoming order at `price` meet a resting one of this rank?  A price of 0 takes any. */
static inline bool price_meets(bool buy, int64_t price, uint32_t rank)
{
    int64_t other;

    if (rank == 0)
        return false;
    other = price_of_rank(rank);
    return price == 0 || (buy ? other <= price : other >= price);
}

/* What must be locked for `amount` (signed, may be 0) at `price`: a seller locks what he sells, a
 * buyer the price rounded up, and a buyer at market nothing, for he pays fill by fill.  False: more
 * money than there is. */
bool lock_for(bool is_market, int64_t amount, int64_t price, int64_t *lock);

/* What an order has to hold locked.  A pair needs its greater lock once, and its limit order holds
 * it. */
bool order_lock(const struct engine *engine, const struct order *order, int64_t *lock);

/* What a SUBMIT buys or sells: to close a position all of it, whatever the command says; 0: there
 * is none. */
int64_t submit_amount(const struct engine *engine, const struct command *command);

/* Of an order in this market that asks for `wanted`, <= CONTRACT_LEVERAGE_MOST. */
uint8_t order_leverage(enum market market, uint64_t wanted);

/* The price a SUBMIT gives its order; 0: none, or none that can be. */
int64_t submit_price(const struct engine *engine, const struct command *command);

/* The order an UPDATE would make of this one; the engine and the judge must agree on it. */
enum refusal order_updated(const struct engine *engine, const struct order *order,
                           const struct command *command, struct order *updated);

/* Does an updated order keep its place at its price? */
bool order_keeps_place(const struct order *order, const struct order *updated);

#endif
