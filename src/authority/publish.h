/* authority/publish.h: what the gateways enforce is what the store says
 *
 * One segment per environment.  Publishing always reads the key back from the store under one lock,
 * so that of two changes the last to publish shows both, whatever the order of their commits.  The
 * live part of a segment (nonces, meters, last use) belongs to the gateways and only ever rises.
 *
 * Lock order: publishing takes its own lock, then a transaction of the store; so no function here
 * but publish_live_get, publish_fixed_get and publish_has_room is called inside a transaction.
 */
#ifndef AUTHORITY_PUBLISH_H
#define AUTHORITY_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "gate/gate.h"
#include "shm/segment.h"

enum { PUBLISH_PROBLEM_SIZE = 512 };

struct publisher;

/* Creates or takes over folder/live.seg and folder/sandbox.seg and fills them from the store and
 * from what the audit log knows (a->trail, may be NULL): highest nonce and last use of each key,
 * wallets called (D1), first sandbox order of each account (D2). Both latter ones become durable
 * in the store. `problem` tells a person what is wrong. */
must_use enum err publisher_open(struct authority *a, const char *folder, uint32_t key_capacity,
                                 struct publisher **publisher,
                                 char problem[PUBLISH_PROBLEM_SIZE]);

/* The files stay.  Accepts NULL in *publisher and sets it. */
void publisher_close(struct publisher **publisher);

/* For the functions below, a NULL publisher is one without segments: it does nothing, has room, and
 * knows nothing. */

/* When it returns OK, each gateway decides the key's next request by what the store says now. */
must_use enum err publish_key(struct publisher *p, const char *id);

/* Whether `count` more keys fit. */
bool publish_has_room(const struct publisher *p, enum environment environment, size_t count);

/* Zeros when the key is not published. */
void publish_live_get(const struct publisher *p, enum environment environment, const char *id,
                      struct gate_live *live);

/* False when the key is not published. */
bool publish_fixed_get(const struct publisher *p, enum environment environment, const char *id,
                       struct gate_key *fixed);

/* How far a walk over all published keys has come; zeros before its first step. */
struct publish_place {
    enum environment environment;
    uint32_t slot;
};

/* Calls `each` for keys that the gateways, or 90 days, have ended while they are still published as
 * usable: the store does not know it yet.  Looks at no more than `most` keys from *place on, and
 * says whether there are others behind. */
bool publish_ended_each(struct publisher *p, uint64_t now_ns, struct publish_place *place,
                        uint32_t most,
                        void (*each)(void *context, const char *id, enum key_state state,
                                     enum key_reason reason),
                        void *context);

/* Once a second, for the collector's thread: where the file of a segment was deleted, replaced, cut
 * or changed in its header, another one takes its place, with what store, audit log and the old
 * mapping know.  Gateways refuse until then.  What fails is said in the journal and tried again. */
void publish_mend(struct publisher *p);

/* For the collector's thread: the segments in use, and those that were replaced while requests were
 * recorded in them; how many. */
enum { PUBLISH_MAPPINGS_MOST = ENVIRONMENT_COUNT + 6 };
size_t publish_mappings(const struct publisher *p, struct segment *mappings[PUBLISH_MAPPINGS_MOST]);

/* The same for another thread: none is replaced or unmapped until it releases them.  Not while it
 * holds a transaction or publishes. */
size_t publish_mappings_hold(struct publisher *p,
                             struct segment *mappings[PUBLISH_MAPPINGS_MOST]);
void publish_mappings_release(struct publisher *p);

/* NULL for a NULL publisher.  Good for a minute: publish_mend may replace it. */
struct segment *publish_segment(const struct publisher *p, enum environment environment);
const char *publish_path(const struct publisher *p, enum environment environment);

#endif
