/* venue/history.h: what has happened, as far as somebody may ask
 *
 * A fold of the engine's events, rebuilt by replay: public trades of each market; closed orders,
 * trades and ledger rows of each person's account.  Everything is bounded, the oldest goes first.
 * Of the simulated participants nothing is kept: nobody can ask for it.
 */
#ifndef VENUE_HISTORY_H
#define VENUE_HISTORY_H

#include <stdint.h>

#include "exchange/engine.h"
#include "venue/ring.h"

#define HISTORY_TAPE_KEPT         10000 /* public trades of a market */
#define HISTORY_ORDERS_KEPT       5000  /* of an account, as the rest */
#define HISTORY_TRADES_KEPT       5000
#define HISTORY_ROWS_KEPT         10000
#define HISTORY_FRR_KEPT          8760 /* a year */
#define HISTORY_LIQUIDATIONS_KEPT 5000
#define HISTORY_CONTRACT_KEPT     10000 /* minutes: a week */

struct tape_row {
    uint64_t id, time_ms;
    int64_t amount, price; /* > 0: the taker bought */
};

struct lent_row {
    uint64_t id, time_ms;
    int64_t amount, rate; /* > 0: the taker lends */
    unsigned period;
};

/* Each full hour. */
struct frr_row {
    uint64_t time_ms;
    int64_t rate, lent, used, period_avg;
};

/* A change of a position, and what it was afterwards. */
struct position_row {
    uint64_t time_ms;
    enum position_change change;
    enum position_cause cause;
    struct position position;
};

/* Each full minute, and each funding event. */
struct contract_row {
    uint64_t time_ms;
    struct contract_status status;
};

/* Of anybody's position, for everybody to see. */
struct liquidation_row {
    uint64_t time_ms, position;
    enum market market;
    bool is_sold;
    int64_t amount, base_price, price;
};

struct own_lending {
    uint64_t id, time_ms, offer;
    enum currency currency;
    int64_t amount, rate; /* > 0: the account lends */
    unsigned period;
    bool is_maker;
};

struct own_trade {
    uint64_t id, time_ms;
    enum market market;
    struct trade_side side;
    bool is_maker;
    int64_t price;
};

/* A ledger row with what its description tells. */
struct ledger_line {
    uint64_t id, time_ms;
    enum ledger_kind kind;
    enum wallet_kind wallet;
    enum currency currency;
    int64_t amount, balance;
    uint64_t movement;             /* a deposit's or a withdrawal's, 0: none */
    enum wallet_kind wallet_other; /* of a transfer: where it came from, or went */
    enum currency currency_other;  /* and what it was, or became */
    enum market market;            /* and the rest: when a trade caused it */
    int64_t trade_price, trade_amount;
    uint64_t order, order_other, cid, gid;
    uint32_t fee_ppm;
};

struct account_history {
    uint64_t account;
    uint64_t opened_ms;
    uint32_t deposited;    /* currencies of which the starting balance has come, a bit each */
    struct ring orders;    /* struct order, in the order in which they closed */
    struct ring trades;    /* struct own_trade */
    struct ring rows;      /* struct ledger_line */
    struct ring offers;    /* struct offer, in the order in which they closed */
    struct ring loans;     /* struct loan, likewise; lent or borrowed */
    struct ring lendings;  /* struct own_lending */
    struct ring positions; /* struct position_row */
    struct ledger_line last_change[WALLET_COUNT][CURRENCY_COUNT]; /* id 0: none */
};

struct history {
    struct arena *arena;
    uint64_t account_end; /* of accounts below it everything is kept */
    struct ring tape[MARKET_COUNT];
    struct ring lent[CURRENCY_COUNT];  /* struct lent_row */
    struct ring frr[CURRENCY_COUNT];   /* struct frr_row */
    struct ring contracts[MARKET_COUNT]; /* struct contract_row */
    struct ring liquidations;          /* struct liquidation_row */
    struct account_history **accounts; /* sorted by account */
    size_t account_count, account_capacity;
};

void history_init(struct history *history, struct arena *arena, uint64_t account_end);
void history_take(struct history *history, const struct event *event);

struct liquidation_row history_liquidation(const struct event *event);

/* One side of a match. */
struct own_lending history_lending(const struct funding_trade *trade, bool lends);

/* NULL: nothing was ever heard of it. */
const struct account_history *history_find(const struct history *history, uint64_t account);

#endif
