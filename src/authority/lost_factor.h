/* authority/lost_factor.h: an operator removes a factor that its owner has lost (A2)
 *
 * For the owner who has lost the phone or the key, and the recovery codes with it, and has shown
 * the venue by other means who they are: Latchkey does not judge those, so the operator's reason
 * says what was seen.  It ends all sessions of the account, so that whoever holds one has to log in
 * anew; recovery codes go with the last factor.  From then on the password alone lets somebody in
 * who can set up the next factor, which the owner reads in the mail.  Keys go on: where that is too
 * much, flag the account first (authority/flag.h), which holds its keys.
 *
 * With settings.two_person it takes two operators (authority/proposal.h).  Nobody removes a factor
 * of the own account this way.
 */
#ifndef AUTHORITY_LOST_FACTOR_H
#define AUTHORITY_LOST_FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/reviews.h"

struct lost_factor {
    const char *who; /* "operator 1003" */
    uint64_t account;
    struct slice factor; /* "totp", or the id of a passkey */
    struct slice reason; /* needed */
};

/* ERR_MISSING: no such account.  Refused: reason-missing, review-own, factor-missing, and what
 * proposal_make refuses. */
must_use enum err lost_factor_remove(struct authority *a, const struct lost_factor *lost,
                                     struct refusal *refusal);

/* What follows from a decision, in its transaction.  A factor that is gone by then is no error. */
must_use enum err lost_factor_settle(struct authority *a, struct store_tx *tx, const char *who,
                                     const struct store_review *review, bool accepted);

#endif
