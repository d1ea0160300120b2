#include "shm/announced.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "shm/layout.h"
#include "shm/slots.h"

static _Atomic uint32_t *state_of(const struct slab *slab, const struct audit_record *record)
{
    size_t at = (size_t)((const struct audit_slot *)(const void *)record - slab->slots);

    assert(at < slab->count);
    return &slab->states[at];
}

static void futex_wake(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* ---- the worker's side ---- */

/* Relaxed: a request that sees an old answer waits in vain, or is refused once more. */
bool announced_may(const struct segment *segment)
{
    return atomic_load_explicit(&segment->shared->stopped, memory_order_relaxed) == 0;
}

void slot_announce(struct slab *slab, struct audit_record *record)
{
    struct segment_header *shared = slab->segment->shared;

    /* Release: the keeper sees the whole record. */
    atomic_store_explicit(state_of(slab, record), SLOT_ANNOUNCED, memory_order_release);
    /* Both sequentially consistent, as their counterparts in announced_wait: either we see that the
     * keeper sleeps, or it sees the new count and does not. */
    atomic_fetch_add(&shared->announced, 1);
    if (atomic_load(&shared->keeper_sleeps) != 0)
        futex_wake(&shared->announced);
}

bool slot_is_kept(const struct slab *slab, const struct audit_record *record)
{
    /* Acquire: the keeper has read the record before we write to it again. */
    return atomic_load_explicit(state_of(slab, record), memory_order_acquire) == SLOT_KEPT;
}

void slot_leave(struct slab *slab, struct audit_record *record, const struct slot_end *end)
{
    struct audit_slot *slot = (struct audit_slot *)(void *)record;
    _Atomic uint32_t *state = state_of(slab, record);
    uint32_t seen = atomic_load_explicit(state, memory_order_acquire);

    slot->end = *end;
    while (seen == SLOT_ANNOUNCED || seen == SLOT_SHOWN) {
        /* Release: the keeper sees the end; acquire: as in slot_is_kept. */
        if (atomic_compare_exchange_weak_explicit(state, &seen, SLOT_LEFT, memory_order_release,
                                                  memory_order_acquire))
            return;
    }
    record->latency_us = end->latency_us;
    record->bytes_sent = end->bytes_sent;
    record->status = end->status;
    record->verdict = end->verdict;
    slot_complete(slab, record);
}

/* ---- the keeper's side ---- */

/* Moves a slot that a worker may leave at the same time; false if it was left.  Acquire and
 * release: the record comes from the worker and goes back to it. */
static bool state_move(_Atomic uint32_t *state, uint32_t from, uint32_t to)
{
    return atomic_compare_exchange_strong_explicit(state, &from, to, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

void announced_begin(struct segment *segment)
{
    size_t all = slots_used(segment);

    for (size_t i = 0; i < all; i++)
        (void)state_move(&segment->states[i], SLOT_SHOWN, SLOT_ANNOUNCED);
}

size_t announced_show(struct segment *segment, size_t most, announced_visit *visit, void *context)
{
    size_t all = slots_used(segment);
    size_t shown = 0;

    for (size_t i = 0; i < all && shown < most; i++) {
        uint64_t intent = 0;

        if (atomic_load_explicit(&segment->states[i], memory_order_relaxed) != SLOT_ANNOUNCED ||
            !state_move(&segment->states[i], SLOT_ANNOUNCED, SLOT_SHOWN))
            continue;
        /* Shown, it may still be left, but nobody else completes what was left, so it stays ours to
         * read and its slot cannot become another request's. */
        visit(context, &segment->audit[i].record, &intent);
        atomic_store_explicit(&segment->audit[i].intent, intent, memory_order_relaxed);
        shown++;
    }
    return shown;
}

void announced_settle(struct segment *segment, announced_keeps *keeps, void *context)
{
    size_t all = slots_used(segment);

    for (size_t i = 0; i < all; i++) {
        if (atomic_load_explicit(&segment->states[i], memory_order_relaxed) != SLOT_SHOWN)
            continue;
        (void)state_move(&segment->states[i], SLOT_SHOWN,
                         keeps(context, &segment->audit[i].record) ? SLOT_KEPT : SLOT_ANNOUNCED);
    }
}

size_t announced_leave(struct segment *segment)
{
    size_t all = slots_used(segment);
    size_t left = 0;

    for (size_t i = 0; i < all; i++) {
        struct audit_slot *slot = &segment->audit[i];

        /* Acquire: the end as the worker wrote it. */
        if (atomic_load_explicit(&segment->states[i], memory_order_acquire) != SLOT_LEFT)
            continue;
        slot->record.latency_us = slot->end.latency_us;
        slot->record.bytes_sent = slot->end.bytes_sent;
        slot->record.status = slot->end.status;
        slot->record.verdict = slot->end.verdict;
        if (slot->end.status == 0)
            slot->record.flags |= RECORD_OUTCOME_UNKNOWN;
        /* Release: to the collector, which may be another thread. */
        atomic_store_explicit(&segment->states[i], SLOT_DONE, memory_order_release);
        left++;
    }
    return left;
}

/* Relaxed throughout.  Of a slot that is freed and taken again meanwhile the old intent may still
 * be seen, which then outlives its request for a while; moving it fails once the taker has cleared
 * it, and nobody but the keeper, who is here, gives a new one. */
void announced_intents_each(struct segment *segment, announced_intent_visit *visit,
                            void *context)
{
    size_t all = slots_used(segment);

    for (size_t i = 0; i < all; i++) {
        struct audit_slot *slot = &segment->audit[i];
        uint64_t seen, intent;

        if (atomic_load_explicit(&segment->states[i], memory_order_acquire) == SLOT_FREE)
            continue;
        seen = intent = atomic_load_explicit(&slot->intent, memory_order_relaxed);
        if (intent == 0)
            continue;
        visit(context, slot->record.request_id, &intent);
        if (intent != seen)
            (void)atomic_compare_exchange_strong_explicit(&slot->intent, &seen, intent,
                                                          memory_order_relaxed,
                                                          memory_order_relaxed);
    }
}

void announced_stop(struct segment *segment, bool stopped)
{
    atomic_store_explicit(&segment->shared->stopped, stopped ? 1 : 0, memory_order_relaxed);
}

uint32_t announced_count(const struct segment *segment)
{
    return atomic_load(&segment->shared->announced);
}

/* Linux 5.16; older headers lack it, older kernels answer ENOSYS. */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
struct futex_place {
    uint64_t value;
    uint64_t address;
    uint32_t flags; /* 2: a word of 32 bits; shared between processes */
    uint32_t zero;
};

void announced_wait(struct segment *const *segments, const uint32_t *seen, size_t count,
                    _Atomic uint32_t *bell, uint32_t most_ms)
{
    struct futex_place places[ANNOUNCED_SEGMENTS_MOST + 1];
    uint64_t until_ns = clock_mono_ns() + most_ms * NS_PER_MS;
    struct timespec until = { (time_t)(until_ns / NS_PER_S), (long)(until_ns % NS_PER_S) };
    const struct timespec briefly = { 0, (long)NS_PER_MS };

    assert(count <= ANNOUNCED_SEGMENTS_MOST);
    for (size_t i = 0; i < count; i++) {
        atomic_store(&segments[i]->shared->keeper_sleeps, 1);
        places[i] = (struct futex_place){ .value = seen[i],
                                          .address = (uintptr_t)&segments[i]->shared->announced,
                                          .flags = 2 };
    }
    places[count] = (struct futex_place){ .address = (uintptr_t)bell, .flags = 2 };
    /* The kernel compares each word with its value before it sleeps, so no wake is missed. */
    if (syscall(SYS_futex_waitv, places, count + 1, 0, &until, CLOCK_MONOTONIC) < 0 &&
        errno != EAGAIN && errno != ETIMEDOUT && errno != EINTR)
        nanosleep(&briefly, NULL); /* a kernel without it: look every millisecond */
    for (size_t i = 0; i < count; i++)
        atomic_store(&segments[i]->shared->keeper_sleeps, 0);
}

void announced_ring(_Atomic uint32_t *bell)
{
    atomic_store(bell, 1);
    futex_wake(bell);
}
