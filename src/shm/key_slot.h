/* shm/key_slot.h: the sequence lock around a key's fixed part
 *
 * One writer, any number of readers, nobody waits on a lock.  For the files of this folder only.
 */
#ifndef SHM_KEY_SLOT_H
#define SHM_KEY_SLOT_H

#include "shm/layout.h"

/* Publisher only. */
void key_slot_write(struct segment *segment, uint32_t slot, const char random[KEY_RANDOM_SIZE],
                    const struct gate_key *key);

/* A consistent copy; rules past ip_rule_count are left alone.  False: the writer stayed in the
 * middle for longer than any running writer would. */
bool key_slot_read(const struct segment *segment, uint32_t slot, struct gate_key *key);

/* Starts loading the slot's cache lines. */
static inline void key_slot_prefetch(const struct segment *segment, uint32_t slot)
{
    const char *at = (const char *)&segment->keys[slot];

    for (size_t line = 0; line < sizeof(struct key_slot); line += 64)
        __builtin_prefetch(at + line, 0, 3);
}

#endif
