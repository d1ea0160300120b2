#include "shm/key_slot.h"

#include <string.h>

/* A writer needs well under a microsecond; if the scheduler stops it in the middle, some
 * milliseconds.  Each try spins for about 40 cycles, so this is about 10 ms. */
enum { TRIES_MOST = 1000000 };

static void spin_pause(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Every word is stored with release: it stands after the odd sequence, so a reader that sees any
 * new word and then looks at the sequence again finds it changed. */
static void words_store(_Atomic uint64_t *to, const void *from, size_t count)
{
    const uint8_t *at = from;

    for (size_t i = 0; i < count; i++) {
        uint64_t word;

        memcpy(&word, at + 8 * i, sizeof word);
        atomic_store_explicit(&to[i], word, memory_order_release);
    }
}

/* Every word is loaded with acquire: the second look at the sequence stands after all of them.
 * (A fence would do, too, but ThreadSanitizer does not know fences.  On x86 both are plain
 * moves.) */
static void words_load(void *to, const _Atomic uint64_t *from, size_t count)
{
    uint8_t *at = to;

    for (size_t i = 0; i < count; i++) {
        uint64_t word = atomic_load_explicit(&from[i], memory_order_acquire);

        memcpy(at + 8 * i, &word, sizeof word);
    }
}

void key_slot_write(struct segment *segment, uint32_t slot, const char random[KEY_RANDOM_SIZE],
                    const struct gate_key *key)
{
    struct key_slot *to = &segment->keys[slot];
    /* Odd already if a publisher died here. */
    uint64_t odd = atomic_load_explicit(&to->sequence, memory_order_relaxed) | 1;

    atomic_store_explicit(&to->sequence, odd, memory_order_relaxed);
    words_store(to->random, random, 2);
    words_store(to->head, key, KEY_HEAD_WORDS);
    words_store(to->rules, key->ip_rules, KEY_INLINE_WORDS);
    if (key->ip_rule_count > KEY_INLINE_RULES)
        words_store(segment->overflow[slot].rules, (const uint64_t *)(const void *)key +
                    KEY_HEAD_WORDS + KEY_INLINE_WORDS, KEY_OVERFLOW_WORDS);
    /* Release: who sees the new sequence sees all the words. */
    atomic_store_explicit(&to->sequence, odd + 1, memory_order_release);
}

static bool read_once(const struct segment *segment, uint32_t slot, struct gate_key *key)
{
    const struct key_slot *from = &segment->keys[slot];
    uint64_t before = atomic_load_explicit(&from->sequence, memory_order_acquire);

    if ((before & 1) != 0 || before == 0)
        return false;
    words_load(key, from->head, KEY_HEAD_WORDS);
    /* May be torn until the sequence says otherwise: bounds first. */
    if (key->ip_rule_count > IP_RULES_MOST)
        return false;
    if (key->ip_rule_count > 0)
        words_load(key->ip_rules, from->rules, KEY_INLINE_WORDS);
    if (key->ip_rule_count > KEY_INLINE_RULES)
        words_load((uint64_t *)(void *)key + KEY_HEAD_WORDS + KEY_INLINE_WORDS,
                   segment->overflow[slot].rules, KEY_OVERFLOW_WORDS);
    return atomic_load_explicit(&from->sequence, memory_order_relaxed) == before;
}

bool key_slot_read(const struct segment *segment, uint32_t slot, struct gate_key *key)
{
    for (unsigned i = 0; i < TRIES_MOST; i++) {
        if (read_once(segment, slot, key))
            return true;
        spin_pause();
    }
    return false;
}
