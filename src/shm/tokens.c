#include "shm/tokens.h"

#include "shm/layout.h"

enum { TAG_FREE = 0, TAG_BUSY = 1 };

static struct token_entry *set_of(const struct segment *segment, const uint64_t digest[2])
{
    return &segment->tokens[(digest[0] >> 32) % segment->header->token_sets * TOKEN_WAYS];
}

/* False: free, or being written.  Acquire throughout: the second look at the tag stands after the
 * words, and a maker changes the tag before any word, so the words are of one token. */
static bool entry_read(const struct token_entry *entry, uint64_t tag[2],
                       struct token_entry_content *content)
{
    uint64_t words[4];

    tag[0] = atomic_load_explicit(&entry->tag[0], memory_order_acquire);
    if (tag[0] == TAG_FREE || tag[0] == TAG_BUSY)
        return false;
    tag[1] = atomic_load_explicit(&entry->tag[1], memory_order_acquire);
    words[0] = atomic_load_explicit(&entry->slot_and_scopes, memory_order_acquire);
    words[1] = atomic_load_explicit(&entry->ends_at_ns, memory_order_acquire);
    words[2] = atomic_load_explicit(&entry->address[0], memory_order_acquire);
    words[3] = atomic_load_explicit(&entry->address[1], memory_order_acquire);
    content->slot = (uint32_t)(words[0] >> 32);
    content->scopes = (uint32_t)words[0];
    content->ends_at_ns = words[1];
    memcpy(content->address, &words[2], sizeof content->address);
    return atomic_load_explicit(&entry->tag[0], memory_order_relaxed) == tag[0];
}

static unsigned alive_of(const struct segment *segment, uint32_t slot, uint64_t mono_ns)
{
    size_t count = (size_t)segment->header->token_sets * TOKEN_WAYS;
    struct token_entry_content content;
    unsigned alive = 0;
    uint64_t tag[2];

    for (size_t i = 0; i < count; i++)
        alive += entry_read(&segment->tokens[i], tag, &content) && content.slot == slot &&
                 content.ends_at_ns > mono_ns;
    return alive;
}

/* Release on every word: whoever sees a new one sees the busy tag before it. */
static void entry_write(struct token_entry *entry, const uint64_t digest[2],
                        const struct token_entry_content *content)
{
    uint64_t address[2];

    memcpy(address, content->address, sizeof address);
    atomic_store_explicit(&entry->tag[1], digest[1], memory_order_release);
    atomic_store_explicit(&entry->slot_and_scopes, (uint64_t)content->slot << 32 | content->scopes,
                          memory_order_release);
    atomic_store_explicit(&entry->ends_at_ns, content->ends_at_ns, memory_order_release);
    atomic_store_explicit(&entry->address[0], address[0], memory_order_release);
    atomic_store_explicit(&entry->address[1], address[1], memory_order_release);
    atomic_store_explicit(&entry->tag[0], digest[0], memory_order_release);
}

enum err tokens_add(struct segment *segment, const uint64_t digest[2],
                    const struct token_entry_content *content, uint64_t mono_ns)
{
    struct token_entry *set = set_of(segment, digest);

    /* Two workers that count at the same time may let one too many in, which does no harm. */
    if (alive_of(segment, content->slot, mono_ns) >= TOKENS_OF_KEY_MOST)
        return ERR_FULL;
    for (size_t i = 0; i < TOKEN_WAYS; i++) {
        struct token_entry_content there;
        uint64_t tag[2];

        if (entry_read(&set[i], tag, &there) ? there.ends_at_ns > mono_ns : tag[0] != TAG_FREE)
            continue;
        /* Acquire: our words come after the claim. */
        if (atomic_compare_exchange_strong_explicit(&set[i].tag[0], &tag[0], TAG_BUSY,
                                                    memory_order_acquire, memory_order_relaxed)) {
            entry_write(&set[i], digest, content);
            return OK;
        }
    }
    return ERR_FULL;
}

/* NULL: not there. */
static struct token_entry *entry_find(const struct segment *segment, const uint64_t digest[2],
                                      struct token_entry_content *content)
{
    struct token_entry *set = set_of(segment, digest);

    for (size_t i = 0; i < TOKEN_WAYS; i++) {
        uint64_t tag[2];

        if (entry_read(&set[i], tag, content) && tag[0] == digest[0] && tag[1] == digest[1])
            return &set[i];
    }
    return NULL;
}

bool tokens_find(const struct segment *segment, const uint64_t digest[2], uint64_t mono_ns,
                 struct token_entry_content *content)
{
    return entry_find(segment, digest, content) != NULL && content->ends_at_ns > mono_ns;
}

bool tokens_drop(struct segment *segment, const uint64_t digest[2], uint32_t slot)
{
    struct token_entry_content content;
    struct token_entry *entry = entry_find(segment, digest, &content);
    uint64_t tag = digest[0];

    /* Relaxed: nothing is handed over; from now on nobody finds it. */
    return entry != NULL && content.slot == slot &&
           atomic_compare_exchange_strong_explicit(&entry->tag[0], &tag, TAG_FREE,
                                                   memory_order_relaxed, memory_order_relaxed);
}
