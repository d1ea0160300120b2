/* authority/expiry.h: what ends because its time has come
 *
 * Reviews that nobody decided (authority/decision.h), bodies of alerts (authority/alert_journal.h),
 * objects with leaked keys (authority/leak_object.h).  One thread looks at the start and then once
 * a minute.
 */
#ifndef AUTHORITY_EXPIRY_H
#define AUTHORITY_EXPIRY_H

#include "authority/authority.h"
#include "base/err.h"

struct expiry;

must_use enum err expiry_start(struct authority *a, struct expiry **expiry);

/* A round that was begun is finished first.  Accepts NULL in *expiry and sets it. */
void expiry_stop(struct expiry **expiry);

#endif
