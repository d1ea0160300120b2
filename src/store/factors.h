/* store/factors.h: what all second factors of an account share, one row each */
#ifndef STORE_FACTORS_H
#define STORE_FACTORS_H

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum { FACTORS_HANDLE_MOST = 64 }; /* WebAuthn 2, 5.4.3: a user handle has 1 to 64 bytes */

struct store_factors {
    uint64_t account;
    uint8_t handle[FACTORS_HANDLE_MOST];
    size_t handle_size;        /* 0: not drawn yet */
    uint32_t guess_count;      /* wrong codes in a row, of whatever kind */
    uint64_t blocked_until_ns; /* no code is looked at before */
};

/* Zeroes for an account that has no row. */
must_use enum err store_factors_get(struct store_tx *tx, uint64_t account,
                                    struct store_factors *factors);

/* Inserts or replaces the row. */
must_use enum err store_factors_set(struct store_tx *tx, const struct store_factors *factors);

#endif
