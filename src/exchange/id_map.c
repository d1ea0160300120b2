#include "exchange/id_map.h"

#include <assert.h>

/* Ids are handed out in sequence; multiplying by 2^64 over the golden ratio spreads such numbers
 * more evenly than chance would (Knuth, The Art of Computer Programming 3, 6.4).  Four neighbours
 * stay together, for four slots are one line of the processor's cache. */
static uint32_t home_of(struct id_map map, uint64_t id)
{
    uint64_t line = (id >> 2) * UINT64_C(0x9e3779b97f4a7c15) >> (66 - map.bits);

    return (uint32_t)(line << 2 | (id & 3));
}

static uint32_t next_of(struct id_map map, uint32_t slot)
{
    return (slot + 1) & ((UINT32_C(1) << map.bits) - 1);
}

/* The slot of the id, or the free one where it would go. */
static uint32_t slot_of(struct id_map map, uint64_t id)
{
    uint32_t slot = home_of(map, id);

    while (map.slots[slot].place != 0 && map.slots[slot].id != id)
        slot = next_of(map, slot);
    return slot;
}

uint32_t id_map_bits(uint32_t count)
{
    uint32_t bits = 4;

    while ((UINT64_C(1) << bits) < 2 * (uint64_t)count)
        bits++;
    return bits;
}

uint32_t id_map_find(struct id_map map, uint64_t id)
{
    return map.slots[slot_of(map, id)].place;
}

void id_map_insert(struct id_map map, uint64_t id, uint32_t place)
{
    uint32_t slot = slot_of(map, id);

    assert(place != 0 && map.slots[slot].place == 0);
    map.slots[slot] = (struct id_slot){ id, place };
}

void id_map_remove(struct id_map map, uint64_t id)
{
    uint32_t mask = (UINT32_C(1) << map.bits) - 1;
    uint32_t hole = slot_of(map, id), slot;

    assert(map.slots[hole].place != 0);
    for (slot = next_of(map, hole); map.slots[slot].place != 0; slot = next_of(map, slot)) {
        uint32_t home = home_of(map, map.slots[slot].id);

        /* An entry may move back into the hole unless its home lies behind the hole. */
        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            map.slots[hole] = map.slots[slot];
            hole = slot;
        }
    }
    map.slots[hole] = (struct id_slot){ 0 };
}
