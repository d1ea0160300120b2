/* store/reviews.h: what a person has to decide, and who said what */
#ifndef STORE_REVIEWS_H
#define STORE_REVIEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/slice.h"
#include "store/store.h"

enum {
    REVIEW_DETAIL_SIZE = 4096,
    REVIEW_REASON_SIZE = 512,
    REVIEW_VOTER_SIZE = 48,
    REVIEW_VOTES_MOST = 32,
};

/* In the store: numbers are never reused. */
enum review_kind {
    REVIEW_DOCUMENT = 1,  /* papers of a verification step (A1, A4) */
    REVIEW_LOCATION = 2,  /* a key was asked for from another country (A5) */
    REVIEW_ELEVATION = 3, /* an owner asks for elevated scopes (D5) */
    REVIEW_FLAG = 4,      /* one operator raised or resolved a flag, a second one is needed (A3) */
    REVIEW_APPROVAL = 5,  /* a corporation's key waits for its signatories (A4) */
    REVIEW_FACTOR = 6,    /* one operator removes a lost factor, a second one is needed (A2) */
};

enum review_state {
    REVIEW_OPEN = 1,
    REVIEW_SECONDING = 2, /* one operator has accepted; another one has to */
    REVIEW_ACCEPTED = 3,
    REVIEW_REJECTED = 4,
    REVIEW_WITHDRAWN = 5, /* nothing is left to decide */
};

struct store_review {
    uint64_t id;
    enum review_kind kind;
    enum review_state state;
    uint64_t account;
    char key[RECORD_KEY_SIZE]; /* zeros: about no key */
    uint16_t step;             /* 0: about no step */
    uint64_t opened_at_ns;
    uint64_t ends_at_ns;       /* rejected by itself then; 0: waits for ever */
    uint64_t decided_at_ns;    /* 0: not yet */
    char detail[REVIEW_DETAIL_SIZE]; /* JSON */
    char reason[REVIEW_REASON_SIZE]; /* of the decision */
};

/* Gives the review its id. */
must_use enum err store_review_insert(struct store_tx *tx, struct store_review *review);

/* ERR_MISSING: no such review. */
must_use enum err store_review_get(struct store_tx *tx, uint64_t id, struct store_review *review);

/* The one that is not decided yet.  `key`: RECORD_KEY_SIZE characters, or NULL. */
must_use enum err store_review_find_open(struct store_tx *tx, enum review_kind kind,
                                         uint64_t account, const char *key, uint16_t step,
                                         struct store_review *review, bool *present);

/* One that is not decided although its end has come. */
must_use enum err store_review_find_due(struct store_tx *tx, uint64_t now_ns,
                                        struct store_review *review, bool *present);

must_use enum err store_review_state_set(struct store_tx *tx, uint64_t id,
                                         enum review_state state, struct slice reason,
                                         uint64_t decided_at_ns);

/* Withdraws what is open about a key that has ended. */
must_use enum err store_reviews_withdraw(struct store_tx *tx, const char *key, uint64_t at_ns);

struct store_review_filter {
    bool open;             /* or the decided ones, of all states; with `all` both */
    bool all;
    enum review_kind kind; /* 0: every kind */
    uint64_t account;      /* 0: every account */
    uint64_t before;       /* ids below; 0: from the newest */
};

/* Up to `capacity`, the newest first. */
must_use enum err store_reviews_list(struct store_tx *tx, const struct store_review_filter *filter,
                                     struct store_review *reviews, size_t capacity,
                                     size_t *count);

struct store_vote {
    uint64_t review;
    char voter[REVIEW_VOTER_SIZE]; /* "operator 1003" */
    bool accepts;
    char reason[REVIEW_REASON_SIZE];
    uint64_t at_ns;
};

/* ERR_EXISTS: the voter has voted. */
must_use enum err store_vote_insert(struct store_tx *tx, const struct store_vote *vote);

/* The first ones first. */
must_use enum err store_votes_get(struct store_tx *tx, uint64_t review,
                                  struct store_vote votes[REVIEW_VOTES_MOST], size_t *count);

#endif
