/* exchange/settle.h: what a trade does to its orders and to wallets
 *
 * Six changes of wallets: each side pays, receives, and is charged for what it received.  A side on
 * margin changes its position instead, which may have gained or lost, and is charged in the quote.
 * The fees go to the fee account.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_SETTLE_H
#define EXCHANGE_SETTLE_H

#include "exchange/holding.h"
#include "exchange/state.h"

struct settled_side {
    struct holding_change changes[HOLDING_CHANGES_MOST];
    unsigned change_count;
    int64_t amount; /* signed */
    bool takes_var, is_forced;
};

struct settlement {
    struct trade trade;
    struct settled_side sides[2]; /* maker, taker; positions are left to the caller to tell */
    struct ledger_row rows[6];    /* none of amount 0 */
    unsigned count;
};

/* `amount` > 0 changes hands at the maker's price.  An order of which nothing remains is EXECUTED;
 * books, locks and links are left to the caller, who tells the settlement. */
void settle(struct engine *engine, struct order *maker, struct order *taker, int64_t amount,
            struct settlement *settlement);

#endif
