/* exchange/contract.h: perpetual contracts
 *
 * In a market of contracts (market.def) nobody gets coins.  Who buys holds a position of an amount
 * > 0, who sells one of an amount < 0, and all of them add up to nothing.  Gains, losses and fees
 * are settled in the quote, which lies in margin wallets only: USTF0 is UST that a TRANSFER has
 * brought there, one for one.
 *
 * Each position is backed by collateral of its own, a part of the margin wallet that is set aside:
 * its value over the leverage of the orders that opened it, until somebody sets another.  With less
 * than the least margin, which is its collateral and what it gained or lost at the mark, it is
 * closed at market and its collateral is gone: what that leaves goes to the insurance fund, what it
 * lacks comes from there.  Nothing else of the account is touched.
 *
 * What keeps the price near that of the coin.  The index is the price of the latest trade of the
 * underlying market.  Each full minute the premium of the contract's latest trade over the index is
 * noted; at 00:00, 08:00 and 16:00 UTC comes a funding event, at which one side pays the other
 *
 *     rate = max(0.05 %, mean) + min(-0.05 %, mean), at most 0.25 % either way
 *     mark = index x (1 + the mean so far, at most 0.25 % either way)
 *
 * of its value at the mark, long to short when the rate is > 0.
 *
 * Source: reference of the venue's REST API, 7.10, 8.4; its formula and its mark are not public in
 * all detail, so these are ours.
 */
#ifndef EXCHANGE_CONTRACT_H
#define EXCHANGE_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/market.h"

#define CONTRACT_SAMPLE_MS UINT64_C(60000)
#define CONTRACT_EVENT_MS  UINT64_C(28800000)

/* Fixed-point: premiums and rates. */
#define CONTRACT_CLAMP_LEAST 50000
#define CONTRACT_CLAMP_MOST  250000

enum { CONTRACT_LEVERAGE = 10, CONTRACT_LEVERAGE_MOST = 100 };

struct engine;
struct position;
struct lending_turn;

struct contract_status {
    int64_t price, spot, mark; /* of the quote; 0: nobody has traded */
    int64_t insurance;         /* what the fund has, < 0: what it has laid out */
    uint64_t event_ms;         /* of the next funding event; 0: nobody has traded */
    int64_t accrued;           /* the rate if it were now */
    uint32_t step;             /* minutes that have been noted for it */
    int64_t rate;              /* of the latest one */
    int64_t open_interest;     /* of the base, one side */
};

/* `market` is one of contracts. */
struct contract_status contract_status(const struct engine *engine, enum market market);

/* What its collateral may be set to; both 0: it is not of contracts. */
void contract_collateral_limits(const struct engine *engine, const struct position *position,
                                int64_t *least, int64_t *most);

/* How much of the base the account could buy (or sell) with what is free; `price` 0: at the mark.
 */
int64_t contract_tradable(const struct engine *engine, uint64_t account, enum market market,
                          bool buy, int64_t price, unsigned leverage);

/* ---- For the files of this folder. ---- */

/* Of the engine, one a market. */
struct contract {
    uint64_t sample_ms, event_ms; /* when they are due; 0: nobody has traded yet */
    int64_t premium_sum;          /* of the minutes since the latest funding event */
    uint32_t samples, positions;
    int64_t premium_before; /* mean up to the latest funding event */
    int64_t rate;
};

/* What positions of this market are valued at: the mark of contracts, else the latest trade. */
int64_t contract_price(const struct engine *engine, enum market market);

/* Does what is due by the engine's time; tells it. */
void contract_pass(const struct lending_turn *turn);

/* Of the next funding event that somebody holds a position for; UINT64_MAX: none. */
uint64_t contract_due_ms(const struct engine *engine);

#endif
