/* exchange/rank_set.h: which prices have orders
 *
 * A set of numbers below PRICE_RANKS as three layers of bits: a bit of a layer says that a word
 * below it is not empty.  Neighbours are found in a handful of word operations however far they
 * are, which no tree of prices offers.  A zero-filled set is empty; 0 is never a member and says
 * "none".
 */
#ifndef EXCHANGE_RANK_SET_H
#define EXCHANGE_RANK_SET_H

#include <stdint.h>

#include "exchange/market.h"

#define RANK_WORDS(bits) (((bits) + 63) / 64)
#define RANK_LAYER_0     RANK_WORDS(PRICE_RANKS)
#define RANK_LAYER_1     RANK_WORDS(RANK_LAYER_0)
#define RANK_LAYER_2     RANK_WORDS(RANK_LAYER_1)

struct rank_set {
    uint64_t layer_0[RANK_LAYER_0];
    uint64_t layer_1[RANK_LAYER_1];
    uint64_t layer_2[RANK_LAYER_2];
};

void rank_set_add(struct rank_set *set, uint32_t rank);
void rank_set_remove(struct rank_set *set, uint32_t rank);
uint32_t rank_set_above(const struct rank_set *set, uint32_t rank); /* the least member > rank */
uint32_t rank_set_below(const struct rank_set *set, uint32_t rank); /* the greatest member < rank */

#endif
