/* venue/cids.h: which client ids accounts have used, on which day
 *
 * A client id names one order of its account and day (UTC), also when that order is long done: a
 * client that sends an order again because it missed the answer must not get a second one.  A fold
 * of the engine's events.  The latest CIDS_KEPT at least are remembered, of all accounts together.
 *
 * Source: reference of the venue's REST API, 6.
 */
#ifndef VENUE_CIDS_H
#define VENUE_CIDS_H

#include <stdbool.h>
#include <stddef.h>

#include "exchange/event.h"
#include "venue/arena.h"

#define CIDS_KEPT (UINT32_C(1) << 19)

struct cid_use {
    uint64_t account, cid, day; /* cid 0: nothing is here */
};

/* Open addressing, at most half full. */
struct cid_table {
    struct cid_use *slots;
    size_t capacity, count;
};

/* Once the young table has CIDS_KEPT, it takes the place of the old one. */
struct cids {
    struct arena *arena;
    struct cid_table young, old;
};

void cids_init(struct cids *cids, struct arena *arena);

/* Takes the id of a new order, if its client gave one.  */
void cids_take(struct cids *cids, const struct event *event);

/* `day` since 1970.  A `cid` of 0 was never used. */
bool cids_has(const struct cids *cids, uint64_t account, uint64_t cid, uint64_t day);

#endif
