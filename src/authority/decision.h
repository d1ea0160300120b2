/* authority/decision.h: an operator decides what is open, and what follows
 *
 * Nobody decides about their own account.  With settings.two_person, granting elevated scopes,
 * flags and the removal of lost factors need two different operators: the first one's vote waits
 * ("seconding"), a rejection counts at once.  Whoever works as root at the command line counts as a
 * person of their own.
 */
#ifndef AUTHORITY_DECISION_H
#define AUTHORITY_DECISION_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/accounts.h"

struct decision {
    const char *who;      /* "operator 1003", "operator uid 0" */
    uint64_t by;          /* that account; 0: at the command line */
    struct slice outcome; /* "accepted" or "rejected" */
    struct slice reason;  /* needed for a rejection */
};

/* ERR_MISSING: no such review.  Refused: outcome-unknown, reason-missing, reason-long, review-over,
 * review-own, review-seconding, approval-signatories.  When it returns, the gateways know. */
must_use enum err review_decide(struct authority *a, uint64_t review,
                                const struct decision *decision, struct refusal *refusal);

/* Rejects what nobody has decided in its time. */
must_use enum err reviews_expire(struct authority *a);

#endif
