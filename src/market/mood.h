/* market/mood.h: what its owner made of the market
 *
 * A preset says how wide, deep and busy books are and how the worth of coins moves; shocks, thin
 * books and halts pass by.  Worth never leaps when a preset or the seed changes: what the mood
 * before has left is taken along and wears off within MOOD_RESIDUE_MS.  A shock does leap; that is
 * what it is for.
 *
 * Worth is displaced per currency, so cross rates fit together in any mood.
 *
 * Pure: integers only.
 */
#ifndef MARKET_MOOD_H
#define MARKET_MOOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "exchange/market.h"

#define MOOD_EVENTS_MOST 32
#define MOOD_RESIDUE_MS  UINT64_C(21600000)

enum preset {
#define PRESET(number, name, ...) PRESET_##name = (number),
#include "market/preset.def"
#undef PRESET
    PRESET_COUNT
};

const char *preset_text(enum preset preset); /* static */
bool preset_find(struct slice text, enum preset *preset);

enum mood_event_kind {
    MOOD_SHOCK, /* the market's base is worth more by `ppm`, less and less until the end */
    MOOD_THIN,  /* the simulated traders rest only `ppm` of what is usual */
    MOOD_HALT   /* nobody trades */
};

struct mood_event {
    enum mood_event_kind kind;
    bool everywhere; /* else in `market`; a shock is always in one */
    enum market market;
    int64_t ppm;
    uint64_t from_ms, until_ms; /* of the exchange's time; the end is not in it */
};

struct mood {
    uint64_t seed;
    enum preset preset;
    uint64_t since_ms;                   /* of preset and seed; 0: from the beginning */
    int64_t worth[CURRENCY_COUNT];       /* by the seed alone, at since_ms */
    int64_t residue_ppm[CURRENCY_COUNT]; /* what the mood before left at since_ms */
    struct mood_event events[MOOD_EVENTS_MOST];
    unsigned event_count;
};

void mood_init(struct mood *mood, uint64_t seed);

/* Another seed, preset or both, from `time_ms` on.  `begun_ms` as everywhere here: when the
 * exchange began, 0: it has not yet. */
void mood_turn(struct mood *mood, uint64_t seed, enum preset preset, uint64_t begun_ms,
               uint64_t time_ms);

/* In USD, fixed-point, > 0. */
int64_t mood_worth(const struct mood *mood, enum currency currency, uint64_t begun_ms,
                   uint64_t time_ms);

/* What one unit of the base is worth in the quote. */
int64_t mood_worth_of_pair(const struct mood *mood, enum market market, uint64_t begun_ms,
                           uint64_t time_ms);

struct mood_trading {
    int64_t spread_milli, depth_milli, busy_milli; /* of what is usual */
    bool is_on;                                    /* the simulated traders act */
};
struct mood_trading mood_trading(const struct mood *mood, enum market market, uint64_t time_ms);

#endif
