/* store/changes.h: the change log's outbox
 *
 * Each change of state is one row, written in the transaction that makes the change.  The collector
 * appends the row to the audit log under its id and then marks it delivered; a crash between the
 * two is recognised by the id.
 */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/slice.h"
#include "keys/environment.h"
#include "store/store.h"

struct store_change {
    uint64_t sequence;
    uint64_t at_ns;
    uint64_t account; /* 0: none */
    uint8_t id[RECORD_REQUEST_ID_SIZE];
    char key[RECORD_KEY_SIZE]; /* zeros: none */
    enum environment environment; /* of the key */
    struct slice body;            /* JSON, at most RECORD_TEXT_MOST bytes */
};

/* Gives the change its sequence number. */
must_use enum err store_change_insert(struct store_tx *tx, struct store_change *change);

/* Calls `each` for at most `most` changes that are not delivered and stand after `after`, in order,
 * until it returns false; the body is borrowed until the call returns. */
must_use enum err store_changes_waiting_each(struct store_tx *tx, uint64_t after, size_t most,
                                             bool (*each)(void *context,
                                                          const struct store_change *change),
                                             void *context);

/* Marks all changes up to and including `sequence` as delivered. */
must_use enum err store_changes_delivered(struct store_tx *tx, uint64_t sequence);

#endif
