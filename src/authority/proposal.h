/* authority/proposal.h: what takes two operators when settings.two_person is on (A2, A3)
 *
 * The first call opens a review and votes for it; another operator who asks for the same, or who
 * accepts the review, makes it happen (authority/decision.h).
 */
#ifndef AUTHORITY_PROPOSAL_H
#define AUTHORITY_PROPOSAL_H

#include <jansson.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/reviews.h"

struct proposal {
    const char *who; /* "operator 1003" */
    uint64_t account;
    enum review_kind kind;
    struct slice reason;
    json_t *detail; /* what is proposed, its reason too; taken over */
};

/* Opens the review, or finds the one that differs by its reason at most, and votes for it.  It
 * begins and ends transactions of its own.  Refused: proposal-waiting, while another one of this
 * kind about the account is open, and what review_decide refuses. */
must_use enum err proposal_make(struct authority *a, const struct proposal *p,
                                struct refusal *refusal);

/* The review in which a second operator's word about the account is waited for; 0: none. */
must_use enum err proposal_waiting_get(struct authority *a, enum review_kind kind,
                                       uint64_t account, uint64_t *review);

/* "operator 1003" about account 1003.  Refused: review-own. */
void proposal_own_judge(const char *who, uint64_t account, struct refusal *refusal);

#endif
