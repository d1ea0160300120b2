/* store/throttles.h: how often something failed lately, under a name that tells nothing */
#ifndef STORE_THROTTLES_H
#define STORE_THROTTLES_H

#include <stdint.h>

#include "store/keys.h"
#include "store/store.h"

struct store_throttle {
    uint8_t subject[STORE_SHA256_SIZE];
    uint32_t failure_count;
    uint64_t last_at_ns;
    uint64_t blocked_until_ns;
};

/* `throttle->subject` says which; zeros where nothing has failed. */
must_use enum err store_throttle_get(struct store_tx *tx, struct store_throttle *throttle);
must_use enum err store_throttle_set(struct store_tx *tx, const struct store_throttle *throttle);

/* Forgets what has not failed since. */
must_use enum err store_throttles_expire(struct store_tx *tx, uint64_t before_ns);

#endif
