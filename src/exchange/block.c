#include "exchange/engine.h"

#include "exchange/holding.h"
#include "exchange/lending.h"
#include "exchange/stop.h"
#include "exchange/turn.h"

#define ORDER_ID_FIRST UINT64_C(100000000000)
#define TRADE_ID_FIRST UINT64_C(400000000)
#define ROW_ID_FIRST   UINT64_C(2000000000)

/* Where each part of the block begins; the last number is its size. */
struct parts {
    size_t account_slots, accounts, order_slots, orders, queues, books, lending, holdings, end;
};

static size_t part_after(size_t offset, size_t size)
{
    return (offset + size + 63) & ~(size_t)63;
}

static struct parts parts_of(struct engine_limits limits)
{
    /* One more account for the fees, and one more of each because nobody has place 0. */
    size_t account_slots = (size_t)1 << id_map_bits(limits.accounts + 1);
    size_t order_slots = (size_t)1 << id_map_bits(limits.orders);
    struct parts p;

    p.account_slots = part_after(0, sizeof(struct engine));
    p.accounts = part_after(p.account_slots, account_slots * sizeof(struct id_slot));
    p.order_slots = part_after(p.accounts, (limits.accounts + (size_t)2) * sizeof(struct account));
    p.orders = part_after(p.order_slots, order_slots * sizeof(struct id_slot));
    p.queues = part_after(p.orders, (limits.orders + (size_t)1) * sizeof(struct order));
    p.books =
        part_after(p.queues, (stop_places(limits) + limits.orders + (size_t)1) * sizeof(uint32_t));
    p.lending = part_after(p.books, MARKET_COUNT * sizeof(struct book));
    p.holdings = part_after(p.lending, sizeof(struct lending));
    p.end = part_after(p.holdings, sizeof(struct holdings));
    return p;
}

size_t engine_size(struct engine_limits limits)
{
    return parts_of(limits).end;
}

uint32_t account_make(struct engine *engine, uint64_t id)
{
    uint32_t place = ++engine->account_count;

    engine->accounts[place].id = id;
    id_map_insert(engine->account_places, id, place);
    return place;
}

struct engine *engine_init(void *block, struct engine_limits limits)
{
    struct parts p = parts_of(limits);
    struct engine *engine = block;
    char *at = block;

    engine->limits = limits;
    engine->limits.accounts++; /* the fee account is not the caller's */
    engine->order_id = ORDER_ID_FIRST;
    engine->trade_id = TRADE_ID_FIRST;
    engine->row_id = ROW_ID_FIRST;
    engine->account_places = (struct id_map){ (struct id_slot *)(at + p.account_slots),
                                              id_map_bits(limits.accounts + 1) };
    engine->order_places =
        (struct id_map){ (struct id_slot *)(at + p.order_slots), id_map_bits(limits.orders) };
    engine->accounts = (struct account *)(at + p.accounts);
    engine->orders = (struct order *)(at + p.orders);
    engine->due = (struct queue){ (uint32_t *)(at + p.queues), 0, QUEUE_TIF };
    stop_init(engine, (uint32_t *)(at + p.queues) + limits.orders + 1);
    engine->books = (struct book *)(at + p.books);
    engine->lending = (struct lending *)(at + p.lending);
    lending_init(engine->lending);
    engine->holdings = (struct holdings *)(at + p.holdings);
    holding_init(engine->holdings);
    account_make(engine, ENGINE_FEE_ACCOUNT);
    return engine;
}
