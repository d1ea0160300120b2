/* authority/key_make.h: a row becomes a key, be it asked for anew or to replace another */
#ifndef AUTHORITY_KEY_MAKE_H
#define AUTHORITY_KEY_MAKE_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "keys/key_text.h"
#include "store/keys.h"

/* The only moment at which the secret exists outside the seal (B6): tell it, then wipe. */
struct key_grant {
    struct key_id id;
    struct secret secret;
};

/* What an account lacks before it may hold a new key (A1, A2, A3, A4). */
must_use enum err key_account_judge(struct store_tx *tx, uint64_t account,
                                    struct refusal *refusal);

/* Draws id and secret, seals it, and writes row and change log in the caller's transaction.  `row`
 * says all but id, secret, state and the moment of its making. */
must_use enum err key_make(struct authority *a, struct store_tx *tx, const char *who,
                           struct store_key *row, struct key_grant *grant);

#endif
