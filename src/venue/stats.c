#include "venue/stats.h"

#include <stdlib.h>

#include "base/fixed.h"
#include "base/log.h"
#include "venue/rate.h"

#define MINUTE_MS UINT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

/* Takes what stands before the next colon, or all of it. */
static struct slice part_take(struct slice *rest)
{
    const char *colon = rest->size == 0 ? NULL : memchr(rest->at, ':', rest->size);
    struct slice part = { rest->at, colon == NULL ? rest->size : (size_t)(colon - rest->at) };

    *rest = slice_from(*rest, colon == NULL ? part.size : part.size + 1);
    return part;
}

/* Of positions and funding: "pos.size:1m:tBTCUSD:long", "credits.size.sym:1m:fUSD:tBTCUSD". */
static bool size_find(struct slice name, struct slice rest, struct stat *stat)
{
    struct slice size = part_take(&rest), symbol = part_take(&rest);

    if (!slice_is(size, SLICE("1m")))
        return false;
    if (slice_is(name, SLICE("pos.size"))) {
        stat->kind = slice_is(rest, SLICE("long")) ? STAT_LONGS : STAT_SHORTS;
        return market_find(symbol, &stat->market) &&
               (stat->kind == STAT_LONGS || slice_is(rest, SLICE("short")));
    }
    if (!slice_starts(symbol, SLICE("f")) ||
        !currency_find(slice_from(symbol, 1), &stat->currency))
        return false;
    stat->kind = slice_is(name, SLICE("funding.size"))   ? STAT_FUNDING
                 : slice_is(name, SLICE("credits.size")) ? STAT_CREDITS
                                                         : STAT_CREDITS_MARKET;
    if (stat->kind != STAT_CREDITS_MARKET)
        return rest.size == 0;
    return slice_is(name, SLICE("credits.size.sym")) && market_find(rest, &stat->market);
}

bool stat_find(struct slice key, struct stat *stat)
{
    static const struct {
        const char *name;
        uint64_t days;
    } volumes[] = { { "vol.1d", 1 }, { "vol.7d", 7 }, { "vol.30d", 30 } };
    struct slice rest = key, name = part_take(&rest);

    *stat = (struct stat){ .kind = STAT_VOLUME, .step_ms = MINUTE_MS };
    for (size_t i = 0; i < sizeof volumes / sizeof *volumes; i++) {
        if (!slice_is(name, slice_of(volumes[i].name)))
            continue;
        stat->kind = STAT_VOLUME;
        stat->span_ms = volumes[i].days * DAY_MS;
        stat->step_ms = 30 * MINUTE_MS;
        return slice_is(rest, SLICE("30m:BFX"));
    }
    if (!slice_is(name, SLICE("vwap")))
        return size_find(name, rest, stat);
    stat->kind = STAT_VWAP;
    stat->step_ms = DAY_MS;
    return slice_is(part_take(&rest), SLICE("1d")) && market_find(rest, &stat->market);
}

/* ---- Volumes ---- */

/* What was traded before each half hour, since the first that is kept. */
struct volumes {
    uint64_t first; /* number of the half hour, since 1970 */
    size_t count;
    int64_t *sums; /* of all half hours before it; saturated */
};

#define HALF_HOUR_MS (30 * MINUTE_MS)

static void sum_add(int64_t *sum, int64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = INT64_MAX;
}

static const struct candle *oldest(const struct ring *ring)
{
    return ring->count == 0 ? NULL : ring_at(ring, 0);
}

/* Hours count as a whole for the half hour in which they begin; where minutes are kept they tell
 * more. */
static void market_add(struct volumes *volumes, const struct candles *candles, enum market market)
{
    const struct ring *minutes = &candles->minutes[market], *hours = &candles->hours[market];
    enum currency quote = market_facts(market)->quote;
    uint64_t from_ms = 0;

    /* The hour of the oldest minute may be kept in part only: then the hours know it whole. */
    if (oldest(minutes) != NULL)
        from_ms = (oldest(minutes)->start_ms + HOUR_MS - 1) / HOUR_MS * HOUR_MS;
    for (size_t i = 0; i < hours->count + minutes->count; i++) {
        bool is_hour = i < hours->count;
        const struct candle *candle =
            is_hour ? ring_at(hours, i) : ring_at(minutes, i - hours->count);
        uint64_t number = candle->start_ms / HALF_HOUR_MS - volumes->first + 1;

        if (is_hour == (candle->start_ms < from_ms) && number < volumes->count)
            sum_add(&volumes->sums[number], rate_in_usd(candles, quote, candle->value));
    }
}

/* `sums` is the caller's to free; NULL: nothing was ever traded, or there is no memory. */
static struct volumes volumes_sum(const struct candles *candles, uint64_t now_ms)
{
    struct volumes volumes = { .first = UINT64_MAX };

    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        const struct candle *first = oldest(&candles->hours[i]);

        if (first != NULL && first->start_ms / HALF_HOUR_MS < volumes.first)
            volumes.first = first->start_ms / HALF_HOUR_MS;
    }
    if (volumes.first > now_ms / HALF_HOUR_MS)
        return volumes;
    volumes.count = now_ms / HALF_HOUR_MS - volumes.first + 2;
    volumes.sums = calloc(volumes.count, sizeof *volumes.sums);
    if (volumes.sums == NULL) {
        log_warn("venue", "no memory to sum up the volumes");
        return volumes;
    }
    for (unsigned i = 0; i < MARKET_COUNT; i++)
        market_add(&volumes, candles, (enum market)i);
    for (size_t i = 1; i < volumes.count; i++)
        sum_add(&volumes.sums[i], volumes.sums[i - 1]);
    return volumes;
}

static int64_t sum_before(const struct volumes *volumes, uint64_t time_ms)
{
    uint64_t number = time_ms / HALF_HOUR_MS;

    if (volumes->sums == NULL || number < volumes->first)
        return 0;
    number -= volumes->first;
    return volumes->sums[number < volumes->count ? number : volumes->count - 1];
}

static int64_t volume_before(const struct volumes *volumes, uint64_t time_ms, uint64_t span_ms)
{
    return sum_before(volumes, time_ms) -
           (time_ms < span_ms ? 0 : sum_before(volumes, time_ms - span_ms));
}

/* ---- Rows ---- */

static void row_put(struct json_writer *w, uint64_t time_ms, int64_t value)
{
    json_put_open(w, '[');
    json_put_uint(w, time_ms);
    json_put_fixed(w, value);
    json_put_close(w, ']');
}

static int64_t vwap_of(const struct candle *day)
{
    if (day->volume == 0)
        return day->close;
    return (int64_t)((__int128)day->value * FIXED_ONE / day->volume);
}

/* Days without trades have no average. */
static void vwap_put(struct json_writer *w, const struct candles *candles, enum market market,
                     const struct ask_page *page, bool last)
{
    struct candle_walk walk = { .candles = candles,
                                .market = market,
                                .timeframe = TIMEFRAME_1D,
                                .from_ms = page->start_ms,
                                .to_ms = page->end_ms,
                                .newest_first = last || page->newest_first };
    struct candle day;

    for (uint64_t i = 0; i < page->limit && candle_next(&walk, &day); i++)
        row_put(w, day.start_ms, vwap_of(&day));
}

static int64_t used_in(const struct size_row *row, enum market market, enum currency currency)
{
    const struct market_facts *facts = market_facts(market);

    return (facts->base == currency ? row->at[market].used[0] : 0) +
           (facts->quote == currency ? row->at[market].used[1] : 0);
}

static int64_t size_of(const struct size_row *row, const struct stat *stat)
{
    int64_t sum = 0;

    switch (stat->kind) {
    case STAT_LONGS:
        return row->at[stat->market].longs;
    case STAT_SHORTS:
        return row->at[stat->market].shorts;
    case STAT_FUNDING:
        return row->lent[stat->currency];
    case STAT_CREDITS_MARKET:
        return used_in(row, stat->market, stat->currency);
    default:
        for (unsigned i = 0; i < MARKET_COUNT; i++)
            sum += used_in(row, (enum market)i, stat->currency);
        return sum;
    }
}

/* Of sizes the oldest minute that is kept, once not all are. */
static uint64_t first_ms(const struct stat_sources *from, const struct stat *stat,
                         uint64_t begun_ms)
{
    const struct ring *rows = &from->sizes->rows;
    const struct size_row *oldest_row = rows->count == 0 ? NULL : ring_at(rows, 0);

    if (stat->kind == STAT_VOLUME || rows->count < SIZES_KEPT || oldest_row->time_ms < begun_ms)
        return begun_ms;
    return oldest_row->time_ms;
}

static void grid_put(struct json_writer *w, const struct stat_sources *from,
                     const struct stat *stat, const struct ask_page *page, uint64_t begun_ms,
                     uint64_t now_ms)
{
    struct volumes volumes = { 0 };
    uint64_t begun = first_ms(from, stat, begun_ms) / stat->step_ms; /* that step counts */
    uint64_t to_ms = page->end_ms < now_ms ? page->end_ms : now_ms;
    uint64_t first = page->start_ms / stat->step_ms + (page->start_ms % stat->step_ms != 0);
    uint64_t end = to_ms / stat->step_ms + 1;

    if (first < begun)
        first = begun;
    if (stat->kind == STAT_VOLUME)
        volumes = volumes_sum(from->candles, now_ms);
    for (uint64_t i = 0; i < page->limit && first + i < end; i++) {
        uint64_t time_ms = (page->newest_first ? end - 1 - i : first + i) * stat->step_ms;
        const struct size_row *row = sizes_at(from->sizes, time_ms);

        row_put(w, time_ms,
                stat->kind == STAT_VOLUME ? volume_before(&volumes, time_ms, stat->span_ms)
                                          : size_of(row == NULL ? from->now : row, stat));
    }
    free(volumes.sums);
}

void stat_put(struct json_writer *w, const struct stat_sources *from, const struct stat *stat,
              const struct ask_page *page, uint64_t begun_ms, uint64_t now_ms, bool last)
{
    struct ask_page asked = *page;
    size_t before = w->out->size;

    if (last) {
        asked.limit = 1;
        asked.newest_first = true;
    } else {
        json_put_open(w, '[');
    }
    if (stat->kind == STAT_VWAP)
        vwap_put(w, from->candles, stat->market, &asked, last);
    else
        grid_put(w, from, stat, &asked, begun_ms, now_ms);
    if (!last)
        json_put_close(w, ']');
    else if (w->out->size == before)
        json_put_raw(w, SLICE("[]"));
}
