#include "market/mood.h"

#include <assert.h>

#include "base/fixed.h"
#include "market/worth.h"

#define PPM   1000000
#define MILLI 1000

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

/* However hard one pushes, a coin keeps a fifth of its worth and does not grow tenfold. */
#define DISPLACED_LEAST_PPM (-800000)
#define DISPLACED_MOST_PPM  4000000

/* A trend ends when it has led this far. */
#define TREND_MOST_PPM 500000

static const struct {
    const char *text;
    int64_t spread_milli, depth_milli, busy_milli, swing_milli, trend_ppm_an_hour;
    bool trades;
} presets[PRESET_COUNT] = {
#define PRESET(number, name, ...) [number] = { __VA_ARGS__ },
#include "market/preset.def"
#undef PRESET
};

/* How a flash crash goes, as broken line: a fifth is lost in a minute, most of it comes back within
 * a quarter of an hour, the rest within four hours. */
static const struct {
    int64_t after_ms, ppm;
} crash[] = {
    { 0, 0 },
    { MINUTE_MS, -200000 },
    { 2 * MINUTE_MS, -200000 },
    { 15 * MINUTE_MS, -50000 },
    { 4 * HOUR_MS, 0 },
};

const char *preset_text(enum preset preset)
{
    assert(preset < PRESET_COUNT);
    return presets[preset].text;
}

bool preset_find(struct slice text, enum preset *preset)
{
    for (unsigned i = 0; i < PRESET_COUNT; i++) {
        if (!slice_is(text, slice_of(presets[i].text)))
            continue;
        *preset = (enum preset)i;
        return true;
    }
    return false;
}

static int64_t part(int64_t whole, int64_t share, int64_t of)
{
    return (int64_t)((__int128)whole * share / of);
}

static int64_t crash_ppm(int64_t after_ms)
{
    for (unsigned i = 1; i < sizeof crash / sizeof *crash; i++)
        if (after_ms < crash[i].after_ms)
            return crash[i - 1].ppm + part(crash[i].ppm - crash[i - 1].ppm,
                                           after_ms - crash[i - 1].after_ms,
                                           crash[i].after_ms - crash[i - 1].after_ms);
    return 0;
}

/* By the seed alone. */
static int64_t worth_plain(const struct mood *mood, enum currency currency, uint64_t begun_ms,
                           uint64_t time_ms)
{
    uint64_t elapsed_ms = begun_ms != 0 && time_ms > begun_ms ? time_ms - begun_ms : 0;

    return worth_of(mood->seed, currency, elapsed_ms);
}

/* What the preset adds to a worth that is `plain` by itself, and what the one before it left. */
static int64_t displaced_ppm(const struct mood *mood, enum currency currency, int64_t plain,
                             uint64_t time_ms)
{
    uint64_t past_ms = time_ms > mood->since_ms ? time_ms - mood->since_ms : 0;
    int64_t sum = 0, trend;

    if (mood->since_ms == 0 || !worth_is_coin(currency))
        return 0;
    if (past_ms < MOOD_RESIDUE_MS)
        sum = part(mood->residue_ppm[currency], (int64_t)(MOOD_RESIDUE_MS - past_ms),
                   (int64_t)MOOD_RESIDUE_MS);
    if (past_ms == 0)
        return sum;
    sum += part(part(plain - mood->worth[currency], PPM, mood->worth[currency]),
                presets[mood->preset].swing_milli, MILLI);
    trend = part(presets[mood->preset].trend_ppm_an_hour, (int64_t)past_ms, HOUR_MS);
    sum += trend < TREND_MOST_PPM ? trend : TREND_MOST_PPM;
    if (mood->preset == PRESET_FLASH_CRASH)
        sum += crash_ppm((int64_t)past_ms);
    return sum;
}

static bool event_acts(const struct mood_event *event, enum mood_event_kind kind, uint64_t time_ms)
{
    return event->kind == kind && event->from_ms <= time_ms && time_ms < event->until_ms;
}

static int64_t shocked_ppm(const struct mood *mood, enum currency currency, uint64_t time_ms)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < mood->event_count; i++) {
        const struct mood_event *event = &mood->events[i];

        if (event_acts(event, MOOD_SHOCK, time_ms) &&
            (market_facts(event->market)->base == currency ||
             market_facts(event->market)->base == currency_underlying(currency)))
            sum += part(event->ppm, (int64_t)(event->until_ms - time_ms),
                        (int64_t)(event->until_ms - event->from_ms));
    }
    return sum;
}

static int64_t displaced(int64_t plain, int64_t ppm)
{
    if (ppm < DISPLACED_LEAST_PPM)
        ppm = DISPLACED_LEAST_PPM;
    if (ppm > DISPLACED_MOST_PPM)
        ppm = DISPLACED_MOST_PPM;
    return plain + part(plain, ppm, PPM);
}

void mood_init(struct mood *mood, uint64_t seed)
{
    *mood = (struct mood){ .seed = seed };
}

void mood_turn(struct mood *mood, uint64_t seed, enum preset preset, uint64_t begun_ms,
               uint64_t time_ms)
{
    struct mood before = *mood;

    mood->seed = seed;
    mood->preset = preset;
    mood->since_ms = time_ms;
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        enum currency currency = (enum currency)i;
        int64_t plain = worth_plain(&before, currency, begun_ms, time_ms);
        int64_t worth = displaced(plain, displaced_ppm(&before, currency, plain, time_ms));

        mood->worth[i] = worth_plain(mood, currency, begun_ms, time_ms);
        mood->residue_ppm[i] = part(worth - mood->worth[i], PPM, mood->worth[i]);
    }
}

int64_t mood_worth(const struct mood *mood, enum currency currency, uint64_t begun_ms,
                   uint64_t time_ms)
{
    int64_t plain = worth_plain(mood, currency, begun_ms, time_ms);

    return displaced(plain, displaced_ppm(mood, currency, plain, time_ms) +
                                shocked_ppm(mood, currency, time_ms));
}

int64_t mood_worth_of_pair(const struct mood *mood, enum market market, uint64_t begun_ms,
                           uint64_t time_ms)
{
    const struct market_facts *facts = market_facts(market);
    int64_t base = mood_worth(mood, facts->base, begun_ms, time_ms);

    return part(base, FIXED_ONE, mood_worth(mood, facts->quote, begun_ms, time_ms));
}

struct mood_trading mood_trading(const struct mood *mood, enum market market, uint64_t time_ms)
{
    struct mood_trading trading = { .spread_milli = presets[mood->preset].spread_milli,
                                    .depth_milli = presets[mood->preset].depth_milli,
                                    .busy_milli = presets[mood->preset].busy_milli,
                                    .is_on = presets[mood->preset].trades };

    for (unsigned i = 0; i < mood->event_count; i++) {
        const struct mood_event *event = &mood->events[i];

        if (!event->everywhere && event->market != market)
            continue;
        if (event_acts(event, MOOD_THIN, time_ms))
            trading.depth_milli = part(trading.depth_milli, event->ppm, PPM);
        if (event_acts(event, MOOD_HALT, time_ms))
            trading.is_on = false;
    }
    return trading;
}
