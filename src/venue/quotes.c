#include "venue/quotes.h"

#define HOUR_MS UINT64_C(3600000)

void quotes_init(struct quotes *quotes, struct arena *arena)
{
    *quotes = (struct quotes){ .next_ms = 0 };
    ring_init(&quotes->rows, arena, sizeof(struct quote_row), QUOTES_KEPT);
}

static int64_t best_price(const struct engine *engine, enum market market, bool bid)
{
    struct book_level level = { .market = market, .bid = bid };

    return engine_level_next(engine, &level) ? level.price : 0;
}

void quotes_take(struct quotes *quotes, const struct engine *engine, uint64_t time_ms)
{
    struct quote_row *row;

    if (time_ms < quotes->next_ms)
        return;
    quotes->next_ms = time_ms - time_ms % HOUR_MS + HOUR_MS;
    row = ring_push(&quotes->rows);
    row->time_ms = quotes->next_ms - HOUR_MS;
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        row->at[i].bid = best_price(engine, (enum market)i, true);
        row->at[i].ask = best_price(engine, (enum market)i, false);
    }
}
