/* store/holds.h: why a usable key is suspended; one row for each reason */
#ifndef STORE_HOLDS_H
#define STORE_HOLDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/key_state.h"
#include "store/store.h"

struct store_hold {
    enum key_reason reason;
    uint64_t since_ns;
};

/* `key`: RECORD_KEY_SIZE characters.  *changed: false when the key had this hold already. */
must_use enum err store_hold_add(struct store_tx *tx, const char *key, enum key_reason reason,
                                 uint64_t since_ns, bool *changed);

/* *changed: false when there was none. */
must_use enum err store_hold_remove(struct store_tx *tx, const char *key, enum key_reason reason,
                                    bool *changed);

/* All of them: of a key that has ended. */
must_use enum err store_holds_clear(struct store_tx *tx, const char *key);

/* The oldest first; there are fewer than KEY_REASON_COUNT. */
must_use enum err store_holds_get(struct store_tx *tx, const char *key,
                                  struct store_hold holds[KEY_REASON_COUNT], size_t *count);

#endif
