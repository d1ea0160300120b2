/* authority/collector.h: from the gateways' slots and the outbox into the audit log
 *
 * One thread of its own drains completed slots of both segments, appends them in batches (on disk
 * when trail_append returns) and only then releases the slots; it also appends waiting changes and
 * marks them delivered. It sleeps 2 ms under traffic and up to 20 ms without, so a record is on
 * disk well within 50 ms. What a predecessor had appended but not released or marked is recognised
 * by the request id.
 *
 * What a request teaches about many keys (observe.h) is told to them in slices between two turns,
 * so that an account with a million keys does not keep slots from being drained.
 *
 * When the log cannot be written, slots stay full and the gateways refuse by themselves; it tries
 * again every 100 ms and goes on when the cause is gone.
 */
#ifndef AUTHORITY_COLLECTOR_H
#define AUTHORITY_COLLECTOR_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/metrics.h"
#include "base/err.h"

struct collector;

/* Before it returns, everything that a predecessor left behind is in the log, unless the log cannot
 * be written now. */
must_use enum err collector_start(struct authority *a, struct collector **collector);

/* Collects what is there, signs a checkpoint, ends the thread.  Accepts NULL and sets it. */
void collector_stop(struct collector **collector);

struct collector_state {
    uint64_t lag_ms;          /* age of the oldest record of the last batch when it was on disk */
    uint64_t failing_since_ns; /* wall clock; 0: records are being kept */
};
/* Records that this process has brought to the log. */
void collector_metrics_get(struct collector *collector, struct metrics *metrics);

void collector_state_get(struct collector *collector, struct collector_state *state);

/* An index of the log such that no slot still holds a request whose record stands below it.  Any
 * thread. */
uint64_t collector_settled(struct collector *collector);

#endif
