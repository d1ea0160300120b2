/* market/worth.h: what things are worth, and where chance comes from
 *
 * The worth of a currency in USD is its centre times one plus a sum of noises of several time
 * scales, from a quarter of a minute to a month, each as strong as the square root of its period:
 * up to a month it looks like a random walk, beyond that it returns.  Being a function of time it
 * needs no state. Coins share half of their movement, and cross rates fit together.  Contracts are
 * worth what they stand for, give or take some tenths of a percent.
 *
 * Pure: integers only.
 */
#ifndef MARKET_WORTH_H
#define MARKET_WORTH_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/market.h"

/* One stream of random numbers, its own for each seed, market, participant and moment. */
struct chance {
    uint64_t state;
};

struct chance chance_init(uint64_t seed, uint64_t stream, uint64_t moment);
uint64_t chance_draw(struct chance *chance);
uint64_t chance_below(struct chance *chance, uint64_t end); /* 0 to end - 1, end > 0 */

/* A noise of this stream at this time, about +-1 000 000 over minutes to hours. */
int64_t noise_busy_ppm(uint64_t seed, uint64_t stream, uint64_t elapsed_ms);

/* Does its worth move? Money that people count in does not, or hardly. */
bool worth_is_coin(enum currency currency);

/* In USD, fixed-point; `elapsed_ms` counts from the beginning of the exchange. */
int64_t worth_of(uint64_t seed, enum currency currency, uint64_t elapsed_ms);

/* What one unit of the base is worth in the quote. */
int64_t worth_of_pair(uint64_t seed, enum market market, uint64_t elapsed_ms);

#endif
