/* authority/keeper.h: what has to be kept before a request goes on or an answer leaves
 *
 * One thread beside the collector, so that neither waits for the other's disk.  For all records
 * that the gateways announced (shm/announced.h) it does at once what each needs: with durability
 * `disk` an intent on disk, for a key used in the clear its end in the store (C5), which the owner
 * hears through the change log.  Then the requests go on.
 *
 * When intents cannot be written it tells the gateways, which refuse at once; it tries again every
 * 100 ms and goes on when the cause is gone.
 */
#ifndef AUTHORITY_KEEPER_H
#define AUTHORITY_KEEPER_H

#include <stdbool.h>

#include "authority/authority.h"
#include "authority/collector.h"
#include "base/err.h"

enum { KEEPER_PROBLEM_SIZE = 300 };

struct keeper;

/* Before the segments in folder `segments` are filled: requests that a lost segment or a power cut
 * left without a record get one of unknown outcome in a->trail, so that their nonces count.
 * `folder` holds the intents; it is made only when `durable`. */
must_use enum err keeper_open(struct authority *a, const char *folder, const char *segments,
                              bool durable, struct keeper **keeper);

/* Once a->publisher is there: from now on announced requests are kept, and with `durable` all that
 * pass are announced. */
must_use enum err keeper_start(struct keeper *keeper, struct collector *collector);

/* Before the collector stops.  The gateways refuse what they would have to announce.  Accepts NULL
 * and sets it. */
void keeper_close(struct keeper **keeper);

/* False: all is well.  Any thread; a NULL keeper is well. */
bool keeper_problem(struct keeper *keeper, char text[KEEPER_PROBLEM_SIZE]);

#endif
