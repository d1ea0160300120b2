/* store/totp.h: the authenticator app of an account, one row each */
#ifndef STORE_TOTP_H
#define STORE_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum { TOTP_SEALED_MOST = 96 };

struct store_totp {
    uint64_t account;
    uint64_t enrolled_at_ns; /* 0: pending */
    uint64_t last_step;      /* of the last accepted code; 0: none */
    uint8_t sealed[TOTP_SEALED_MOST];
    size_t sealed_size;
};

/* *present: false when the account never asked for one. */
must_use enum err store_totp_find(struct store_tx *tx, uint64_t account, struct store_totp *totp,
                                  bool *present);

/* Inserts or replaces the row. */
must_use enum err store_totp_set(struct store_tx *tx, const struct store_totp *totp);

must_use enum err store_totp_delete(struct store_tx *tx, uint64_t account);

#endif
