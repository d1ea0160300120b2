/* exchange/money.h: money that moves without a trade
 *
 * It arrives (CREDIT), goes from one wallet of an account to another (TRANSFER), leaves (WITHDRAW),
 * or comes back because it did not get away (WITHDRAW_RETURN).  What is withdrawn costs a fee,
 * which goes to the fee account as those of trades do and returns with the money.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_MONEY_H
#define EXCHANGE_MONEY_H

#include "exchange/state.h"

enum { MONEY_ROWS_MOST = 2 };

/* Would the command change nothing?  BALANCE: `refused->limit` is what is available. */
enum refusal money_judge(const struct engine *engine, const struct command *command,
                         struct event_refused *refused);

/* Carries out what the judge has let pass; the account's place is `place`.  Returns how many ledger
 * rows there are to tell; each names the wallet that changed. */
unsigned money_move(struct engine *engine, const struct command *command, uint32_t place,
                    struct ledger_row rows[MONEY_ROWS_MOST]);

#endif
