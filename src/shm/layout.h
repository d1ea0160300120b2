/* shm/layout.h: the segment's bytes as C sees them
 *
 * Drawn in docs/formats/segment.md, which says who writes what.  For the files of this folder only.
 */
#ifndef SHM_LAYOUT_H
#define SHM_LAYOUT_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "gate/gate.h"
#include "shm/announced.h"
#include "shm/segment.h"

enum {
    LAYOUT_VERSION = 2,
    LAYOUT_FIXED_SIZE = 160, /* header bytes that never change */
    KEY_HEAD_WORDS = 28,     /* of struct gate_key, before its rules */
    KEY_INLINE_WORDS = 9,    /* four rules */
    KEY_INLINE_RULES = 4,
    KEY_OVERFLOW_WORDS = 104, /* the other 46, padded */
    ADDRESS_WAYS = 4,
    TOKEN_WAYS = 8,
};

/* Bytes that never change.  Each process works from a copy of its own, taken when they were
 * checked: whatever becomes of the file, no offset and no count ever leads out of the mapping. */
struct segment_layout {
    uint8_t magic[8];
    uint32_t version;
    uint32_t environment;
    uint32_t header_size;
    uint32_t key_slot_size;
    uint32_t overflow_size;
    uint32_t address_size;
    uint32_t audit_slot_size;
    uint32_t address_sets;
    uint64_t file_size;
    uint64_t instance;
    uint64_t seed;
    uint64_t index_at;
    uint64_t keys_at;
    uint64_t overflow_at;
    uint64_t addresses_at;
    uint64_t slabs_at;
    uint64_t states_at;
    uint64_t audit_at;
    uint64_t windows_at;
    uint64_t tokens_at;
    uint32_t key_capacity;
    uint32_t index_count; /* power of two */
    uint32_t slab_count;
    uint32_t slab_slots;
    uint32_t token_sets;
    uint32_t crc;
};
static_assert(sizeof(struct segment_layout) == LAYOUT_FIXED_SIZE, "drawn");
static_assert(offsetof(struct segment_layout, crc) == LAYOUT_FIXED_SIZE - 4, "drawn");

struct segment_header {
    struct segment_layout layout;
    _Atomic uint64_t inode; /* of the file it was made in; 0: by a release that did not say */
    uint8_t gap[24];
    _Atomic uint32_t keys_published;
    uint8_t gap_too[4];
    _Atomic uint64_t log_stopped; /* 1: no record can be kept now, so no slot is given */
    uint8_t gap_three[48];
    _Atomic uint64_t rates[4];    /* requests step, burst, failures step, burst */
    _Atomic uint64_t switches;    /* enum segment_switch, or-ed */
    _Atomic uint64_t signed_size; /* records under the last signed checkpoint */
    _Atomic uint64_t retired;     /* 1: another file takes, or will take, the place of this one */
    _Atomic uint64_t stopped;     /* 1: announced records cannot be kept now */
    /* A line of its own: written by every worker that announces. */
    _Atomic uint32_t announced; /* records so far, modulo 2^32; the keeper sleeps on it (futex) */
    _Atomic uint32_t keeper_sleeps;
};
static_assert(offsetof(struct segment_header, keys_published) == 192, "drawn");
static_assert(offsetof(struct segment_header, rates) == 256, "drawn");
static_assert(offsetof(struct segment_header, retired) == 304, "drawn");
static_assert(offsetof(struct segment_header, announced) == 320, "drawn");

enum segment_switch {
    SEGMENT_DEPTH_OPEN = 1, /* D4 */
    SEGMENT_DURABLE = 2,    /* a request goes on only when its record is on disk */
};

/* In the word of the live nonce, so that a change of mode and a nonce under way cannot miss each
 * other: whoever compares and swaps the word has to agree on both. */
#define NONCE_WINDOWED (UINT64_C(1) << 63)

struct key_slot {
    _Atomic uint64_t sequence;
    _Atomic uint64_t random[2];
    _Atomic uint64_t head[KEY_HEAD_WORDS];
    _Atomic uint64_t rules[KEY_INLINE_WORDS];
    /* Live part: five cache lines in, on a line of its own. */
    _Atomic uint64_t nonce; /* with NONCE_WINDOWED while the key has a window */
    _Atomic uint64_t public_full_at_ns;
    _Atomic uint64_t private_full_at_ns;
    _Atomic uint64_t last_use_ns;
    _Atomic uint64_t tripped_at_ns;
    _Atomic uint64_t expired_at_ns;
    _Atomic uint64_t wallets_called;
    uint64_t zero_too;
};
static_assert(sizeof(struct key_slot) == 384, "drawn");
static_assert(offsetof(struct key_slot, nonce) == 320, "drawn");
static_assert(offsetof(struct gate_key, ip_rules) == 8 * KEY_HEAD_WORDS, "drawn");
static_assert(sizeof(struct gate_key) ==
                  8 * (KEY_HEAD_WORDS + KEY_INLINE_WORDS + KEY_OVERFLOW_WORDS), "drawn");
static_assert(8 * KEY_INLINE_WORDS == KEY_INLINE_RULES * sizeof(struct ip_rule), "drawn");

struct key_overflow {
    _Atomic uint64_t rules[KEY_OVERFLOW_WORDS];
};

/* Of a key with a nonce window; untouched while it has none. */
struct window {
    _Atomic uint64_t floor;
    _Atomic uint64_t seen[NONCE_WINDOW_SIZE];
};
static_assert(sizeof(struct window) == 1024, "drawn");

struct token_entry {
    _Atomic uint64_t tag[2]; /* digest of the token; tag[0] 0: free, 1: being written */
    _Atomic uint64_t slot_and_scopes;
    _Atomic uint64_t ends_at_ns; /* monotonic */
    _Atomic uint64_t address[2];
    uint64_t zero[2];
};
static_assert(sizeof(struct token_entry) == 64, "drawn");

struct address_entry {
    _Atomic uint64_t hash;
    _Atomic uint64_t requests_full_at_ns;
    _Atomic uint64_t failures_full_at_ns;
    _Atomic uint64_t seen_at_ns;
};
static_assert(sizeof(struct address_entry) == 32, "drawn");

struct slab_header {
    _Atomic uint64_t owner;
    _Atomic uint64_t ids_drawn;
    uint8_t gap[48]; /* a cache line each: their owners are different processes */
};
static_assert(sizeof(struct slab_header) == 64, "drawn");

enum slot_state {
    SLOT_FREE = 0,
    SLOT_OPEN = 1,
    SLOT_DONE = 2,
    SLOT_READ = 3,
    SLOT_ANNOUNCED = 4,
    SLOT_SHOWN = 5,
    SLOT_KEPT = 6,
    SLOT_LEFT = 7,
};

struct audit_slot {
    struct audit_record record;
    _Atomic uint64_t intent; /* where its intent stands on disk; 0: it has none */
    struct slot_end end;     /* of a request that ended before its record was kept */
    uint8_t zero[12];
};
static_assert(sizeof(struct audit_slot) == 512, "drawn");
static_assert(offsetof(struct audit_slot, intent) == 480, "drawn");

/* The mapping; the pointers stand at the regions of the header. */
struct segment {
    int fd;
    uint64_t size;
    struct segment_layout layout;        /* this process's copy */
    const struct segment_layout *header; /* points to it */
    struct segment_header *shared;       /* the mapping's own, for what moves in it */
    _Atomic uint64_t *index;
    struct key_slot *keys;
    struct key_overflow *overflow;
    struct address_entry *addresses;
    struct slab_header *slabs;
    _Atomic uint32_t *states;
    struct audit_slot *audit;
    struct window *windows;
    struct token_entry *tokens;
    _Atomic bool lost;      /* the file was cut under the mapping: parts of it are private zeros */
    uint32_t keys_reserved; /* publisher only: slots below have memory for sure */
};

/* This process's hold on a slab. */
struct slab {
    struct segment *segment;
    struct slab_header *header;
    _Atomic uint32_t *states;
    struct audit_slot *slots;
    uint32_t number;
    uint32_t count;
    uint32_t cursor; /* where the search for a free slot goes on */
};

/* Slots of the slabs up to the last that ever gave a record, so that a collector with nothing to do
 * does not look at all the others.  Relaxed: of a slab that has only just come into use it hears a
 * turn later, and its records wait. */
static inline size_t slots_used(const struct segment *segment)
{
    size_t slabs = segment->header->slab_count;

    while (slabs > 0 &&
           atomic_load_explicit(&segment->slabs[slabs - 1].ids_drawn, memory_order_relaxed) == 0)
        slabs--;
    return slabs * segment->header->slab_slots;
}

/* Has the kernel set memory aside now, so that a full tmpfs is ERR_FULL here and not a SIGBUS at
 * the first touch.  Content that is there stays. */
must_use enum err segment_reserve(const struct segment *segment, uint64_t offset, uint64_t size);

/* Never lowers it.  Sequentially consistent, because what keeps a nonce window sound is an argument
 * about one order of everybody's steps (shm/judge.c). */
static inline void word_raise(_Atomic uint64_t *word, uint64_t value)
{
    uint64_t seen = atomic_load(word);

    while (seen < value && !atomic_compare_exchange_weak(word, &seen, value))
        continue;
}

/* Keyed hash of 16 bytes: two rounds of multiply and fold (as in wyhash).  Not for secrets; the
 * seed keeps strangers from choosing collisions. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_16(const void *bytes, uint64_t seed)
{
    uint64_t words[2];

    memcpy(words, bytes, sizeof words);
    return hash_fold(hash_fold(words[0] ^ seed, words[1] ^ UINT64_C(0xe7037ed1a0b428db)) ^ seed,
                     UINT64_C(0x8ebc6af09c88c6e3));
}

#endif
