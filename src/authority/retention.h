/* authority/retention.h: for how long audit records are kept
 *
 * Retiring is itself a change: who did it and which records went stands in the log before the first
 * of them is removed.  What the trail does with them is said in trail/trail.h.
 */
#ifndef AUTHORITY_RETENTION_H
#define AUTHORITY_RETENTION_H

#include "authority/authority.h"
#include "base/err.h"
#include "trail/trail.h"

/* Retires whole log files whose records were all received before the moment; *done says which
 * records, none when from == end.  Needs a running collector.
 * ERR_IO, ERR_STORE, ERR_CORRUPT: nothing was removed; the journal says why. */
must_use enum err retention_apply(struct authority *a, const char *who, uint64_t before_us,
                                  struct trail_retirement *done);

struct retention;

/* Has it done now and every hour, for records older than so many days (at least 1). */
must_use enum err retention_start(struct authority *a, uint64_t keep_days,
                                  struct retention **retention);

/* Accepts NULL in *retention and sets it. */
void retention_stop(struct retention **retention);

#endif
