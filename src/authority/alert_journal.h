/* authority/alert_journal.h: an alert at rest, before it is answered (E1) */
#ifndef AUTHORITY_ALERT_JOURNAL_H
#define AUTHORITY_ALERT_JOURNAL_H

#include "authority/authority.h"
#include "store/alerts.h"

/* Encrypts and stores; alert->id and received_at_ns are set.  The same body of an origin is stored
 * once: then `alert` is that one.  On OK it is on disk. */
must_use enum err alert_journal_write(struct authority *a, struct store_alert *alert,
                                      struct slice body);

/* The alert and its raw body, appended to an initialised buffer, which clears what it
 * lets go.
 * ERR_MISSING: no such alert, or its body was erased.  ERR_CRYPTO. */
must_use enum err alert_journal_read(struct authority *a, uint64_t id, struct store_alert *alert,
                                     struct buffer *body);

/* It has been handled, in the transaction of what was done: a body without a hit is erased. */
must_use enum err alert_journal_end(struct authority *a, struct store_tx *tx,
                                    struct store_alert *alert);

/* Erases bodies whose time is over. */
must_use enum err alert_journal_expire(struct authority *a);

#endif
