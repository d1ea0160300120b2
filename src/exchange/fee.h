/* exchange/fee.h: what a trade costs
 *
 * Without COMMAND_RULES everybody pays the first tier.  With it the tier is that of what the
 * account has traded today (UTC) and in the 29 days before, in US dollars at the latest trades'
 * prices, and whoever waited in hiding pays like a taker.
 */
#ifndef EXCHANGE_FEE_H
#define EXCHANGE_FEE_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/market.h"

enum { FEE_DAYS = 30, FEE_CONTRACT_MAKER_PPM = 200, FEE_CONTRACT_TAKER_PPM = 650 };

/* Of an account; zero-filled at first. */
struct turnover {
    uint64_t day;           /* since 1970, the latest with a trade */
    int64_t days[FEE_DAYS]; /* day modulo FEE_DAYS */
};

struct fee_tier {
    int64_t volume; /* US dollars, from which on it holds */
    uint32_t maker_ppm, taker_ppm;
};

struct engine;
struct account;

/* What the account has traded within 30 days, by the engine's time; ends at INT64_MAX. */
int64_t fee_volume(const struct engine *engine, const struct account *account);

/* Contracts cost the same whatever was traded. */
struct fee_tier fee_tier(const struct engine *engine, const struct account *account,
                         enum market market);

/* For the files of this folder: so many dollars were traded. */
void fee_note(const struct engine *engine, struct account *account, int64_t dollars);

#endif
