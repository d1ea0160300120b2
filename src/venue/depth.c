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

/* `price` with 5 - `fewer` significant digits. */
static int64_t price_round(int64_t price, unsigned fewer, bool up)
{
    int64_t grain = 1, most = 100000, rest;

    for (unsigned i = 0; i < fewer; i++)
        most /= 10;
    while (price / grain >= most)
        grain *= 10;
    rest = price % grain;
    return price - rest + (up && rest > 0 ? grain : 0);
}

static void level_put(struct json_writer *w, int64_t price, uint64_t count, int64_t amount,
                      bool bid)
{
    json_put_open(w, '[');
    json_put_fixed(w, price);
    json_put_uint(w, count);
    json_put_fixed(w, bid ? amount : -amount);
    json_put_close(w, ']');
}

static void side_put(struct json_writer *w, const struct engine *engine, enum market market,
                     bool bid, unsigned fewer, unsigned length)
{
    struct book_level level = { .market = market, .bid = bid };
    int64_t price = 0, amount = 0;
    uint64_t count = 0;

    while (length > 0 && engine_level_next(engine, &level)) {
        int64_t rounded = price_round(level.price, fewer, !bid);

        if (count > 0 && rounded != price) {
            level_put(w, price, count, amount, bid);
            count = 0;
            amount = 0;
            length--;
        }
        price = rounded;
        count += level.count;
        if (__builtin_add_overflow(amount, level.amount, &amount))
            amount = INT64_MAX;
    }
    if (count > 0 && length > 0)
        level_put(w, price, count, amount, bid);
}

static void orders_put(struct json_writer *w, const struct engine *engine, enum market market,
                       bool bid, unsigned length)
{
    const struct order *order = NULL;

    while (length-- > 0 && (order = engine_book_order_next(engine, market, bid, order)) != NULL) {
        json_put_open(w, '[');
        json_put_uint(w, order->id);
        json_put_fixed(w, order->price);
        json_put_fixed(w, order->amount);
        json_put_close(w, ']');
    }
}

void depth_book(struct json_writer *w, const struct engine *engine, enum market market,
                enum depth_precision precision, unsigned length)
{
    json_put_open(w, '[');
    for (int bid = 1; bid >= 0; bid--) {
        if (precision == DEPTH_R0)
            orders_put(w, engine, market, bid != 0, length);
        else
            side_put(w, engine, market, bid != 0, precision - DEPTH_P0, length);
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
