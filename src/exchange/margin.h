/* exchange/margin.h: whether what an account has backs what it wants to do
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_MARGIN_H
#define EXCHANGE_MARGIN_H

#include "exchange/position.h"
#include "exchange/state.h"

/* An order that is not there yet, `instead` of one that is (or NULL). */
struct margin_try {
    enum market market;
    int64_t amount; /* signed */
    int64_t price;
    const struct order *instead;
    unsigned leverage; /* of contracts */
};

/* In US dollars, at the latest trade's price; 0 while nobody knows one. */
int64_t margin_dollars(const struct engine *engine, enum currency currency, int64_t amount);

/* What an order is counted at; 0: the other one of its pair is counted for it. */
int64_t margin_order_price(const struct engine *engine, const struct order *order);

/* Would all of it be backed, or does the try at least ask for no more than there is now? */
bool margin_allows(const struct engine *engine, uint32_t account, const struct margin_try *try);

/* How much of `most` (> 0) an order at market may trade at this price. */
int64_t margin_affordable(const struct engine *engine, const struct order *order, int64_t price,
                          int64_t most);

/* The least margin of one position, in US dollars. */
int64_t margin_least_of(const struct engine *engine, const struct position *position);

/* Is there less than the least margin? */
bool margin_is_short(const struct engine *engine, uint32_t account);

/* What an order may still do that must only make a position smaller: ACTIVE, all of it; else how it
 * ends. */
enum order_state margin_reduces(const struct engine *engine, const struct order *order);

#endif
