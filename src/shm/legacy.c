#include "shm/legacy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "shm/key_table.h"
#include "shm/layout.h"
#include "shm/slots.h"

enum {
    GRACE_MS = 100,     /* for a worker that looked before the segment was shut, and acts after */
    ANSWERS_MS = 5000,  /* for requests that had passed; whose answer takes longer is "unknown" */
    LOOK_MS = 5,
    SLABS_MOST = 255,
    SHUT = 0xffff, /* no environment: layout 1's gateways compare it for each request */
};

/* ---- layout 1 ---- */

struct header_1 {
    uint8_t magic[8];
    uint32_t version;
    _Atomic uint32_t environment;
    uint32_t sizes[5]; /* header, key slot, overflow chunk, address entry, audit slot */
    uint32_t address_sets;
    uint64_t file_size, instance, seed;
    uint64_t index_at, keys_at, overflow_at, addresses_at, slabs_at, states_at, audit_at;
    uint32_t key_capacity, index_count, slab_count, slab_slots;
    uint32_t crc, zero;
    uint8_t gap[48];
    uint32_t keys_published;
    uint8_t gap_too[60];
    uint64_t rates[4];
};
static_assert(offsetof(struct header_1, crc) == 136, "as layout 1 was drawn");
static_assert(offsetof(struct header_1, rates) == 256, "as layout 1 was drawn");

struct key_1 {
    uint64_t sequence, zero;
    char random[KEY_RANDOM_SIZE];
    struct midstate midstate;
    uint64_t account, created_at_ns, cooling_until_ns, idle_span_ns, ended_at_ns;
    uint32_t scopes, scopes_waiting, public_per_s, private_per_s;
    uint8_t state, reason, flags, ip_rule_count;
    uint8_t reserved[4];
    char mail_hint[24];
    struct ip_rule rules[4];
    /* Live. */
    _Atomic uint64_t nonce, public_full_at_ns, private_full_at_ns, last_use_ns, tripped_at_ns,
        expired_at_ns, wallets_called;
    uint64_t zero_too;
};
static_assert(sizeof(struct key_1) == 384, "as layout 1 was drawn");
static_assert(offsetof(struct key_1, nonce) == 320, "as layout 1 was drawn");

struct overflow_1 {
    struct ip_rule rules[46];
    uint8_t zero[4];
};
static_assert(sizeof(struct overflow_1) == 832, "as layout 1 was drawn");

struct slab_1 {
    _Atomic uint64_t owner;
    uint8_t rest[56];
};

struct record_1 {
    uint64_t received_at_us, account, nonce;
    uint32_t latency_us, bytes_sent;
    uint8_t request_id[16];
    char key[16];
    uint8_t address[16];
    uint16_t status, verdict, route, path_size;
    uint8_t kind, environment, transport, method, flags;
    uint8_t reserved[3];
    char path[384];
    uint8_t zero[32];
};
static_assert(sizeof(struct record_1) == 512, "as layout 1 was drawn");

enum { FREE_1 = 0, OPEN_1 = 1 }; /* 2 and 3: completed, and perhaps read by a collector */

static const uint32_t sizes_1[5] = { 4096, 384, 832, 32, 512 };

/* ---- the old file ---- */

struct old {
    struct header_1 *header;
    struct header_1 layout; /* a copy, checked: what everything below is reckoned from */
    const struct key_1 *keys;
    const struct overflow_1 *overflow;
    const struct slab_1 *slabs;
    const _Atomic uint32_t *states;
    const struct record_1 *records;
    bool in_use; /* a gateway that has it mapped is alive */
};

static uint64_t region(uint64_t *at, uint64_t count, uint64_t size)
{
    uint64_t begin = *at;

    *at += (count * size + 4095) & ~UINT64_C(4095);
    return begin;
}

/* Offsets are reckoned anew and compared, never believed.  The environment may be SHUT, by us
 * before a crash, so the checksum is that of the header as it was. */
static bool layout_is_right(struct header_1 *h, enum environment environment, uint64_t file_size)
{
    uint64_t at = 4096;
    uint64_t regions[7];

    h->environment = environment;
    if (h->key_capacity == 0 || h->key_capacity > 1U << 27 || h->index_count > 1U << 29 ||
        h->address_sets > 1U << 25 || h->slab_count > SLABS_MOST || h->slab_slots > 1U << 20)
        return false;
    regions[0] = region(&at, h->index_count, 8);
    regions[1] = region(&at, h->key_capacity, sizeof(struct key_1));
    regions[2] = region(&at, h->key_capacity, sizeof(struct overflow_1));
    regions[3] = region(&at, (uint64_t)h->address_sets * 4, 32);
    regions[4] = region(&at, h->slab_count, sizeof(struct slab_1));
    regions[5] = region(&at, (uint64_t)h->slab_count * h->slab_slots, 4);
    regions[6] = region(&at, (uint64_t)h->slab_count * h->slab_slots, sizeof(struct record_1));
    return memcmp(h->sizes, sizes_1, sizeof sizes_1) == 0 &&
           memcmp(&h->index_at, regions, sizeof regions) == 0 && at == h->file_size &&
           at == file_size &&
           h->crc == crc32(0, (const Bytef *)h, offsetof(struct header_1, crc));
}

static void old_close(struct old *old)
{
    if (old->header != NULL)
        munmap(old->header, old->layout.file_size);
    old->header = NULL;
}

static enum err old_open(const char *path, enum environment environment, struct old *old)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat file;
    uint8_t *base;
    enum err e = ERR_IO;

    *old = (struct old){ .header = NULL };
    if (fd < 0 || fstat(fd, &file) != 0 ||
        pread(fd, &old->layout, sizeof old->layout, 0) != (ssize_t)sizeof old->layout) {
        log_error("segment", "cannot read %s: %s", path, strerror(errno));
        goto out;
    }
    if (!layout_is_right(&old->layout, environment, (uint64_t)file.st_size)) {
        log_error("segment",
                  "%s is damaged, or not of the %s environment: stop nginx, remove it and start "
                  "again",
                  path, environment_text(environment));
        e = ERR_CORRUPT;
        goto out;
    }
    base = mmap(NULL, old->layout.file_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) {
        log_error("segment", "cannot map %s: %s", path, strerror(errno));
        e = ERR_MEMORY;
        goto out;
    }
    (void)madvise(base, old->layout.file_size, MADV_DONTDUMP);
    old->header = (void *)base;
    old->keys = (void *)(base + old->layout.keys_at);
    old->overflow = (void *)(base + old->layout.overflow_at);
    old->slabs = (void *)(base + old->layout.slabs_at);
    old->states = (void *)(base + old->layout.states_at);
    old->records = (void *)(base + old->layout.audit_at);
    e = OK;
out:
    if (fd >= 0)
        close(fd);
    return e;
}

static bool slab_is_in_use(const struct old *old, uint32_t slab)
{
    uint64_t owner = atomic_load(&old->slabs[slab].owner);

    return owner != 0 && !slab_owner_is_dead(owner);
}

static void pause_ms(uint64_t ms)
{
    const struct timespec span = { .tv_sec = (time_t)(ms / 1000),
                                   .tv_nsec = (long)(ms % 1000 * NS_PER_MS) };

    nanosleep(&span, NULL);
}

/* From here on its gateways refuse, and no nonce or mark of a key moves. */
static void old_shut(struct old *old, const char *path)
{
    for (uint32_t slab = 0; slab < old->layout.slab_count; slab++)
        old->in_use = old->in_use || slab_is_in_use(old, slab);
    /* Sequentially consistent, like every access to what old gateways share here: this is no path
     * where a fence would be felt. */
    atomic_store(&old->header->environment, SHUT);
    if (!old->in_use)
        return;
    log_warn("segment",
             "%s: gateways of an earlier release are running; they refuse every request until "
             "nginx runs the module of this release (docs/nginx.md, Upgrading)",
             path);
    pause_ms(GRACE_MS);
}

/* ---- into the new one ---- */

struct move {
    const struct old *old;
    struct segment *into;
    struct slab *slabs[SLABS_MOST]; /* all held until the end: one given up would be given again */
    size_t slab_count;
    uint64_t give_up_ns;
    size_t records, unknown;
};

/* Nobody publishes, so an odd sequence is the mark of one who died: the authority publishes the key
 * again from the store, and until then it is nobody's. */
static void fixed_move(const struct old *old, uint32_t number, struct gate_key *fixed)
{
    const struct key_1 *from = &old->keys[number];
    uint8_t inner;

    *fixed = (struct gate_key){ .state = KEY_SUSPENDED };
    if ((from->sequence & 1) != 0 || from->ip_rule_count > IP_RULES_MOST)
        return;
    fixed->midstate = from->midstate;
    fixed->account = from->account;
    fixed->created_at_ns = from->created_at_ns;
    fixed->cooling_until_ns = from->cooling_until_ns;
    fixed->idle_span_ns = from->idle_span_ns;
    fixed->ended_at_ns = from->ended_at_ns;
    fixed->scopes = from->scopes;
    fixed->scopes_waiting = from->scopes_waiting;
    fixed->public_per_s = from->public_per_s;
    fixed->private_per_s = from->private_per_s;
    fixed->state = from->state;
    fixed->reason = from->reason;
    fixed->flags = from->flags;
    fixed->ip_rule_count = from->ip_rule_count;
    memcpy(fixed->mail_hint, from->mail_hint, sizeof fixed->mail_hint);
    inner = from->ip_rule_count < 4 ? from->ip_rule_count : 4;
    memcpy(fixed->ip_rules, from->rules, inner * sizeof *from->rules);
    if (from->ip_rule_count > inner)
        memcpy(fixed->ip_rules + inner, old->overflow[number].rules,
               (from->ip_rule_count - inner) * sizeof *from->rules);
}

/* Meters are left behind: they are full again within a second or two. */
static enum err key_move(struct move *m, uint32_t number)
{
    const struct key_1 *from = &m->old->keys[number];
    struct key_entry entry;
    struct key_slot *to;
    enum err e = OK;

    if (from->sequence == 0) /* its publisher died before the index named it */
        goto out;
    entry = (struct key_entry){ .nonce = atomic_load(&from->nonce),
                                .last_use_ns = atomic_load(&from->last_use_ns) };
    memcpy(entry.random, from->random, sizeof entry.random);
    fixed_move(m->old, number, &entry.fixed);
    e = key_table_publish(m->into, &entry);
    midstate_wipe(&entry.fixed.midstate);
    if (e != OK)
        goto out;
    to = &m->into->keys[key_table_find(m->into, entry.random)];
    atomic_store(&to->tripped_at_ns, atomic_load(&from->tripped_at_ns));
    atomic_store(&to->expired_at_ns, atomic_load(&from->expired_at_ns));
    atomic_store(&to->wallets_called, atomic_load(&from->wallets_called));
out:
    return e;
}

static enum err keys_move(struct move *m)
{
    uint32_t count = m->old->header->keys_published;
    enum err e = OK;

    if (count > m->old->layout.key_capacity)
        count = m->old->layout.key_capacity;
    for (uint32_t number = 0; number < count; number++)
        TRY(key_move(m, number));
out:
    return e;
}

static enum err slot_find(struct move *m, struct audit_record **slot)
{
    enum err e = OK;

    *slot = m->slab_count == 0 ? NULL : slot_take(m->slabs[m->slab_count - 1]);
    while (*slot == NULL) {
        if (m->slab_count == SLABS_MOST)
            return ERR_FULL;
        TRY(slab_claim(m->into, &m->slabs[m->slab_count]));
        *slot = slot_take(m->slabs[m->slab_count++]);
    }
out:
    return e;
}

/* The request id stays, so that the collector knows what its predecessor had kept already. */
static enum err record_move(struct move *m, const struct record_1 *from, bool is_open)
{
    struct audit_record *to;
    enum err e;

    TRY(slot_find(m, &to));
    to->received_at_us = from->received_at_us;
    to->account = from->account;
    to->nonce = from->nonce;
    to->latency_us = from->latency_us;
    to->bytes_sent = from->bytes_sent;
    memcpy(to->request_id, from->request_id, sizeof to->request_id);
    memcpy(to->key, from->key, sizeof to->key);
    memcpy(to->address, from->address, sizeof to->address);
    to->status = is_open ? 0 : from->status;
    to->verdict = from->verdict;
    to->route = from->route;
    to->kind = from->kind;
    to->environment = from->environment;
    to->transport = from->transport;
    to->method = from->method;
    to->flags = from->flags | (is_open ? RECORD_OUTCOME_UNKNOWN : 0);
    to->path_size = from->path_size < RECORD_PATH_MOST ? from->path_size : RECORD_PATH_MOST;
    memcpy(to->path, from->path, to->path_size);
    slot_complete(m->slabs[m->slab_count - 1], to);
    m->records++;
    m->unknown += is_open;
out:
    return e;
}

/* Its worker may still be about to complete it; a dead one's never will be. */
static uint32_t state_settle(const struct move *m, uint32_t slab, size_t slot)
{
    uint32_t state;

    while ((state = atomic_load(&m->old->states[slot])) == OPEN_1 && slab_is_in_use(m->old, slab) &&
           clock_mono_ns() < m->give_up_ns)
        pause_ms(LOOK_MS);
    return state;
}

static enum err records_move(struct move *m)
{
    uint32_t each = m->old->layout.slab_slots;
    enum err e = OK;

    m->give_up_ns = clock_mono_ns() + ANSWERS_MS * NS_PER_MS;
    for (uint32_t slab = 0; slab < m->old->layout.slab_count; slab++) {
        for (size_t slot = (size_t)slab * each; slot < (size_t)(slab + 1) * each; slot++) {
            uint32_t state = state_settle(m, slab, slot);

            if (state != FREE_1)
                TRY(record_move(m, &m->old->records[slot], state == OPEN_1));
        }
    }
out:
    return e;
}

static enum err everything_move(const struct old *old, struct segment *into, const char *path)
{
    struct move m = { .old = old, .into = into };
    struct gate_settings settings = segment_settings_get(into);
    enum err e;

    settings.requests = (struct meter_rate){ old->header->rates[0], old->header->rates[1] };
    settings.failures = (struct meter_rate){ old->header->rates[2], old->header->rates[3] };
    segment_settings_set(into, &settings);
    TRY(keys_move(&m));
    TRY(records_move(&m));
    log_info("segment",
             "%s: taken over from an earlier release: %u keys, %zu records that were not "
             "collected, %zu of them with an unknown outcome",
             path, key_table_count(into), m.records, m.unknown);
out:
    while (m.slab_count > 0)
        slab_close(&m.slabs[--m.slab_count]);
    return e;
}

static void raise_to(uint32_t *least, uint32_t value)
{
    if (*least < value)
        *least = value;
}

enum err legacy_take_over(const char *path, mode_t mode, enum environment environment,
                          uint32_t key_capacity)
{
    struct segment_shape shape = segment_shape_default();
    struct segment *into = NULL;
    char next[FILE_PATH_SIZE];
    struct old old;
    enum err e;

    if (segment_age_find(path) != SEGMENT_EARLIER)
        return OK;
    if ((size_t)snprintf(next, sizeof next, "%s.next", path) >= sizeof next)
        return ERR_RANGE;
    TRY(old_open(path, environment, &old));
    if (key_capacity != 0)
        shape.key_capacity = key_capacity;
    raise_to(&shape.key_capacity, old.layout.key_capacity);
    raise_to(&shape.slab_count, old.layout.slab_count); /* room for all of its records */
    raise_to(&shape.slab_slots, old.layout.slab_slots);
    (void)unlink(next); /* of one who died in the middle of this */
    TRY(segment_create(next, mode, environment, &shape, &into));
    old_shut(&old, path);
    TRY(everything_move(&old, into, path));
    /* Who maps the file now finds all of it. */
    if (rename(next, path) != 0) {
        log_error("segment", "cannot rename %s to %s: %s", next, path, strerror(errno));
        e = ERR_IO;
    }
out:
    if (e != OK)
        (void)unlink(next);
    segment_close(&into);
    old_close(&old);
    return e;
}
