/* authority/elevation.h: scopes that no key has by default, asked for and granted one by one (D5)
 *
 * The owner asks with a reason and the second factor; an operator grants for
 * settings.elevation_days, after which the scope leaves the key by itself
 * (authority/key_grant.h), or sooner when an
 * operator takes it back.
 */
#ifndef AUTHORITY_ELEVATION_H
#define AUTHORITY_ELEVATION_H

#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/key_life.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "keys/scope.h"
#include "store/reviews.h"

struct elevation_ask {
    uint64_t account;
    const char *session; /* of the proof */
    const char *key;     /* KEY_RANDOM_SIZE characters */
    struct slice scopes[SCOPE_COUNT];
    size_t scope_count;
    struct slice reason; /* 1 to 511 bytes, for the operator */
    const uint8_t *operation; /* OPERATION_SIZE bytes: what the proof confirms */
    const struct proof *proof;
};

/* ERR_MISSING: the account has no such key.  Refused: scope-unknown, scope-not-elevated,
 * reason-missing, key-ended, elevation-waiting, and what proof_spend refuses. */
must_use enum err elevation_ask(struct authority *a, const char *who,
                                const struct elevation_ask *ask, uint64_t *review,
                                struct refusal *refusal);

/* An operator grants without having been asked, or grants just what was asked for; with two_person
 * the first one waits for a second.  *review: says what became of it.  `by`: the operator's
 * account, 0 at the command line. */
must_use enum err elevation_grant(struct authority *a, const char *who, uint64_t by,
                                  const char *key, const struct slice *scopes, size_t scope_count,
                                  struct slice reason, uint64_t *review, struct refusal *refusal);

/* Takes granted scopes back, all when scope_count is 0.  After it no gateway passes them. */
must_use enum err elevation_withdraw(struct authority *a, const char *who, const char *key,
                                     const struct slice *scopes, size_t scope_count,
                                     struct slice reason, struct refusal *refusal);

/* What follows from a decision, in its transaction. */
must_use enum err elevation_settle(struct authority *a, struct store_tx *tx, const char *who,
                                   const struct store_review *review, bool accepted,
                                   struct key_list *moved);

#endif
