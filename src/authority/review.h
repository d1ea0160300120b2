/* authority/review.h: what a person has to decide, with the evidence
 *
 * A review is opened by the rule that could not decide by itself, in its transaction; it is decided
 * by an operator (authority/decision.h) or by the signatories of the account
 * (authority/approval.h), and withdrawn when nothing is left to decide.  Of two about the same
 * thing only the first is open.
 */
#ifndef AUTHORITY_REVIEW_H
#define AUTHORITY_REVIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/accounts.h"
#include "store/documents.h"
#include "store/reviews.h"

struct review_opening {
    const char *who; /* whose deed needs it, for the change log */
    enum review_kind kind;
    uint64_t account;
    const char *key;   /* KEY_RANDOM_SIZE characters, or NULL */
    uint16_t step;     /* authority/steps.def; 0: about no step */
    uint64_t lives_ns; /* rejected by itself after that; 0: waits for ever */
    json_t *detail;    /* the evidence, an object; taken over, also on failure; may be NULL */
};

/* *id: of the review that is open now; one about the same that was open before stays as it is.
 * ERR_FULL: the detail is longer than 4 kB. */
must_use enum err review_open(struct authority *a, struct store_tx *tx,
                              const struct review_opening *opening, uint64_t *id);

/* Ends one that is open: state, change log, word to the owner.  What follows from it is the
 * caller's. */
must_use enum err review_close(struct authority *a, struct store_tx *tx, const char *who,
                               const struct store_review *review, enum review_state state,
                               struct slice reason);

/* Closes the one about the same, if there is one. */
must_use enum err review_withdraw(struct authority *a, struct store_tx *tx, const char *who,
                                  enum review_kind kind, uint64_t account, const char *key,
                                  uint16_t step);

/* Writes down what somebody says about it.  ERR_EXISTS: has spoken before. */
must_use enum err review_vote(struct authority *a, struct store_tx *tx, const char *voter,
                              uint64_t review, bool accepts, struct slice reason);

/* All there is to tell about a review. */
enum { REVIEW_DOCUMENTS_MOST = 16 };
struct review_view {
    struct store_review review;
    struct store_account account;
    struct store_vote votes[REVIEW_VOTES_MOST];
    size_t vote_count;
    struct store_document documents[REVIEW_DOCUMENTS_MOST];
    size_t document_count;
};

/* ERR_MISSING: no such review. */
must_use enum err review_view_get(struct authority *a, uint64_t id, struct review_view *view);

/* Up to `capacity`, the newest first. */
must_use enum err review_list(struct authority *a, const struct store_review_filter *filter,
                              struct review_view *views, size_t capacity, size_t *count);

const char *review_kind_text(enum review_kind kind);    /* "document" */
const char *review_state_text(enum review_state state); /* "open" */
bool review_kind_parse(struct slice text, enum review_kind *kind);

#endif
