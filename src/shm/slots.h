/* shm/slots.h: audit records on their way from the workers to the collector
 *
 * Each worker owns a slab of slots.  It takes a slot before a request acts, so a request that
 * cannot be recorded is refused, and completes it when the answer is sent.  The collector reads
 * completed
 * records, makes them durable and only then releases their slots.  Each slot has one state word and
 * each transition one author, so that either side may die at any point:
 *
 *     FREE --worker--> OPEN --worker--> DONE --collector--> READ --collector--> FREE
 *
 * A request that may act only once its record is kept makes a detour: shm/announced.h.
 *
 * A worker that dies leaves OPEN slots; recovery completes them as "outcome unknown".  A collector
 * that dies between making durable and releasing leaves READ slots; its successor sees the same
 * records again and knows them by their request id, which is unique for ever.
 */
#ifndef SHM_SLOTS_H
#define SHM_SLOTS_H

#include "audit/record.h"
#include "shm/segment.h"

/* ---- the worker's side: one thread ---- */

struct slab; /* this process's hold on a slab */

/* Claims a slab nobody owns, or whose owner is dead and recovered.  Not for inheriting over fork:
 * each process claims its own.  ERR_FULL: none is free (try again after slots_recover has run), or
 * tmpfs has no room.  ERR_MEMORY. */
must_use enum err slab_claim(struct segment *segment, struct slab **slab);

/* Gives it up; open slots are left for recovery.  Accepts NULL in `*slab`, sets it to NULL. */
void slab_close(struct slab **slab);

/* A slot with a fresh request_id and everything else zero, but for the path, which is as long as
 * path_size says; NULL if none is free: answer 503.  The caller fills what is known before the
 * request goes on: whatever stands there survives its death. */
struct audit_record *slot_take(struct slab *slab);

/* Hands the filled record to the collector; it may not be touched afterwards.  For an announced one
 * see slot_leave. */
void slot_complete(struct slab *slab, struct audit_record *record);

/* A request id without a slot, for a reply that cannot be recorded. */
void slab_request_id(struct slab *slab, uint8_t id[RECORD_REQUEST_ID_SIZE]);

/* ---- the collector's side: one process, one thread ---- */

/* Once, when a collector starts: records that a predecessor read but never released come again. */
void slots_collect_begin(struct segment *segment);

/* Completes the open slots of dead owners (RECORD_OUTCOME_UNKNOWN), announced ones by way of the
 * keeper, and makes their slabs claimable; returns how many records.  System calls; once a second
 * is enough. */
size_t slots_recover(struct segment *segment);

/* Shows completed records, at most `most`, roughly oldest first.  They stay in their slots, not
 * shown again, until slots_release.  A visit that returns false stops, its record counted as not
 * shown.
 * Returns how many were shown. */
typedef bool slots_visit(void *context, const struct audit_record *record);
size_t slots_drain(struct segment *segment, size_t most, slots_visit *visit, void *context);

/* Frees the slots of all shown records: they are durable now. */
void slots_release(struct segment *segment);

/* Shows them again instead: making them durable failed. */
void slots_return(struct segment *segment);

/* Tells the workers whether records can be kept at all: while they cannot, slot_take gives none and
 * requests are refused, however many slots are free. */
void slots_stop(struct segment *segment, bool stopped);

/* ---- anybody ---- */

/* Of the owner's word in a slab header (docs/formats/segment.md), not 0. */
bool slab_owner_is_dead(uint64_t owner);

struct slots_count {
    uint32_t total, free; /* over the claimed slabs */
    uint32_t slabs_claimed, slabs_total;
};
struct slots_count slots_count_get(const struct segment *segment);

#endif
