/* exchange/collateral.h: what backs contracts
 *
 * Of the quote in a margin wallet some is set aside for positions (`collateral`), some is needed by
 * open orders, and the rest is free:
 *
 *     need = for each side of a market the values of its orders over their leverage, less, for as
 *            much as the side only closes, the cheapest of them
 *
 * However orders are filled or canceled, in whatever order, a need never grows, and what a fill
 * sets aside is no more than the need falls by.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_COLLATERAL_H
#define EXCHANGE_COLLATERAL_H

#include "exchange/lending.h"
#include "exchange/margin.h"
#include "exchange/settle.h"

/* Set aside for all positions of the account. */
int64_t collateral_sum(const struct engine *engine, uint32_t account, enum currency currency);

/* Neither set aside nor needed; < 0: a loss has eaten it. */
int64_t collateral_free(const struct engine *engine, uint32_t account, enum currency currency);

/* Would all of it be backed, or does the try at least ask for no more than is needed now? */
bool collateral_allows(const struct engine *engine, uint32_t account, const struct margin_try *try);

/* How much of `most` (> 0) an order at market may trade at this price. */
int64_t collateral_affordable(const struct engine *engine, const struct order *order, int64_t price,
                              int64_t most);

/* Has the position too little margin? */
bool collateral_is_short(const struct engine *engine, const struct position *position);

/* What the insurance fund pays (or gets, < 0) for a side that has been booked, of a position that
 * had set aside `held` before. */
int64_t collateral_cover(const struct engine *engine, const struct order *order,
                         const struct settled_side *side, int64_t held, int64_t booked);

/* Sets aside what a side that has been booked and covered has opened, as far as it is there. */
void collateral_take(struct engine *engine, const struct order *order, const struct trade *trade,
                     const struct settled_side *side);

/* NULL, or what is wrong; static. */
const char *collateral_check(const struct engine *engine);

/* COMMAND_COLLATERAL. */
enum refusal collateral_judge(const struct engine *engine, const struct command *command,
                              struct event_refused *refused);
void collateral_apply(const struct lending_turn *turn);

#endif
