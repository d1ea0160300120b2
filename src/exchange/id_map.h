/* exchange/id_map.h: from an id to a place in an array
 *
 * Open addressing with linear probing; removing moves later entries back, so there are no graves
 * and the table never needs to be rebuilt.  Nobody walks it: its order depends on hashes.
 *
 * The table is the caller's and zero-filled; a place is never 0.
 */
#ifndef EXCHANGE_ID_MAP_H
#define EXCHANGE_ID_MAP_H

#include <stdint.h>

struct id_slot {
    uint64_t id;
    uint32_t place; /* 0: the slot is free */
};

struct id_map {
    struct id_slot *slots;
    uint32_t bits; /* there are 2^bits slots; at most half may be taken */
};

/* Enough bits for this many entries. */
uint32_t id_map_bits(uint32_t count);

uint32_t id_map_find(struct id_map map, uint64_t id);               /* 0: absent */
void id_map_insert(struct id_map map, uint64_t id, uint32_t place); /* id is absent */
void id_map_remove(struct id_map map, uint64_t id);                 /* id is present */

#endif
