/* store/challenges.h: what an authenticator may sign, once and soon */
#ifndef STORE_CHALLENGES_H
#define STORE_CHALLENGES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum {
    STORE_CHALLENGE_HASH_SIZE = 32,
    STORE_CHALLENGE_SESSION_SIZE = 64,
};

struct store_challenge {
    uint8_t sha256[STORE_CHALLENGE_HASH_SIZE]; /* of the challenge */
    uint64_t account;
    char session[STORE_CHALLENGE_SESSION_SIZE];
    uint8_t operation[STORE_CHALLENGE_HASH_SIZE];
    uint64_t expires_at_ns;
};

must_use enum err store_challenge_insert(struct store_tx *tx,
                                         const struct store_challenge *challenge);

/* Removes it and tells what it was; *present: whether there was one. */
must_use enum err store_challenge_take(struct store_tx *tx,
                                       const uint8_t sha256[STORE_CHALLENGE_HASH_SIZE],
                                       struct store_challenge *challenge, bool *present);

/* Removes the account's expired ones, and the session's oldest above `most`. */
must_use enum err store_challenges_thin(struct store_tx *tx, uint64_t account, const char *session,
                                        uint64_t now_ns, uint64_t most);

#endif
