/* authority/flag.h: an account under suspicion or regulatory review (A3)
 *
 * It gets no new key until an operator resolves the flag; what becomes of its keys is the choice
 * made at flagging.  With settings.two_person both take a second operator: the first call opens a
 * review with its vote, and another operator accepts that review or makes the same call.
 */
#ifndef AUTHORITY_FLAG_H
#define AUTHORITY_FLAG_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/accounts.h"
#include "store/reviews.h"

struct flagging {
    struct slice kind;   /* "suspicious" or "regulatory" */
    struct slice keys;   /* "leave", "suspend" or "revoke" */
    struct slice reason; /* needed */
};
/* Flagging again replaces kind, reason and choice; what the first flag did to the keys stays done.
 * When it returns, no gateway passes a key that it suspended or revoked; a million keys take
 * minutes, while others go on (authority/flag_keys.h).  After an error the flag may be there and
 * some keys may have followed it: calling again goes on.  `who` names the operator,
 * "operator 1003", who cannot flag the own account. */
must_use enum err account_flag(struct authority *a, const char *who, uint64_t account,
                               const struct flagging *f, struct refusal *refusal);
/* Resolves the flag: what it suspended is active again unless another hold is left; what it revoked
 * stays revoked. */
must_use enum err account_unflag(struct authority *a, const char *who, uint64_t account,
                                 struct slice reason, struct refusal *refusal);

/* What follows from a decision, in its transaction, behind which flag_keys_follow() is called. */
must_use enum err flag_settle(struct authority *a, struct store_tx *tx, const char *who,
                              const struct store_review *review, bool accepted);

const char *flag_kind_text(enum flag_kind kind);
const char *flag_keys_text(enum flag_keys keys);

#endif
