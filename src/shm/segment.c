#include "shm/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "shm/guard.h"
#include "shm/layout.h"

enum {
    HUGE_PAGE = 2 * 1024 * 1024,
    COMPACT_KEYS_LEAST = 10000, /* fewer fit what a processor remembers of small pages anyway */
};

static const uint8_t magic[8] = { 'L', 'K', 'S', 'E', 'G', 0, 0, 1 };

/* Upper bounds that keep every offset far from overflow. */
static const struct segment_shape most = { 1U << 27, 1U << 27, 255, 1U << 27, 1U << 20 };
static const struct segment_shape defaults = { 100000, 65536, 64, 16384, 8192 };

struct segment_shape segment_shape_default(void)
{
    return defaults;
}

static uint64_t page_round(uint64_t size)
{
    return (size + 4095) & ~UINT64_C(4095);
}

static bool shape_is_possible(const struct segment_shape *shape)
{
    return shape->key_capacity >= 1 && shape->key_capacity <= most.key_capacity &&
           shape->address_count >= ADDRESS_WAYS && shape->address_count <= most.address_count &&
           shape->slab_count >= 1 && shape->slab_count <= most.slab_count &&
           shape->token_count >= TOKEN_WAYS && shape->token_count <= most.token_count &&
           shape->slab_slots >= 1 && shape->slab_slots <= most.slab_slots;
}

/* Everything in the header that follows from the shape. */
static void header_lay_out(struct segment_layout *header, const struct segment_shape *shape)
{
    uint64_t slots = (uint64_t)shape->slab_count * shape->slab_slots;
    uint64_t at = SEGMENT_HEADER_SIZE;

    memcpy(header->magic, magic, sizeof magic);
    header->version = LAYOUT_VERSION;
    header->header_size = SEGMENT_HEADER_SIZE;
    header->key_slot_size = sizeof(struct key_slot);
    header->overflow_size = sizeof(struct key_overflow);
    header->address_size = sizeof(struct address_entry);
    header->audit_slot_size = sizeof(struct audit_slot);
    header->key_capacity = shape->key_capacity;
    header->address_sets = shape->address_count / ADDRESS_WAYS;
    header->slab_count = shape->slab_count;
    header->slab_slots = shape->slab_slots;
    header->token_sets = shape->token_count / TOKEN_WAYS;
    header->index_count = 2;
    while (header->index_count < 2 * shape->key_capacity)
        header->index_count *= 2;

    header->index_at = at;
    at += page_round((uint64_t)header->index_count * sizeof(uint64_t));
    header->keys_at = at;
    at += page_round((uint64_t)shape->key_capacity * sizeof(struct key_slot));
    header->overflow_at = at;
    at += page_round((uint64_t)shape->key_capacity * sizeof(struct key_overflow));
    header->addresses_at = at;
    at += page_round((uint64_t)header->address_sets * ADDRESS_WAYS * sizeof(struct address_entry));
    header->slabs_at = at;
    at += page_round((uint64_t)shape->slab_count * sizeof(struct slab_header));
    header->states_at = at;
    at += page_round(slots * sizeof(uint32_t));
    header->audit_at = at;
    at += page_round(slots * sizeof(struct audit_slot));
    header->windows_at = at;
    at += page_round((uint64_t)shape->key_capacity * sizeof(struct window));
    header->tokens_at = at;
    at += page_round((uint64_t)header->token_sets * TOKEN_WAYS * sizeof(struct token_entry));
    header->file_size = at;
}

static uint32_t header_crc(const struct segment_layout *header)
{
    return (uint32_t)crc32(0, (const Bytef *)header, offsetof(struct segment_layout, crc));
}

static struct segment_shape header_shape(const struct segment_layout *header)
{
    return (struct segment_shape){ header->key_capacity, header->address_sets * ADDRESS_WAYS,
                                   header->slab_count, header->token_sets * TOKEN_WAYS,
                                   header->slab_slots };
}

/* The layout is recomputed from the shape and compared, so no offset is ever believed. */
enum err segment_header_check(const void *bytes, uint64_t file_size)
{
    struct segment_layout found, expected;
    struct segment_shape shape;

    memcpy(&found, bytes, sizeof found);
    if (memcmp(found.magic, magic, sizeof magic) != 0)
        return ERR_CORRUPT;
    if (found.version != LAYOUT_VERSION)
        return ERR_VERSION;
    if (found.crc != header_crc(&found))
        return ERR_CORRUPT;
    if (found.address_sets > most.address_count / ADDRESS_WAYS ||
        found.token_sets > most.token_count / TOKEN_WAYS)
        return ERR_CORRUPT;
    shape = header_shape(&found);
    if (!shape_is_possible(&shape) || found.environment >= ENVIRONMENT_COUNT)
        return ERR_CORRUPT;
    expected = found;
    header_lay_out(&expected, &shape);
    if (memcmp(&expected, &found, sizeof found) != 0)
        return ERR_VERSION;
    return file_size == found.file_size ? OK : ERR_CORRUPT;
}

enum err segment_reserve(const struct segment *segment, uint64_t offset, uint64_t size)
{
    /* EOPNOTSUPP: not on this file system; then a touch is all there is. */
    if (fallocate(segment->fd, 0, (off_t)offset, (off_t)size) == 0 || errno == EOPNOTSUPP)
        return OK;
    log_error("segment", "no room for %llu bytes: %s; enlarge the tmpfs that holds the segments",
              (unsigned long long)size, strerror(errno));
    return errno == ENOSPC ? ERR_FULL : ERR_IO;
}

static void mapping_place(struct segment *segment, void *at)
{
    uint8_t *base = at;

    segment->shared = at;
    segment->header = &segment->layout;
    segment->index = (void *)(base + segment->header->index_at);
    segment->keys = (void *)(base + segment->header->keys_at);
    segment->overflow = (void *)(base + segment->header->overflow_at);
    segment->addresses = (void *)(base + segment->header->addresses_at);
    segment->slabs = (void *)(base + segment->header->slabs_at);
    segment->states = (void *)(base + segment->header->states_at);
    segment->audit = (void *)(base + segment->header->audit_at);
    segment->windows = (void *)(base + segment->header->windows_at);
    segment->tokens = (void *)(base + segment->header->tokens_at);
}

/* At an address that huge pages fit, should the kernel give some: see segment_compact. */
static void *map_aligned(int fd, uint64_t size)
{
    uint64_t room = size + HUGE_PAGE;
    char *reserved =
        mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint64_t lead, used;
    void *at;

    if (reserved == MAP_FAILED)
        return MAP_FAILED;
    lead = (HUGE_PAGE - (uintptr_t)reserved % HUGE_PAGE) % HUGE_PAGE;
    at = mmap(reserved + lead, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    used = lead + (size + 4095) / 4096 * 4096;
    if (lead > 0)
        munmap(reserved, lead);
    if (used < room)
        munmap(reserved + used, room - used);
    return at;
}

/* Maps the open file, whose header has been checked.  On failure the file is still the caller's. */
static enum err mapping_make(int fd, const struct segment_layout *layout, struct segment **segment)
{
    uint64_t size = layout->file_size;
    struct segment *made = calloc(1, sizeof *made);
    void *at;

    if (made == NULL)
        return ERR_MEMORY;
    at = map_aligned(fd, size);
    if (at == MAP_FAILED) {
        log_error("segment", "cannot map %llu bytes: %s", (unsigned long long)size,
                  strerror(errno));
        free(made);
        return ERR_MEMORY;
    }
    /* Midstates can sign: not into core dumps, and not to swap where the limits allow.  On fault
     * only, since locking a sparse file would fill it. */
    (void)madvise(at, size, MADV_DONTDUMP);
    (void)mlock2(at, size, MLOCK_ONFAULT);
    made->fd = fd;
    made->size = size;
    made->layout = *layout;
    mapping_place(made, at);
    guard_add(made);
    *segment = made;
    return OK;
}

static enum segment_age age_of(const struct segment_layout *found)
{
    if (memcmp(found->magic, magic, sizeof magic) != 0 || found->version == 0)
        return SEGMENT_FOREIGN;
    if (found->version == LAYOUT_VERSION)
        return SEGMENT_PRESENT;
    return found->version < LAYOUT_VERSION ? SEGMENT_EARLIER : SEGMENT_LATER;
}

enum segment_age segment_age_find(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct segment_layout found;
    ssize_t size = -1;

    if (fd >= 0) {
        size = pread(fd, &found, sizeof found, 0);
        close(fd);
    }
    if (size < 0)
        return SEGMENT_ABSENT;
    return size == (ssize_t)sizeof found ? age_of(&found) : SEGMENT_FOREIGN;
}

/* What to do about a file of another layout: one sentence. */
static void version_tell(const char *path, const struct segment_layout *found)
{
    if (found->version < LAYOUT_VERSION)
        log_error("segment",
                  "%s has layout %u of an earlier release: start the authority of this release, "
                  "which takes it over",
                  path, found->version);
    else if (found->version > LAYOUT_VERSION)
        log_error("segment",
                  "%s has layout %u of a later release, and this one knows layouts up to %u: run "
                  "the later release, or stop nginx, authority and exchanges, remove the file and "
                  "start again",
                  path, found->version, (unsigned)LAYOUT_VERSION);
    else
        log_error("segment",
                  "%s was made by another build of this release: stop nginx, authority and "
                  "exchanges, remove the file and start again",
                  path);
}

/* A copy lacks every nonce that was accepted since, and who still uses the original would not see
 * those that it takes. */
static bool is_copy(const struct segment_header *header, const struct stat *file)
{
    uint64_t inode = atomic_load_explicit(&header->inode, memory_order_relaxed);

    return inode != 0 && inode != (uint64_t)file->st_ino;
}

static enum err header_read(int fd, const char *path, struct segment_layout *layout)
{
    _Alignas(64) uint8_t bytes[SEGMENT_HEADER_SIZE];
    struct stat file;
    enum err e;

    if (fstat(fd, &file) != 0)
        return ERR_IO;
    if (pread(fd, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        log_error("segment", "%s is not a gate segment: it is too short", path);
        return ERR_CORRUPT;
    }
    memcpy(layout, bytes, sizeof *layout);
    e = segment_header_check(bytes, (uint64_t)file.st_size);
    if (e == ERR_VERSION)
        version_tell(path, layout);
    if (e == ERR_CORRUPT)
        log_error("segment", "%s is not a gate segment, or damaged", path);
    if (e == OK && is_copy((const struct segment_header *)bytes, &file)) {
        log_error("segment",
                  "%s is a copy of a gate segment: it does not know what was accepted since it was "
                  "made, and is not used",
                  path);
        e = ERR_CORRUPT;
    }
    return e;
}

static enum err file_open(const char *path, struct segment **segment)
{
    struct segment_layout layout;
    enum err e;
    int fd;

    *segment = NULL;
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT)
            return ERR_MISSING;
        log_error("segment", "cannot open %s: %s", path, strerror(errno));
        return ERR_IO;
    }
    TRY(header_read(fd, path, &layout));
    TRY(mapping_make(fd, &layout, segment));
    fd = -1;
out:
    if (fd >= 0)
        close(fd);
    return e;
}

void segment_close(struct segment **segment)
{
    if (*segment == NULL)
        return;
    guard_remove(*segment);
    munmap((*segment)->shared, (*segment)->size);
    close((*segment)->fd);
    free(*segment);
    *segment = NULL;
}

bool segment_is_over(const struct segment *segment)
{
    /* Relaxed: `lost` was set by this thread's own signal, or by another's before its zeros were
     * there.  Who retired the segment is seen by way of the nonce (key_table_live_take). */
    return atomic_load_explicit(&segment->lost, memory_order_relaxed) ||
           atomic_load_explicit(&segment->shared->retired, memory_order_relaxed) != 0;
}

enum err segment_open(const char *path, struct segment **segment)
{
    enum err e = file_open(path, segment);

    /* Another one is about to take its place. */
    if (e == OK && segment_is_over(*segment)) {
        segment_close(segment);
        e = ERR_MISSING;
    }
    return e;
}

/* Reserves what every segment touches; keys and audit slots follow as they come into use. */
static enum err regions_reserve(int fd, const struct segment_layout *header)
{
    struct segment made = { .fd = fd };
    enum err e;

    TRY(segment_reserve(&made, 0, header->keys_at));
    TRY(segment_reserve(&made, header->addresses_at, header->audit_at - header->addresses_at));
    TRY(segment_reserve(&made, header->tokens_at, header->file_size - header->tokens_at));
out:
    return e;
}

static enum err file_make(const char *path, mode_t mode, struct segment_header *header)
{
    char temporary[FILE_PATH_SIZE];
    struct stat file;
    enum err e = ERR_IO;
    int fd = -1;

    if ((size_t)snprintf(temporary, sizeof temporary, "%s.%d.new", path, getpid()) >=
        sizeof temporary)
        return ERR_RANGE;
    fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || fchmod(fd, mode) != 0 || ftruncate(fd, (off_t)header->layout.file_size) != 0 ||
        fstat(fd, &file) != 0) {
        log_error("segment", "cannot create %s: %s", temporary, strerror(errno));
        goto out;
    }
    header->inode = file.st_ino;
    TRY(regions_reserve(fd, &header->layout));
    if (pwrite(fd, header, sizeof *header, 0) != (ssize_t)sizeof *header ||
        (link(temporary, path) != 0 && errno != EEXIST)) {
        log_error("segment", "cannot create %s: %s", path, strerror(errno));
        e = ERR_IO;
    }
out:
    if (fd >= 0) {
        close(fd);
        unlink(temporary);
    }
    return e;
}

static enum err header_draw(struct segment_header *header, enum environment environment,
                            const struct segment_shape *shape)
{
    struct segment_shape full = {
        shape->key_capacity != 0 ? shape->key_capacity : defaults.key_capacity,
        shape->address_count != 0 ? shape->address_count : defaults.address_count,
        shape->slab_count != 0 ? shape->slab_count : defaults.slab_count,
        shape->token_count != 0 ? shape->token_count : defaults.token_count,
        shape->slab_slots != 0 ? shape->slab_slots : defaults.slab_slots,
    };
    struct segment_layout *layout = &header->layout;

    if (!shape_is_possible(&full))
        return ERR_RANGE;
    memset(header, 0, sizeof *header);
    layout->environment = environment;
    if (getrandom(&layout->instance, sizeof layout->instance, 0) != sizeof layout->instance ||
        getrandom(&layout->seed, sizeof layout->seed, 0) != sizeof layout->seed)
        return ERR_CRYPTO;
    header_lay_out(layout, &full);
    layout->crc = header_crc(layout);
    header->rates[0] = meter_rate_of(15, 15).step_ns;
    header->rates[1] = meter_rate_of(15, 15).burst_ns;
    header->rates[2] = meter_rate_of(10, 60).step_ns;
    header->rates[3] = meter_rate_of(10, 60).burst_ns;
    header->switches = environment == ENVIRONMENT_SANDBOX ? SEGMENT_DEPTH_OPEN : 0;
    return OK;
}

static uint64_t file_inode(const struct segment *segment)
{
    struct stat file;

    return fstat(segment->fd, &file) == 0 ? (uint64_t)file.st_ino : 0;
}

enum err segment_set_aside(const char *path)
{
    char aside[FILE_PATH_SIZE];

    if ((size_t)snprintf(aside, sizeof aside, "%s.damaged", path) >= sizeof aside)
        return ERR_RANGE;
    if (rename(path, aside) == 0)
        return OK;
    if (errno == ENOENT)
        return ERR_MISSING;
    log_error("segment", "cannot move %s out of the way: %s", path, strerror(errno));
    return ERR_IO;
}

enum err segment_create(const char *path, mode_t mode, enum environment environment,
                        const struct segment_shape *shape, struct segment **segment)
{
    struct segment_header header;
    struct segment_shape found;
    bool taken_over;
    enum err e;

    *segment = NULL;
    TRY(header_draw(&header, environment, shape));
    e = file_open(path, segment);
    taken_over = e == OK;
    if (e == ERR_MISSING) {
        TRY(file_make(path, mode, &header));
        e = file_open(path, segment);
    }
    if (e != OK)
        goto out;
    if ((*segment)->shared->inode == 0) /* nobody could tell a copy of it */
        (*segment)->shared->inode = file_inode(*segment);
    /* Whoever retired it died before there was another: it still is the one that counts. */
    atomic_store_explicit(&(*segment)->shared->retired, 0, memory_order_relaxed);
    if (segment_environment(*segment) != environment) {
        log_error("segment", "%s belongs to the %s environment", path,
                  environment_text(segment_environment(*segment)));
        e = ERR_VERSION;
        segment_close(segment);
        goto out;
    }
    found = segment_shape_get(*segment);
    if (taken_over && shape->key_capacity != 0 && shape->key_capacity != found.key_capacity)
        log_warn("segment", "%s keeps its capacity of %u keys; stop everything and remove it to "
                 "change that", path, found.key_capacity);
out:
    return e;
}

bool segment_is_current(const struct segment *segment, const char *path)
{
    struct stat mapped, named;

    return fstat(segment->fd, &mapped) == 0 && stat(path, &named) == 0 &&
           mapped.st_dev == named.st_dev && mapped.st_ino == named.st_ino &&
           (uint64_t)mapped.st_size == segment->size &&
           memcmp(&segment->shared->layout, &segment->layout, sizeof segment->layout) == 0 &&
           !is_copy(segment->shared, &mapped) && !segment_is_over(segment);
}

void segment_retire(struct segment *segment)
{
    /* Release would do for what key_table_live_take promises; it happens once in a blue moon. */
    atomic_store_explicit(&segment->shared->retired, 1, memory_order_seq_cst);
}

enum environment segment_environment(const struct segment *segment)
{
    return (enum environment)segment->header->environment;
}

struct segment_shape segment_shape_get(const struct segment *segment)
{
    return header_shape(segment->header);
}

uint64_t segment_instance(const struct segment *segment)
{
    return segment->header->instance;
}

/* Each number is valid on its own, so relaxed stores and loads suffice: a gateway that sees a new
 * step with an old burst meters a few requests a little differently. */
void segment_settings_set(struct segment *segment, const struct gate_settings *settings)
{
    const uint64_t rates[4] = { settings->requests.step_ns, settings->requests.burst_ns,
                                settings->failures.step_ns, settings->failures.burst_ns };

    for (size_t i = 0; i < 4; i++)
        atomic_store_explicit(&segment->shared->rates[i], rates[i], memory_order_relaxed);
    atomic_store_explicit(&segment->shared->switches,
                          (settings->depth_open ? SEGMENT_DEPTH_OPEN : 0) |
                              (settings->durable ? SEGMENT_DURABLE : 0),
                          memory_order_relaxed);
}

struct gate_settings segment_settings_get(const struct segment *segment)
{
    uint64_t rates[4];
    uint64_t switches = atomic_load_explicit(&segment->shared->switches, memory_order_relaxed);

    for (size_t i = 0; i < 4; i++)
        rates[i] = atomic_load_explicit(&segment->shared->rates[i], memory_order_relaxed);
    /* A rate that is none is damage, and a step of zero would divide: one a second, then. */
    for (size_t i = 0; i < 4; i += 2) {
        if (rates[i] == 0 || rates[i + 1] < rates[i])
            rates[i] = rates[i + 1] = NS_PER_S;
    }
    return (struct gate_settings){ { rates[0], rates[1] },
                                   { rates[2], rates[3] },
                                   (switches & SEGMENT_DEPTH_OPEN) != 0,
                                   (switches & SEGMENT_DURABLE) != 0 };
}

/* Relaxed: a number for clients to remember; the checkpoint itself is on disk. */
void segment_signed_size_set(struct segment *segment, uint64_t size)
{
    atomic_store_explicit(&segment->shared->signed_size, size, memory_order_relaxed);
}

uint64_t segment_signed_size_get(const struct segment *segment)
{
    return atomic_load_explicit(&segment->shared->signed_size, memory_order_relaxed);
}

void segment_carry_settings(const struct segment *from, struct segment *to)
{
    struct gate_settings settings = segment_settings_get(from);

    if (atomic_load_explicit(&from->lost, memory_order_relaxed) ||
        memcmp(&from->shared->layout, &from->layout, sizeof from->layout) != 0)
        return;
    segment_settings_set(to, &settings);
}

uint64_t segment_touched_bytes(const struct segment *segment)
{
    struct stat file;

    return fstat(segment->fd, &file) == 0 ? (uint64_t)file.st_blocks * 512 : 0;
}

/* Linux 6.1; Debian 12's headers are older than its kernel allows. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* Only pages that lie wholly in the range: the others have holes, which would be filled. */
static void range_compact(const struct segment *segment, uint64_t from, uint64_t to)
{
    char *base = (char *)segment->shared;

    from = (from + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    for (; from + HUGE_PAGE <= to; from += HUGE_PAGE) {
        /* A kernel that knows or has none leaves things as they are, which is only slower. */
        if (madvise(base + from, HUGE_PAGE, MADV_COLLAPSE) != 0)
            return;
    }
}

void segment_compact(const struct segment *segment)
{
    const struct segment_layout *header = segment->header;
    uint32_t count = atomic_load_explicit(&segment->shared->keys_published, memory_order_relaxed);

    if (count < COMPACT_KEYS_LEAST)
        return;
    range_compact(segment, header->index_at,
                  header->index_at + header->index_count * sizeof *segment->index);
    range_compact(segment, header->keys_at,
                  header->keys_at + count * sizeof(struct key_slot));
}
