/* store/warnings.h: keys whose end is announced, and what their owners were told of it */
#ifndef STORE_WARNINGS_H
#define STORE_WARNINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "keys/key_state.h"
#include "store/store.h"

/* A usable key that will end, and the last warning; zeros: none was given. */
struct store_ending {
    char key[RECORD_KEY_SIZE];
    uint64_t account;
    uint64_t ends_at_ns;
    enum key_reason reason;
    uint64_t warned_ends_at_ns; /* the end that was warned of */
    uint32_t warned_days;       /* how many days before */
};

/* Calls `each` for up to `most` usable keys with an announced end up to `until_ns`, in the order of
 * (end, id) behind `after` (zeros: from the first), until it returns false. */
must_use enum err store_endings_each(struct store_tx *tx, const struct store_ending *after,
                                     uint64_t until_ns, size_t most,
                                     bool (*each)(void *context,
                                                  const struct store_ending *ending),
                                     void *context);

/* Fills the last warning of ending->key. */
must_use enum err store_warning_get(struct store_tx *tx, struct store_ending *ending);

/* Keeps the warning of ending->key: of which end, how many days before. */
must_use enum err store_warning_set(struct store_tx *tx, const struct store_ending *ending);

#endif
