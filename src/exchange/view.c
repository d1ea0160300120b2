#include "exchange/engine.h"

#include <assert.h>

#include "exchange/book.h"
#include "exchange/lending.h"
#include "exchange/queue.h"
#include "exchange/state.h"

#define MS_PER_DAY UINT64_C(86400000)

uint64_t engine_started_ms(const struct engine *engine)
{
    return engine->started_ms;
}

uint64_t engine_time_ms(const struct engine *engine)
{
    return engine->time_ms;
}

uint64_t engine_command_count(const struct engine *engine)
{
    return engine->command_count;
}

uint64_t engine_rules(const struct engine *engine)
{
    return engine->rules;
}

uint32_t engine_order_count(const struct engine *engine)
{
    return engine->order_count;
}

int64_t engine_last_price(const struct engine *engine, enum market market)
{
    return engine->last_prices[market];
}

uint64_t engine_due_ms(const struct engine *engine)
{
    const struct order *order = queue_first(engine, &engine->due);
    uint64_t due_ms = lending_due_ms(engine), event_ms = contract_due_ms(engine);

    if (event_ms < due_ms)
        due_ms = event_ms;
    return order != NULL && order->tif_ms < due_ms ? order->tif_ms : due_ms;
}

const struct account *engine_account_find(const struct engine *engine, uint64_t account)
{
    uint32_t place = account_place(engine, account);

    return place == 0 ? NULL : &engine->accounts[place];
}

const struct order *engine_order_find(const struct engine *engine, uint64_t order)
{
    uint32_t place = id_map_find(engine->order_places, order);

    return place == 0 ? NULL : &engine->orders[place];
}

const struct order *engine_order_by_cid(const struct engine *engine, uint64_t account, uint64_t cid,
                                        uint64_t day)
{
    uint32_t place = engine->accounts[account_place(engine, account)].order_last;

    for (; place != 0; place = engine->orders[place].account_before) {
        const struct order *order = &engine->orders[place];

        if (order->cid == cid && order->created_ms / MS_PER_DAY == day)
            return order;
    }
    return NULL;
}

const struct order *engine_account_order_next(const struct engine *engine, uint64_t account,
                                              const struct order *after)
{
    uint32_t place = after != NULL ? after->account_after
                                   : engine->accounts[account_place(engine, account)].order_first;

    return place == 0 ? NULL : &engine->orders[place];
}

bool engine_level_next(const struct engine *engine, struct book_level *level)
{
    uint32_t rank;

    assert(level->market < MARKET_COUNT);
    rank = level->price == 0
               ? book_best(engine, level->market, level->bid)
               : book_worse(engine, level->market, level->bid, price_rank(level->price));
    for (; rank != 0; rank = book_worse(engine, level->market, level->bid, rank)) {
        const struct level *kept = &engine->books[level->market].levels[rank];

        if (kept->count == 0)
            continue; /* only hidden orders stand here */
        level->price = price_of_rank(rank);
        level->amount = kept->amount;
        level->count = kept->count;
        return true;
    }
    return false;
}

const struct order *engine_book_order_next(const struct engine *engine, enum market market,
                                           bool bid, const struct order *after)
{
    uint32_t rank = after == NULL ? book_best(engine, market, bid) : price_rank(after->price);
    uint32_t place = after == NULL ? engine->books[market].levels[rank].first : after->level_after;

    for (;;) {
        for (; place != 0; place = engine->orders[place].level_after) {
            if ((engine->orders[place].flags & ORDER_HIDDEN) == 0)
                return &engine->orders[place];
        }
        rank = rank == 0 ? 0 : book_worse(engine, market, bid, rank);
        if (rank == 0)
            return NULL;
        place = engine->books[market].levels[rank].first;
    }
}
