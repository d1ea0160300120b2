/* exchange/settle.h: what a trade does to its orders and to wallets
 *
 * Six changes of wallets: each side pays, receives, and is charged for what it received.  The fees
 * go to the fee account.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_SETTLE_H
#define EXCHANGE_SETTLE_H

#include "exchange/state.h"

struct settlement {
    struct trade trade;
    struct ledger_row rows[6]; /* none of amount 0 */
    unsigned count;
};

/* `amount` > 0 changes hands at the maker's price.  An order of which nothing remains is EXECUTED;
 * books, locks and links are left to the caller, who tells the settlement. */
void settle(struct engine *engine, struct order *maker, struct order *taker, int64_t amount,
            struct settlement *settlement);

#endif
