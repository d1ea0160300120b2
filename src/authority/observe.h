/* authority/observe.h: what the traffic teaches the authority
 *
 * The gateways act by themselves at once; here what they did becomes durable and, where one key's
 * deed counts for another key, known to all: the first accepted sandbox order of an account makes
 * its live keys ready (D2), the wallets call stays with the key (D1), plaintext use (C5) and 90
 * idle days (C4) end it in the store too.
 */
#ifndef AUTHORITY_OBSERVE_H
#define AUTHORITY_OBSERVE_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/record.h"
#include "authority/authority.h"
#include "authority/publish.h"

/* Whether there may be something to learn: asks the segment only, for each record of the
 * traffic. */
bool observe_wants(struct authority *a, const struct audit_record *record);

/* What was learnt and is not yet known to every key that it concerns.  An account may have a
 * million keys, and whoever collects records must not wait for them: durable facts come first, and
 * the rest is done in slices.  What a process leaves undone its successor does when it publishes.
 */
struct observer {
    struct authority *authority;
    struct spread *spreads; /* accounts whose keys have to be published, the oldest first */
    size_t spread_count, spread_capacity;
    struct publish_place sweep;
    bool sweeps;
};

enum { OBSERVE_KEYS = 64, OBSERVE_SLOTS = 8192 }; /* published, and looked at, in one slice */

void observer_init(struct observer *o, struct authority *a);
void observer_wipe(struct observer *o);

/* Learns it: a transaction, and the first slice of what has to be published.  `o` may be NULL for
 * what one key alone is concerned with. */
must_use enum err observe_learn(struct authority *a, struct observer *o,
                                const struct audit_record *record);

/* Begins to look through the published keys for ended ones that the store takes for usable. */
void observe_sweep_begin(struct observer *o);

/* The next slice of what is left.  *more: there is another.  After an error the slice is due again.
 */
must_use enum err observe_go_on(struct observer *o, bool *more);

/* All of a sweep at once: at the start. */
void observe_sweep(struct authority *a);

#endif
