#include "venue/lent.h"

#include "base/fixed.h"
#include "venue/shape.h"

#define TICKER_LEVELS 25
#define DAY_MS        UINT64_C(86400000)

/* ---- The book ---- */

static const struct offer *visible_next(const struct engine *engine, enum currency currency,
                                        bool bid, const struct offer *after)
{
    do
        after = funding_offer_next(engine, currency, !bid, after);
    while (after != NULL && after->is_hidden);
    return after;
}

static size_t offers_read(const struct engine *engine, enum currency currency, bool bid,
                          size_t length, struct depth_row *rows)
{
    const struct offer *o = NULL;
    size_t count = 0;

    while (count < length && (o = visible_next(engine, currency, bid, o)) != NULL)
        rows[count++] = (struct depth_row){ o->rate_real, o->id, o->amount, o->period };
    return count;
}

/* Where the level stands or belongs among the rows of its rate, shorter periods first. */
static size_t place_of(const struct depth_row *rows, size_t count, int64_t rate, unsigned period)
{
    while (count > 0 && rows[count - 1].price == rate && rows[count - 1].period >= period)
        count--;
    return count;
}

static size_t levels_read(const struct engine *engine, enum currency currency, unsigned fewer,
                          bool bid, size_t length, struct depth_row *rows)
{
    const struct offer *o = NULL;
    size_t count = 0;

    while ((o = visible_next(engine, currency, bid, o)) != NULL) {
        int64_t rate = depth_round(o->rate_real, fewer, !bid);
        size_t at = place_of(rows, count, rate, o->period);

        if (at == count || rows[at].price != rate || rows[at].period != o->period) {
            if (count == length && rows[count - 1].price != rate)
                break;
            if (at == length)
                continue;
            if (count < length)
                count++;
            memmove(&rows[at + 1], &rows[at], (count - at - 1) * sizeof *rows);
            rows[at] = (struct depth_row){ .price = rate, .period = o->period };
        }
        rows[at].count++;
        rows[at].amount += o->amount;
    }
    return count;
}

size_t lent_side(const struct engine *engine, enum currency currency,
                 enum depth_precision precision, bool bid, size_t length, struct depth_row *rows)
{
    return precision == DEPTH_R0
               ? offers_read(engine, currency, bid, length, rows)
               : levels_read(engine, currency, precision - DEPTH_P0, bid, length, rows);
}

void lent_book(struct json_writer *w, const struct engine *engine, enum currency currency,
               enum depth_precision precision, unsigned length)
{
    struct depth_row rows[DEPTH_LENGTH_MOST];

    json_put_open(w, '[');
    for (int bid = 1; bid >= 0; bid--) {
        size_t count = lent_side(engine, currency, precision, bid != 0, length, rows);

        for (size_t i = 0; i < count; i++)
            depth_row_put(w, precision, &rows[i]);
    }
    json_put_close(w, ']');
}

/* ---- The ticker ---- */

/* Rate and period of the best, and the sum of the best levels. */
static void best_put(struct json_writer *w, const struct engine *engine, enum currency currency,
                     bool bid)
{
    struct depth_row rows[TICKER_LEVELS] = { 0 };
    size_t count = lent_side(engine, currency, DEPTH_P0, bid, TICKER_LEVELS, rows);
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += rows[i].amount < 0 ? -rows[i].amount : rows[i].amount;
    json_put_fixed(w, rows[0].price);
    json_put_uint(w, rows[0].period);
    json_put_fixed(w, sum);
}

/* What is offered at the FRR itself. */
static int64_t frr_available(const struct engine *engine, enum currency currency)
{
    const struct offer *o = NULL;
    int64_t sum = 0;

    while ((o = visible_next(engine, currency, false, o)) != NULL)
        if (o->rate == 0)
            sum += o->amount;
    return sum;
}

static void candle_widen(struct candle *candle, const struct lent_row *row)
{
    int64_t amount = row->amount < 0 ? -row->amount : row->amount;

    if (candle->high == 0)
        *candle = (struct candle){ .open = row->rate, .high = row->rate, .low = row->rate };
    candle->close = row->rate;
    candle->high = row->rate > candle->high ? row->rate : candle->high;
    candle->low = row->rate < candle->low ? row->rate : candle->low;
    candle->volume += amount;
}

void lent_ticker(struct json_writer *w, const struct engine *engine, const struct history *history,
                 enum currency currency, uint64_t now_ms, bool with_symbol)
{
    const struct ring *tape = &history->lent[currency];
    const struct lent_row *newest = ring_newest(tape);
    struct candle day = { 0 };
    int64_t last = newest == NULL ? 0 : newest->rate, change;
    size_t first = tape->count;

    while (first > 0 &&
           ((const struct lent_row *)ring_at(tape, first - 1))->time_ms + DAY_MS > now_ms)
        first--;
    for (size_t i = first; i < tape->count; i++)
        candle_widen(&day, ring_at(tape, i));
    if (day.high == 0)
        day.open = day.high = day.low = last;
    change = last - day.open;
    json_put_open(w, '[');
    if (with_symbol)
        shape_funding_symbol(w, currency);
    json_put_fixed(w, funding_frr(engine, currency));
    best_put(w, engine, currency, true);
    best_put(w, engine, currency, false);
    json_put_fixed(w, change);
    json_put_fixed(w, day.open == 0 ? 0 : (int64_t)((__int128)change * FIXED_ONE / day.open));
    json_put_fixed(w, last);
    json_put_fixed(w, day.volume);
    json_put_fixed(w, day.high);
    json_put_fixed(w, day.low);
    json_put_nulls(w, 2);
    json_put_fixed(w, frr_available(engine, currency));
    json_put_close(w, ']');
}

/* ---- Candles ---- */

/* Takes "p30:" or "p30" off the front. */
static bool days_take(struct slice *rest, char letter, unsigned *days)
{
    size_t size = 1;

    *days = 0;
    if (rest->size < 2 || rest->at[0] != letter)
        return false;
    for (; size < rest->size && rest->at[size] >= '0' && rest->at[size] <= '9' && size < 5; size++)
        *days = *days * 10 + (unsigned)(rest->at[size] - '0');
    if (size == 1 || (size < rest->size && rest->at[size] != ':'))
        return false;
    *rest = slice_from(*rest, size < rest->size ? size + 1 : size);
    return true;
}

bool lent_candles_find(struct slice key, struct lent_candles *candles)
{
    const char *colon = memchr(key.at, ':', key.size);
    size_t size = colon == NULL ? key.size : (size_t)(colon - key.at);
    unsigned grain;

    if (colon == NULL || !funding_find((struct slice){ key.at, size }, &candles->currency))
        return false;
    key = slice_from(key, size + 1);
    if (days_take(&key, 'a', &grain))
        return days_take(&key, 'p', &candles->period_least) &&
               days_take(&key, 'p', &candles->period_most) && key.size == 0;
    if (!days_take(&key, 'p', &candles->period_least))
        return false;
    candles->period_most = candles->period_least;
    return key.size == 0;
}

bool lent_candle_next(struct lent_walk *walk, struct candle *candle)
{
    const struct ring *tape = walk->tape;
    struct candle found = { 0 };
    uint64_t start_ms = 0;

    for (; walk->done < tape->count; walk->done++) {
        size_t at = walk->newest_first ? tape->count - 1 - walk->done : walk->done;
        const struct lent_row *row = ring_at(tape, at);
        uint64_t start = timeframe_start_ms(walk->of.timeframe, row->time_ms);

        if (row->period < walk->of.period_least || row->period > walk->of.period_most ||
            start < walk->from_ms || start > walk->to_ms)
            continue;
        if (found.high != 0 && start != start_ms)
            break;
        start_ms = start;
        candle_widen(&found, row);
    }
    if (found.high == 0)
        return false;
    if (walk->newest_first) { /* they came backwards */
        int64_t open = found.close;

        found.close = found.open;
        found.open = open;
    }
    found.start_ms = start_ms;
    *candle = found;
    return true;
}
