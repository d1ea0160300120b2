/* exchange/credit.h: loans that positions use
 *
 * The credits of a position come to what it owes, never less: quote of a long one, base of a short
 * one.  Where the funding book has too little, the venue lends the rest, in one loan a position, so
 * that a fill that was accepted never fails for want of a lender.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_CREDIT_H
#define EXCHANGE_CREDIT_H

#include "exchange/lending.h"
#include "exchange/position.h"

/* What a position owes, and of which currency. */
int64_t credit_need(const struct position *position, enum currency *currency);

/* What the credits of a position come to. */
int64_t credit_sum(const struct engine *engine, const struct position *position);

/* Interest of its credits that is not yet paid. */
int64_t credit_interest(const struct engine *engine, const struct position *position);

/* Borrows or gives back until the credits are what the position owes; a closed one owes nothing. */
void credit_adjust(const struct lending_turn *turn, const struct position *position,
                   bool takes_var);

/* Ends a loan; a position that uses it borrows elsewhere. */
void credit_end(const struct lending_turn *turn, struct loan *loan, enum loan_state state);

#endif
