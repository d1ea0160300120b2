#include "shm/slots.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shm/layout.h"

/* Slots that a worker goes through before it looks for the first again: about what is under way or
 * not yet collected at 50,000 requests a second, 128 KB. */
enum { CURSOR_REACH = 256 };

static _Atomic uint32_t *slab_states(const struct segment *segment, uint32_t slab)
{
    return segment->states + (size_t)slab * segment->header->slab_slots;
}

static struct audit_slot *slab_slots(const struct segment *segment, uint32_t slab)
{
    return segment->audit + (size_t)slab * segment->header->slab_slots;
}

/* Field 22 of /proc/PID/stat, in clock ticks since boot; 0 if there is no such process.  The name
 * in
 * field 2 may hold spaces and parentheses, so counting starts behind the last one. */
static uint32_t process_started(uint32_t pid)
{
    char path[32], text[1024];
    char *at;
    size_t size;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at == NULL ? 0 : (uint32_t)strtoull(at + 1, NULL, 10);
}

static uint64_t owner_self(void)
{
    uint32_t pid = (uint32_t)getpid();

    return (uint64_t)pid << 32 | process_started(pid);
}

bool slab_owner_is_dead(uint64_t owner)
{
    uint32_t pid = (uint32_t)(owner >> 32), started = (uint32_t)owner;
    uint32_t now;

    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
        return true;
    /* Alive, or its pid in other hands.  Where /proc tells nothing, believe the pid. */
    now = process_started(pid);
    return started != 0 && now != 0 && now != started;
}

enum err slab_claim(struct segment *segment, struct slab **slab)
{
    const struct segment_layout *header = segment->header;
    uint64_t self = owner_self();
    struct slab *made = NULL;
    uint64_t region = (uint64_t)header->slab_slots * sizeof(struct audit_slot);
    enum err e = ERR_FULL;

    *slab = NULL;
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return ERR_MEMORY;
    for (uint32_t i = 0; i < header->slab_count; i++) {
        uint64_t nobody = 0;

        /* Acquire: pairs with the release of the one who gave it up or recovered it. */
        if (!atomic_compare_exchange_strong_explicit(&segment->slabs[i].owner, &nobody, self,
                                                     memory_order_acquire, memory_order_relaxed))
            continue;
        *made = (struct slab){ .segment = segment,
                               .header = &segment->slabs[i],
                               .states = slab_states(segment, i),
                               .slots = slab_slots(segment, i),
                               .number = i,
                               .count = header->slab_slots };
        *slab = made;
        TRY(segment_reserve(segment, header->audit_at + i * region, region));
        break;
    }
out:
    if (*slab == NULL)
        free(made);
    else if (e != OK)
        slab_close(slab);
    return e;
}

/* A request is under way whose record only its worker, or recovery, completes. */
static bool state_is_open(uint32_t state)
{
    return state == SLOT_OPEN || state == SLOT_ANNOUNCED || state == SLOT_SHOWN ||
           state == SLOT_KEPT;
}

void slab_close(struct slab **slab)
{
    bool open = false;

    if (*slab == NULL)
        return;
    for (uint32_t i = 0; i < (*slab)->count; i++)
        open |= state_is_open(atomic_load_explicit(&(*slab)->states[i], memory_order_relaxed));
    /* With open slots it stays ours until we are dead and recovery completes them.  Release: the
     * next owner sees the states as we left them. */
    if (!open)
        atomic_store_explicit(&(*slab)->header->owner, 0, memory_order_release);
    free(*slab);
    *slab = NULL;
}

static void big_endian_put(uint8_t *to, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

void slab_request_id(struct slab *slab, uint8_t id[RECORD_REQUEST_ID_SIZE])
{
    /* Relaxed: one writer; it must only never fall back, and its next owner comes by way of
     * `owner`. */
    uint64_t drawn = atomic_load_explicit(&slab->header->ids_drawn, memory_order_relaxed) + 1;

    atomic_store_explicit(&slab->header->ids_drawn, drawn, memory_order_relaxed);
    big_endian_put(id, segment_instance(slab->segment), 8);
    id[8] = (uint8_t)slab->number;
    big_endian_put(id + 9, drawn, 7);
}

struct audit_record *slot_take(struct slab *slab)
{
    /* Relaxed: a request that slips through finds its slot kept until the log can be written. */
    if (atomic_load_explicit(&slab->segment->shared->log_stopped, memory_order_relaxed) != 0)
        return NULL;
    /* Back to the front as soon as it is free again: the few slots that are in use at one time stay
     * in the cache.  Relaxed: the loop looks again. */
    if (slab->cursor >= CURSOR_REACH &&
        atomic_load_explicit(&slab->states[0], memory_order_relaxed) == SLOT_FREE)
        slab->cursor = 0;
    for (uint32_t i = 0; i < slab->count; i++) {
        uint32_t at = slab->cursor;
        struct audit_record *record = &slab->slots[at].record;

        slab->cursor = at + 1 == slab->count ? 0 : at + 1;
        /* Acquire: the collector has read the old record before it freed the slot. */
        if (atomic_load_explicit(&slab->states[at], memory_order_acquire) != SLOT_FREE)
            continue;
        /* Not its path: nobody reads past path_size, and each line that is not written need not
         * come from the collector's cache. */
        memset(record, 0, offsetof(struct audit_record, path));
        record->kind = RECORD_REQUEST;
        slab_request_id(slab, record->request_id);
        /* Relaxed: see announced_intents_each. */
        atomic_store_explicit(&slab->slots[at].intent, 0, memory_order_relaxed);
        /* Release: recovery, which comes when we are dead, sees at least the request id. */
        atomic_store_explicit(&slab->states[at], SLOT_OPEN, memory_order_release);
        return record;
    }
    return NULL;
}

void slot_complete(struct slab *slab, struct audit_record *record)
{
    size_t at = (size_t)((struct audit_slot *)(void *)record - slab->slots);

    assert(at < slab->count);
    /* Release: the collector sees the whole record. */
    atomic_store_explicit(&slab->states[at], SLOT_DONE, memory_order_release);
}

/* Turns all slots of one state into another.  Collector only; relaxed where no record is handed
 * over: the release matters for FREE, which a worker acquires. */
static size_t states_turn(struct segment *segment, enum slot_state from, enum slot_state to)
{
    size_t all = slots_used(segment);
    size_t turned = 0;

    for (size_t i = 0; i < all; i++) {
        if (atomic_load_explicit(&segment->states[i], memory_order_relaxed) == (uint32_t)from) {
            atomic_store_explicit(&segment->states[i], (uint32_t)to, memory_order_release);
            turned++;
        }
    }
    return turned;
}

void slots_collect_begin(struct segment *segment)
{
    (void)states_turn(segment, SLOT_READ, SLOT_DONE);
}

/* Completes one slot of a dead worker.  The slab is ours, so nobody else moves OPEN and KEPT; a
 * record that the keeper may be reading is left to it, and if it was faster we look again.
 * Acquire: what the worker wrote before it opened or announced. */
static bool slot_recover(struct audit_slot *slot, _Atomic uint32_t *state)
{
    uint32_t seen = atomic_load_explicit(state, memory_order_acquire);

    while (seen == SLOT_ANNOUNCED || seen == SLOT_SHOWN) {
        slot->end = (struct slot_end){ .verdict = slot->record.verdict };
        if (atomic_compare_exchange_weak_explicit(state, &seen, SLOT_LEFT, memory_order_release,
                                                  memory_order_acquire))
            return true;
    }
    if (seen != SLOT_OPEN && seen != SLOT_KEPT)
        return false;
    slot->record.flags |= RECORD_OUTCOME_UNKNOWN;
    slot->record.status = 0;
    atomic_store_explicit(state, SLOT_DONE, memory_order_release);
    return true;
}

static size_t slab_recover(struct segment *segment, uint32_t slab)
{
    size_t recovered = 0;

    for (uint32_t i = 0; i < segment->header->slab_slots; i++)
        recovered += slot_recover(&slab_slots(segment, slab)[i], &slab_states(segment, slab)[i]);
    return recovered;
}

size_t slots_recover(struct segment *segment)
{
    uint64_t self = owner_self();
    size_t recovered = 0;

    for (uint32_t i = 0; i < segment->header->slab_count; i++) {
        /* Acquire on success: the dead owner's last stores.  Taking its place by compare-and-swap
         * keeps two collectors from recovering one slab; if we die here, we are the dead owner. */
        uint64_t owner = atomic_load_explicit(&segment->slabs[i].owner, memory_order_relaxed);

        if (owner == 0 || owner == self || !slab_owner_is_dead(owner))
            continue;
        if (!atomic_compare_exchange_strong_explicit(&segment->slabs[i].owner, &owner, self,
                                                     memory_order_acquire, memory_order_relaxed))
            continue;
        recovered += slab_recover(segment, i);
        /* Release: the next owner finds the states as they are now. */
        atomic_store_explicit(&segment->slabs[i].owner, 0, memory_order_release);
    }
    return recovered;
}

size_t slots_drain(struct segment *segment, size_t most, slots_visit *visit, void *context)
{
    size_t all = slots_used(segment);
    size_t shown = 0;

    for (size_t i = 0; i < all && shown < most; i++) {
        /* Acquire: pairs with slot_complete; the whole record is there. */
        if (atomic_load_explicit(&segment->states[i], memory_order_acquire) != SLOT_DONE)
            continue;
        if (!visit(context, &segment->audit[i].record))
            break;
        /* Relaxed: only collectors look at READ. */
        atomic_store_explicit(&segment->states[i], SLOT_READ, memory_order_relaxed);
        shown++;
    }
    return shown;
}

void slots_release(struct segment *segment)
{
    (void)states_turn(segment, SLOT_READ, SLOT_FREE);
}

void slots_return(struct segment *segment)
{
    (void)states_turn(segment, SLOT_READ, SLOT_DONE);
}

struct slots_count slots_count_get(const struct segment *segment)
{
    struct slots_count count = { .slabs_total = segment->header->slab_count };

    for (uint32_t i = 0; i < segment->header->slab_count; i++) {
        _Atomic uint32_t *states = slab_states(segment, i);

        if (atomic_load_explicit(&segment->slabs[i].owner, memory_order_relaxed) == 0)
            continue;
        count.slabs_claimed++;
        count.total += segment->header->slab_slots;
        for (uint32_t j = 0; j < segment->header->slab_slots; j++)
            count.free += atomic_load_explicit(&states[j], memory_order_relaxed) == SLOT_FREE;
    }
    return count;
}

void slots_stop(struct segment *segment, bool stopped)
{
    atomic_store_explicit(&segment->shared->log_stopped, stopped, memory_order_relaxed);
}
