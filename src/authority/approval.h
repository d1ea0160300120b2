/* authority/approval.h: the signatories of a corporate account approve its keys (A4)
 *
 * Each listed signatory gets a mail with a link of their own.  `needed` approvals lift the hold of
 * the key; so many rejections that `needed` cannot be reached any more revoke it, and so do
 * fourteen days without a decision.  Where nobody is listed, an operator decides in their place.
 */
#ifndef AUTHORITY_APPROVAL_H
#define AUTHORITY_APPROVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/key_life.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/accounts.h"
#include "store/keys.h"
#include "store/reviews.h"
#include "store/signatories.h"

#define APPROVAL_LIVES_NS (14 * DAY_NS)

/* In the caller's transaction: hold, review, mails.  `address` may be NULL. */
must_use enum err approval_ask(struct authority *a, struct store_tx *tx, const char *who,
                               const struct store_key *key, const char *address);

/* What the page behind a link shows. */
struct approval_view {
    struct store_account account;
    struct store_key key; /* without what is sealed */
    struct store_signatory signatory;
    unsigned needed, listed, accepted, rejected;
};
/* Refused: what link_view refuses, and approval-over when there is nothing left to decide. */
must_use enum err approval_view_get(struct authority *a, struct slice token,
                                    struct approval_view *view, struct refusal *refusal);

/* Spends the link.  When it returns, no gateway passes a key that was revoked by it. */
must_use enum err approval_decide(struct authority *a, struct slice token, bool accepts,
                                  struct refusal *refusal);

#endif
