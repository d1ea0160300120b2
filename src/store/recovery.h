/* store/recovery.h: recovery codes that were not used yet, as SHA-256 of them */
#ifndef STORE_RECOVERY_H
#define STORE_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum { RECOVERY_HASH_SIZE = 32 };

must_use enum err store_recovery_insert(struct store_tx *tx, uint64_t account,
                                        const uint8_t sha256[RECOVERY_HASH_SIZE]);

/* Removes the code; *was: whether the account had it. */
must_use enum err store_recovery_take(struct store_tx *tx, uint64_t account,
                                      const uint8_t sha256[RECOVERY_HASH_SIZE], bool *was);

/* Removes all codes of the account. */
must_use enum err store_recovery_clear(struct store_tx *tx, uint64_t account);

must_use enum err store_recovery_count(struct store_tx *tx, uint64_t account, uint64_t *count);

#endif
