/* exchange/position.h: what an account holds on margin
 *
 * Orders without EXCHANGE in their type change a position of their market, one an account and
 * market, and not the exchange wallet.  A position holds an amount of the base and what was paid or
 * received for it of the quote, one of them with a minus: a long position owes quote, a short one
 * owes base.  What is owed is borrowed from the funding book (exchange/funding.h) when a fill needs
 * it: from what the account borrowed before and does not use, then from the best offers, and from
 * the venue what nobody offers.  A loan that a position uses is a credit.
 *
 *     long 0.5 BTC at 40000       amount 0.5, quote -20000     at 42000: P/L 1000
 *     short 0.5 BTC at 40000      amount -0.5, quote 20000     at 42000: P/L -1000
 *
 * What a position gains or loses is settled in the quote with the margin wallet as it shrinks.  All
 * positions of an account are backed by all of its margin wallets, in US dollars at the latest
 * trades' prices:
 *
 *     net      = what the wallets hold + P/L - interest not yet paid
 *     initial  = for each market its initial margin of the greatest exposure that the position and
 *                its open orders can come to; an order that would lift it above net is refused
 *     least    = for each position its least margin; with less than that the account is liquidated
 *
 * Liquidation cancels the account's orders on margin and closes positions at market, the one that
 * needs the greatest margin first, until what is left is backed.  What the book cannot take waits
 * for the next trade.  Wallets that are worth less than nothing after the last position are made up
 * by the venue.
 *
 * Positions in contracts borrow nothing and stand for themselves: exchange/contract.h.
 *
 * Source: reference of the venue's REST API, 8.4, 9; of its WebSocket API, 12.5.
 */
#ifndef EXCHANGE_POSITION_H
#define EXCHANGE_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/command.h"
#include "exchange/market.h"

enum { POSITIONS_MOST = 16384 /* at once, of everybody */ };

struct position {
    uint64_t id; /* grows with every position, below 2^53 */
    uint64_t account;
    uint64_t opened_ms, updated_ms;
    int64_t amount;     /* of the base; < 0 short, 0 once closed */
    int64_t quote;      /* what it holds of the quote: < 0 long, > 0 short */
    uint64_t order;     /* the latest that changed it; 0: a claim or an increase */
    uint64_t order_other; /* the one that it met, */
    int64_t trade_price, trade_amount; /* and how they traded; > 0 bought */
    int64_t base_price; /* mean of what opened it, rounded down; stays once it is closed */
    int64_t collateral; /* of contracts: what of the margin wallet backs it and nothing else */
    int64_t funded;     /* of contracts: by all funding events; < 0 paid */
    uint8_t market;     /* enum market */
    bool is_term;       /* its credits were asked for by term, not by the day */

    /* Links of the engine, meaningless to others. */
    uint32_t before, after;
};

struct engine;

/* ---- Reading.  What is returned stays valid until the next engine_apply(). ---- */

/* All positions, oldest first: `after` NULL begins, NULL ends. */
const struct position *position_next(const struct engine *engine, const struct position *after);

/* NULL: it has none. */
const struct position *position_find(const struct engine *engine, uint64_t account,
                                     enum market market);

/* At the price of the latest trade, contracts at their mark. */
struct position_worth {
    int64_t pl;        /* of the quote */
    int64_t pl_perc;   /* percent of what it cost */
    int64_t price_liq; /* 0: no price would end it */
    int64_t leverage;  /* its value over what backs it all; 0: nothing does */
    int64_t funding;   /* interest that is owed and not yet paid, in what it borrows; of contracts
                          position.funded */
    int64_t collateral_least; /* of contracts: what its collateral may be set to */
};
struct position_worth position_worth(const struct engine *engine, const struct position *position);

/* In US dollars; sums that no number holds end at its limits. */
struct margin {
    int64_t pl, interest; /* of all positions; interest that is not yet paid */
    int64_t balance;      /* of all margin wallets */
    int64_t net;
    int64_t initial, least;
};
struct margin margin_of(const struct engine *engine, uint64_t account);

/* How much of the base the account could buy (or sell) on margin at `price`; 0: at the latest. */
int64_t margin_tradable(const struct engine *engine, uint64_t account, enum market market, bool buy,
                        int64_t price);

/* What can be lent for a position of this market now: of the quote for a long one. */
int64_t margin_fundable(const struct engine *engine, uint64_t account, enum market market,
                        bool buy);

/* What may leave a wallet: what no order holds and, of a margin wallet, no position needs. */
int64_t wallet_free(const struct engine *engine, uint64_t account, enum wallet_kind kind,
                    enum currency currency);

#endif
