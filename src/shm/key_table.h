/* shm/key_table.h: the published keys
 *
 * A compact index (hash to slot number) and dense slots.  A slot has a fixed part, written by the
 * authority alone under a sequence number, and a live part of atomics that gateways move.  A key
 * is never removed: an ended key keeps answering why it ended.  The table is a cache of the store.
 */
#ifndef SHM_KEY_TABLE_H
#define SHM_KEY_TABLE_H

#include "shm/segment.h"

struct key_entry {
    char random[KEY_RANDOM_SIZE]; /* names the key; the environment is the segment's */
    struct gate_key fixed;        /* its ip_rules sorted, its reserved parts zero */
    uint64_t nonce;               /* raises the live one, never lowers it; 0: no news */
    uint64_t last_use_ns;         /* likewise */
};

#define KEY_TABLE_NONE UINT32_MAX

/* Publishes a new key or new content of a known one.  Only one process may publish (the authority),
 * from one thread at a time.  When it returns, the next request on any gateway sees it; a reader
 * sees the old content or the new, never a mixture.  A publication cut short by a crash is
 * repaired by publishing the key again; until then its readers get "segment missing".
 * ERR_FULL: the capacity, or tmpfs, is used up. */
must_use enum err key_table_publish(struct segment *segment, const struct key_entry *entry);

/* Starts loading the index entry that key_table_find will want. */
void key_table_prefetch(const struct segment *segment, const char random[KEY_RANDOM_SIZE]);

/* Slot of a key, KEY_TABLE_NONE if there is none. */
uint32_t key_table_find(const struct segment *segment, const char random[KEY_RANDOM_SIZE]);

/* Keys published; slots 0 to count - 1. */
uint32_t key_table_count(const struct segment *segment);

/* Fixed part of a slot < count, consistent.  ERR_CONFLICT: its publisher died in mid-write and has
 * not come back.  Only the first ip_rule_count rules are set. */
must_use enum err key_table_get(const struct segment *segment, uint32_t slot,
                                char random[KEY_RANDOM_SIZE], struct gate_key *key);

/* Live part of a slot < count. */
void key_table_live_get(const struct segment *segment, uint32_t slot, struct gate_live *live);

/* The same from a retired segment (segment_retire), nonce windows included in the greatest nonce: a
 * judge who accepts another nonce after this one has looked finds the segment over. */
void key_table_live_take(struct segment *segment, uint32_t slot, struct gate_live *live);

/* The wallets call was answered well (D1): called by the gateway in its log phase. */
void key_table_mark_wallets(struct segment *segment, uint32_t slot);

#endif
