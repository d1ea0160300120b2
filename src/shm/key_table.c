#include "shm/key_table.h"

#include <string.h>

#include "shm/key_slot.h"

/* Slots whose memory is reserved at one time: 96 kB. */
enum { RESERVE_STEP = 256 };

static uint64_t index_entry(uint64_t hash, uint32_t slot)
{
    return (hash & UINT64_C(0xffffffff00000000)) | (slot + 1);
}

void key_table_prefetch(const struct segment *segment, const char random[KEY_RANDOM_SIZE])
{
    uint64_t hash = hash_16(random, segment->header->seed);

    __builtin_prefetch(&segment->index[(uint32_t)hash & (segment->header->index_count - 1)], 0, 3);
}

uint32_t key_table_find(const struct segment *segment, const char random[KEY_RANDOM_SIZE])
{
    uint64_t hash = hash_16(random, segment->header->seed);
    uint32_t mask = segment->header->index_count - 1;
    uint64_t wanted[2];

    memcpy(wanted, random, sizeof wanted);
    /* Half of the entries are empty, so this ends; the bound is for a damaged index. */
    for (uint32_t i = 0; i <= mask; i++) {
        /* Acquire: pairs with the release in index_insert; the slot's first publication is seen. */
        uint64_t entry = atomic_load_explicit(&segment->index[((uint32_t)hash + i) & mask],
                                              memory_order_acquire);
        uint32_t slot = (uint32_t)entry - 1;

        if (entry == 0)
            return KEY_TABLE_NONE;
        if ((entry ^ hash) >> 32 != 0 || slot >= segment->header->key_capacity)
            continue;
        /* The tag leaves one chance in four billion that it is another key's: have all of it come
         * while the first line is waited for. */
        key_slot_prefetch(segment, slot);
        /* Relaxed: written once, before the entry. */
        if (atomic_load_explicit(&segment->keys[slot].random[0], memory_order_relaxed) ==
                wanted[0] &&
            atomic_load_explicit(&segment->keys[slot].random[1], memory_order_relaxed) ==
                wanted[1])
            return slot;
    }
    return KEY_TABLE_NONE;
}

static void index_insert(struct segment *segment, const char random[KEY_RANDOM_SIZE], uint32_t slot)
{
    uint64_t hash = hash_16(random, segment->header->seed);
    uint32_t mask = segment->header->index_count - 1;
    uint32_t at = (uint32_t)hash & mask;

    /* Relaxed: only the publisher writes entries.  The table has at least twice as many entries as
     * there are slots, so there is a free one. */
    while (atomic_load_explicit(&segment->index[at], memory_order_relaxed) != 0)
        at = (at + 1) & mask;
    /* Release: whoever finds the entry sees the slot's content. */
    atomic_store_explicit(&segment->index[at], index_entry(hash, slot), memory_order_release);
}

/* Opens or shuts the window of a key.  While it opens, its floor is put up to the live nonce before
 * the mode changes; a request that takes a nonce in between makes the swap fail, and the floor
 * follows.  Sequentially consistent, as everything about windows: see shm/judge.c. */
static void window_set(struct segment *segment, uint32_t slot, bool open, uint64_t known)
{
    struct window *window = &segment->windows[slot];
    _Atomic uint64_t *word = &segment->keys[slot].nonce;
    uint64_t seen = atomic_load(word);

    if (open && (seen & NONCE_WINDOWED) == 0) {
        do
            atomic_store(&window->floor, seen);
        while (!atomic_compare_exchange_strong(word, &seen, seen | NONCE_WINDOWED));
    } else if (!open && (seen & NONCE_WINDOWED) != 0) {
        atomic_fetch_and(word, ~NONCE_WINDOWED);
    } else if (open && known > (seen & ~NONCE_WINDOWED)) {
        word_raise(&window->floor, known);
        word_raise(word, known | NONCE_WINDOWED);
    }
}

/* A slot number that nobody uses.  The count goes up before the slot is written: a crash in between
 * wastes a slot, but never gives one to two keys. */
static enum err slot_new(struct segment *segment, uint32_t *slot)
{
    uint32_t count = key_table_count(segment);
    enum err e = OK;

    if (count >= segment->header->key_capacity)
        return ERR_FULL;
    if (count >= segment->keys_reserved) {
        uint32_t first = count - count % RESERVE_STEP;
        uint32_t size = RESERVE_STEP;

        if (size > segment->header->key_capacity - first)
            size = segment->header->key_capacity - first;
        TRY(segment_reserve(segment, segment->header->keys_at + first * sizeof(struct key_slot),
                            size * sizeof(struct key_slot)));
        segment->keys_reserved = first + size;
    }
    /* Release is not needed for readers, who come through the index; for key_table_get, which walks
     * by count and may find a slot of zeros that was never finished. */
    atomic_store_explicit(&segment->shared->keys_published, count + 1, memory_order_release);
    *slot = count;
out:
    return e;
}

enum err key_table_publish(struct segment *segment, const struct key_entry *entry)
{
    uint32_t slot = key_table_find(segment, entry->random);
    bool is_new = slot == KEY_TABLE_NONE;
    enum err e = OK;

    if (entry->fixed.ip_rule_count > IP_RULES_MOST)
        return ERR_RANGE;
    if (is_new)
        TRY(slot_new(segment, &slot));
    if (entry->fixed.ip_rule_count > KEY_INLINE_RULES)
        TRY(segment_reserve(segment,
                            segment->header->overflow_at + slot * sizeof(struct key_overflow),
                            sizeof(struct key_overflow)));
    if (entry->fixed.nonce_window != 0)
        TRY(segment_reserve(segment, segment->header->windows_at + slot * sizeof(struct window),
                            sizeof(struct window)));
    /* A word with a window compares greater than any nonce, so that this leaves it alone. */
    word_raise(&segment->keys[slot].nonce, entry->nonce);
    window_set(segment, slot, entry->fixed.nonce_window != 0, entry->nonce);
    word_raise(&segment->keys[slot].last_use_ns, entry->last_use_ns);
    key_slot_write(segment, slot, entry->random, &entry->fixed);
    if (is_new)
        index_insert(segment, entry->random, slot);
out:
    return e;
}

uint32_t key_table_count(const struct segment *segment)
{
    uint32_t count =
        atomic_load_explicit(&segment->shared->keys_published, memory_order_acquire);

    return count < segment->header->key_capacity ? count : segment->header->key_capacity;
}

enum err key_table_get(const struct segment *segment, uint32_t slot, char random[KEY_RANDOM_SIZE],
                       struct gate_key *key)
{
    uint64_t words[2];

    if (!key_slot_read(segment, slot, key))
        return ERR_CONFLICT;
    for (size_t i = 0; i < 2; i++)
        words[i] = atomic_load_explicit(&segment->keys[slot].random[i], memory_order_relaxed);
    memcpy(random, words, sizeof words);
    return OK;
}

/* Relaxed throughout: each word means something on its own.  A judge that acts on a word changes it
 * by compare-and-swap, which notices if it moved. */
void key_table_live_get(const struct segment *segment, uint32_t slot, struct gate_live *live)
{
    const struct key_slot *key = &segment->keys[slot];

    uint64_t nonce = atomic_load_explicit(&key->nonce, memory_order_relaxed);

    live->nonce = nonce & ~NONCE_WINDOWED;
    live->windowed = (nonce & NONCE_WINDOWED) != 0;
    live->window = NULL;
    live->nonce_taken = false;
    live->public_full_at_ns = atomic_load_explicit(&key->public_full_at_ns, memory_order_relaxed);
    live->private_full_at_ns = atomic_load_explicit(&key->private_full_at_ns, memory_order_relaxed);
    live->last_use_ns = atomic_load_explicit(&key->last_use_ns, memory_order_relaxed);
    live->tripped_at_ns = atomic_load_explicit(&key->tripped_at_ns, memory_order_relaxed);
    live->expired_at_ns = atomic_load_explicit(&key->expired_at_ns, memory_order_relaxed);
    live->wallets_called = atomic_load_explicit(&key->wallets_called, memory_order_relaxed) != 0;
}

void key_table_live_take(struct segment *segment, uint32_t slot, struct gate_live *live)
{
    /* A read that is a write: of it and a judge's swap one comes second.  If it is this one, it
     * sees the nonce; if it is the judge's, its acquire pairs with this release, and what this
     * thread did before (segment_retire) is seen after the swap. */
    (void)atomic_fetch_or_explicit(&segment->keys[slot].nonce, 0, memory_order_acq_rel);
    key_table_live_get(segment, slot, live);
}

void key_table_mark_wallets(struct segment *segment, uint32_t slot)
{
    /* Read first: the line stays shared among the workers once the mark is there. */
    if (atomic_load_explicit(&segment->keys[slot].wallets_called, memory_order_relaxed) == 0)
        atomic_store_explicit(&segment->keys[slot].wallets_called, 1, memory_order_relaxed);
}
