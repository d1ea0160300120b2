/* authority/challenge.h: what a passkey may sign: one operation, of one session, once, soon
 *
 * A challenge is 32 random bytes.  The store holds its SHA-256 with the account, the session that
 * asked and the hash of the operation (authority/proof.h), so a signature that was made for one key
 * with some scopes confirms no other, and whoever reads the store cannot answer a challenge.
 */
#ifndef AUTHORITY_CHALLENGE_H
#define AUTHORITY_CHALLENGE_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "store/store.h"

enum {
    CHALLENGE_SIZE = 32,
    CHALLENGE_OPERATION_SIZE = 32, /* SHA-256 */
    CHALLENGE_LIVES_S = 300,
    CHALLENGES_MOST = 8, /* open ones of a session; the oldest makes room */
};

must_use enum err challenge_make(struct authority *a, struct store_tx *tx, uint64_t account,
                                 const char *session,
                                 const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                                 uint8_t challenge[CHALLENGE_SIZE]);

/* Whatever the answer, the challenge is gone once the caller commits. */
must_use enum err challenge_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                                  const char *session,
                                  const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                                  const uint8_t challenge[CHALLENGE_SIZE], struct refusal *refusal);

#endif
