#include "venue/depth.h"

#include "base/fixed.h"
#include "venue/shape.h"

#define TICKER_LEVELS 25

bool depth_precision_find(struct slice name, enum depth_precision *precision)
{
    static const char *const names[] = { [DEPTH_P0] = "P0", [DEPTH_P1] = "P1", [DEPTH_P2] = "P2",
                                         [DEPTH_P3] = "P3", [DEPTH_P4] = "P4", [DEPTH_R0] = "R0" };

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_is(name, slice_of(names[i]))) {
            *precision = (enum depth_precision)i;
            return true;
        }
    }
    return false;
}

int64_t depth_round(int64_t price, unsigned fewer, bool up)
{
    int64_t grain = 1, most = 100000, rest;

    for (unsigned i = 0; i < fewer; i++)
        most /= 10;
    while (price / grain >= most)
        grain *= 10;
    rest = price % grain;
    return price - rest + (up && rest > 0 ? grain : 0);
}

static size_t levels_read(const struct engine *engine, enum market market, unsigned fewer, bool bid,
                          size_t length, struct depth_row *rows)
{
    struct book_level level = { .market = market, .bid = bid };
    size_t count = 0;

    while (engine_level_next(engine, &level)) {
        int64_t price = depth_round(level.price, fewer, !bid);
        struct depth_row *row;

        if (count == 0 || rows[count - 1].price != price) {
            if (count == length)
                break;
            rows[count++] = (struct depth_row){ .price = price };
        }
        row = &rows[count - 1];
        row->count += level.count;
        if (__builtin_add_overflow(row->amount, bid ? level.amount : -level.amount, &row->amount))
            row->amount = bid ? INT64_MAX : -INT64_MAX;
    }
    return count;
}

static size_t orders_read(const struct engine *engine, enum market market, bool bid, size_t length,
                          struct depth_row *rows)
{
    const struct order *order = NULL;
    size_t count = 0;

    while ((order = engine_book_order_next(engine, market, bid, order)) != NULL) {
        size_t at = count;

        while (at > 0 && rows[at - 1].price == order->price && rows[at - 1].count > order->id)
            at--;
        if (count == length && rows[count - 1].price != order->price)
            break;
        if (at == length)
            continue;
        if (count < length)
            count++;
        memmove(&rows[at + 1], &rows[at], (count - at - 1) * sizeof *rows);
        rows[at] = (struct depth_row){ order->price, order->id, order->amount, 0 };
    }
    return count;
}

size_t depth_side(const struct engine *engine, enum market market, enum depth_precision precision,
                  bool bid, size_t length, struct depth_row *rows)
{
    return precision == DEPTH_R0
               ? orders_read(engine, market, bid, length, rows)
               : levels_read(engine, market, precision - DEPTH_P0, bid, length, rows);
}

void depth_row_put(struct json_writer *w, enum depth_precision precision,
                   const struct depth_row *row)
{
    json_put_open(w, '[');
    if (precision == DEPTH_R0)
        json_put_uint(w, row->count);
    if (precision == DEPTH_R0 && row->period != 0)
        json_put_uint(w, row->period);
    json_put_fixed(w, row->price);
    if (precision != DEPTH_R0 && row->period != 0)
        json_put_uint(w, row->period);
    if (precision != DEPTH_R0)
        json_put_uint(w, row->count);
    json_put_fixed(w, row->amount);
    json_put_close(w, ']');
}

void depth_book(struct json_writer *w, const struct engine *engine, enum market market,
                enum depth_precision precision, unsigned length)
{
    struct depth_row rows[DEPTH_LENGTH_MOST];

    json_put_open(w, '[');
    for (int bid = 1; bid >= 0; bid--) {
        size_t count = depth_side(engine, market, precision, bid != 0, length, rows);

        for (size_t i = 0; i < count; i++)
            depth_row_put(w, precision, &rows[i]);
    }
    json_put_close(w, ']');
}

/* Best price, and the sum of the best levels. */
static void best_put(struct json_writer *w, const struct engine *engine, enum market market,
                     bool bid)
{
    struct book_level level = { .market = market, .bid = bid };
    int64_t best = 0, sum = 0;

    for (unsigned i = 0; i < TICKER_LEVELS && engine_level_next(engine, &level); i++) {
        if (i == 0)
            best = level.price;
        if (__builtin_add_overflow(sum, level.amount, &sum))
            sum = INT64_MAX;
    }
    json_put_fixed(w, best);
    json_put_fixed(w, sum);
}

void depth_ticker(struct json_writer *w, const struct engine *engine, const struct candles *candles,
                  enum market market, uint64_t now_ms, bool with_symbol)
{
    struct candle day = { 0 };
    int64_t last = candles_last_price(candles, market), change = 0, relative = 0;

    if (candles_day(candles, market, now_ms, &day)) {
        change = last - day.open;
        relative = (int64_t)((__int128)change * FIXED_ONE / day.open);
    } else {
        day.high = day.low = last;
    }
    json_put_open(w, '[');
    if (with_symbol)
        shape_symbol(w, market);
    best_put(w, engine, market, true);
    best_put(w, engine, market, false);
    json_put_fixed(w, change);
    json_put_fixed(w, relative);
    json_put_fixed(w, last);
    json_put_fixed(w, day.volume);
    json_put_fixed(w, day.high);
    json_put_fixed(w, day.low);
    json_put_close(w, ']');
}
