#include "venue/cids.h"

#define MS_PER_DAY     UINT64_C(86400000)
#define CAPACITY_FIRST 1024

void cids_init(struct cids *cids, struct arena *arena)
{
    *cids = (struct cids){ .arena = arena };
}

static void table_wipe(struct cids *cids, struct cid_table *table)
{
    arena_give(cids->arena, table->slots, table->capacity * sizeof *table->slots);
    *table = (struct cid_table){ 0 };
}

/* splitmix64's mixer, over what tells one use from another. */
static uint64_t use_hash(const struct cid_use *use)
{
    uint64_t z = use->account * UINT64_C(0x9e3779b97f4a7c15) + use->cid + (use->day << 46);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Where the use stands, or where it would. */
static struct cid_use *use_slot(const struct cid_table *table, const struct cid_use *use)
{
    size_t mask = table->capacity - 1, i = (size_t)use_hash(use) & mask;

    while (table->slots[i].cid != 0 &&
           (table->slots[i].cid != use->cid || table->slots[i].account != use->account ||
            table->slots[i].day != use->day))
        i = (i + 1) & mask;
    return &table->slots[i];
}

static void table_grow(struct arena *arena, struct cid_table *table)
{
    struct cid_table larger = { .capacity =
                                    table->capacity == 0 ? CAPACITY_FIRST : 2 * table->capacity,
                                .count = table->count };

    larger.slots = arena_take(arena, larger.capacity * sizeof *larger.slots);
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].cid != 0)
            *use_slot(&larger, &table->slots[i]) = table->slots[i];
    arena_give(arena, table->slots, table->capacity * sizeof *table->slots);
    *table = larger;
}

void cids_take(struct cids *cids, const struct event *event)
{
    const struct order *order = event->order.order;
    const struct command *command = event->command;
    struct cid_use use = { .account = order->account,
                           .cid = order->placed_by != 0 ? command->cid_oco : command->cid,
                           .day = order->created_ms / MS_PER_DAY };
    struct cid_use *slot;

    if (use.cid == 0)
        return;
    if (cids->young.count == CIDS_KEPT) {
        table_wipe(cids, &cids->old);
        cids->old = cids->young;
        cids->young = (struct cid_table){ 0 };
    }
    if (2 * (cids->young.count + 1) > cids->young.capacity)
        table_grow(cids->arena, &cids->young);
    slot = use_slot(&cids->young, &use);
    cids->young.count += slot->cid == 0;
    *slot = use;
}

static bool table_has(const struct cid_table *table, const struct cid_use *use)
{
    return table->capacity > 0 && use_slot(table, use)->cid != 0;
}

bool cids_has(const struct cids *cids, uint64_t account, uint64_t cid, uint64_t day)
{
    const struct cid_use use = { account, cid, day };

    return cid != 0 && (table_has(&cids->young, &use) || table_has(&cids->old, &use));
}
