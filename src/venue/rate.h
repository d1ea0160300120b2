/* venue/rate.h: what one currency is worth in another, by the latest trades
 *
 * Source: reference of the venue's REST API, 7.15.
 */
#ifndef VENUE_RATE_H
#define VENUE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "venue/candles.h"

/* By the market of the two, from either side, or by way of USD.  False: nothing was traded that
 * would tell. */
bool rate_find(const struct candles *candles, enum currency from, enum currency to, int64_t *rate);

/* What an amount is worth in USD; 0 when nothing tells, INT64_MAX when it is more. */
int64_t rate_in_usd(const struct candles *candles, enum currency currency, int64_t amount);

#endif
