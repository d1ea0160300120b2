#include "venue/sizes.h"

#include <string.h>

#include "exchange/funding.h"
#include "exchange/position.h"

#define MINUTE_MS UINT64_C(60000)

void sizes_init(struct sizes *sizes, struct arena *arena)
{
    *sizes = (struct sizes){ .next_ms = 0 };
    ring_init(&sizes->rows, arena, sizeof(struct size_row), SIZES_KEPT);
}

void sizes_read(const struct engine *engine, struct size_row *row)
{
    const struct position *position = NULL;

    memset(row->at, 0, sizeof row->at);
    memset(row->lent, 0, sizeof row->lent);
    while ((position = position_next(engine, position)) != NULL) {
        if (position->amount > 0)
            row->at[position->market].longs += position->amount;
        else
            row->at[position->market].shorts -= position->amount;
    }
    for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
        const struct loan *loan = NULL;

        if (!funding_is_lent((enum currency)c))
            continue;
        while ((loan = funding_loan_next(engine, (enum currency)c, loan)) != NULL) {
            row->lent[c] += loan->amount;
            if (loan->position != 0)
                row->at[loan->market].used[market_facts((enum market)loan->market)->quote == c] +=
                    loan->amount;
        }
    }
}

void sizes_take(struct sizes *sizes, const struct engine *engine, uint64_t time_ms)
{
    struct size_row *row;

    if (time_ms < sizes->next_ms)
        return;
    sizes->next_ms = time_ms - time_ms % MINUTE_MS + MINUTE_MS;
    row = ring_push(&sizes->rows);
    row->time_ms = sizes->next_ms - MINUTE_MS;
    sizes_read(engine, row);
}

const struct size_row *sizes_at(const struct sizes *sizes, uint64_t time_ms)
{
    size_t from = 0, to = sizes->rows.count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct size_row *row = ring_at(&sizes->rows, middle);

        if (row->time_ms < time_ms)
            from = middle + 1;
        else
            to = middle;
    }
    return from < sizes->rows.count ? ring_at(&sizes->rows, from) : NULL;
}
