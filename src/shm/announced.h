/* shm/announced.h: requests that wait until their record is kept
 *
 * Some requests may go on only when more than shared memory knows of them: with durability `disk`
 * all that pass, and always one that costs a key (C5).  Their worker announces the filled record
 * and looks now and then whether it is kept; the keeper, a thread of the authority beside the
 * collector, does what is needed for all announced records at once.
 *
 *     OPEN --worker--> ANNOUNCED --keeper--> SHOWN --keeper--> KEPT --worker--> DONE
 *                          |          <------'   |
 *                          '-------worker------> LEFT --keeper--> DONE
 *
 * A record that is announced or shown belongs to the keeper, who may be reading it.  So a worker
 * whose client has gone or whose patience is over writes the end of the request beside it and
 * leaves it; so does recovery for a dead worker.  Nobody ever waits for anybody: either side may
 * die or stop at any point.
 */
#ifndef SHM_ANNOUNCED_H
#define SHM_ANNOUNCED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit_record;
struct segment;
struct slab;

/* What completes a record. */
struct slot_end {
    uint32_t latency_us, bytes_sent;
    uint16_t status; /* 0: unknown, the worker has died */
    uint16_t verdict;
};

/* ---- the worker's side: one thread ---- */

/* False while announced records cannot be kept: refuse without announcing. */
bool announced_may(const struct segment *segment);

/* Hands a filled record to the keeper and wakes it.  From here on it may only be read, until
 * slot_is_kept says so. */
void slot_announce(struct slab *slab, struct audit_record *record);

/* True: the request may go on, and the record is the worker's again, to be filled and completed. */
bool slot_is_kept(const struct slab *slab, const struct audit_record *record);

/* Completes an announced record in whatever state it is; it may not be touched afterwards. */
void slot_leave(struct slab *slab, struct audit_record *record, const struct slot_end *end);

/* ---- the keeper's side: one process, one thread ---- */

/* Once, when a keeper starts: what its predecessor looked at is announced again. */
void announced_begin(struct segment *segment);

/* Shows announced records, at most `most`; *intent is 0 and may be set to where the record's intent
 * will stand.  They stay shown until announced_settle.  Returns how many. */
typedef void announced_visit(void *context, const struct audit_record *record, uint64_t *intent);
size_t announced_show(struct segment *segment, size_t most, announced_visit *visit, void *context);

/* Asks of each shown record whether it is kept; if not, it is announced again. */
typedef bool announced_keeps(void *context, const struct audit_record *record);
void announced_settle(struct segment *segment, announced_keeps *keeps, void *context);

/* Hands what was left to the collector; returns how many records. */
size_t announced_leave(struct segment *segment);

/* Visits each slot that is not free and has an intent, which may be moved to another place.  A slot
 * that becomes free meanwhile may still be visited; `id` is whole only while no collector runs. */
typedef void announced_intent_visit(void *context, const uint8_t *id, uint64_t *intent);
void announced_intents_each(struct segment *segment, announced_intent_visit *visit,
                            void *context);

/* Tells the workers whether announced records can be kept now. */
void announced_stop(struct segment *segment, bool stopped);

/* How many were announced so far, modulo 2^32; to be asked before announced_show. */
uint32_t announced_count(const struct segment *segment);

/* Sleeps until more than seen[i] were announced in segments[i], or *bell is no longer 0 and was
 * rung, or `most_ms` are over; or for no reason.  At most ANNOUNCED_SEGMENTS_MOST segments. */
enum { ANNOUNCED_SEGMENTS_MOST = 4 };
void announced_wait(struct segment *const *segments, const uint32_t *seen, size_t count,
                    _Atomic uint32_t *bell, uint32_t most_ms);
void announced_ring(_Atomic uint32_t *bell);

#endif
