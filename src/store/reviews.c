#include "store/reviews.h"

#include "store/transaction.h"

#define REVIEW_COLUMNS                                                              \
    "id, kind, state, account, api_key, step, opened_at_ns, ends_at_ns, decided_at_ns, " \
    "detail, reason"

static struct slice key_slice(const char *key)
{
    return (struct slice){ key, key == NULL || key[0] == '\0' ? 0 : RECORD_KEY_SIZE };
}

static void review_of_row(const struct query *q, struct store_review *review)
{
    struct slice key = query_text(q, 4);

    *review = (struct store_review){
        .id = (uint64_t)query_integer(q, 0),
        .kind = (enum review_kind)query_integer(q, 1),
        .state = (enum review_state)query_integer(q, 2),
        .account = (uint64_t)query_integer(q, 3),
        .step = (uint16_t)query_integer(q, 5),
        .opened_at_ns = (uint64_t)query_integer(q, 6),
        .ends_at_ns = (uint64_t)query_integer(q, 7),
        .decided_at_ns = (uint64_t)query_integer(q, 8),
    };
    if (key.size == sizeof review->key)
        memcpy(review->key, key.at, key.size);
    query_text_copy(q, 9, review->detail, sizeof review->detail);
    query_text_copy(q, 10, review->reason, sizeof review->reason);
}

static enum err review_find(struct query *q, struct store_review *review, bool *present)
{
    enum err e;

    TRY(query_step(q, present));
    if (*present)
        review_of_row(q, review);
out:
    return e;
}

enum err store_review_insert(struct store_tx *tx, struct store_review *review)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO review (" REVIEW_COLUMNS ") "
                   "SELECT COALESCE(MAX(id) + 1, 1), $kind, $state, $account, $key, $step, "
                   "$opened, $ends, $decided, $detail, $reason FROM review WHERE true "
                   "RETURNING id",
                   &q));
    query_bind_integer(q, "$kind", review->kind);
    query_bind_integer(q, "$state", review->state);
    query_bind_integer(q, "$account", (int64_t)review->account);
    query_bind_text(q, "$key", key_slice(review->key));
    query_bind_integer(q, "$step", review->step);
    query_bind_integer(q, "$opened", (int64_t)review->opened_at_ns);
    query_bind_integer(q, "$ends", (int64_t)review->ends_at_ns);
    query_bind_integer(q, "$decided", (int64_t)review->decided_at_ns);
    query_bind_text(q, "$detail", slice_of(review->detail));
    query_bind_text(q, "$reason", slice_of(review->reason));
    TRY(query_step(q, &row));
    if (row)
        review->id = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

enum err store_review_get(struct store_tx *tx, uint64_t id, struct store_review *review)
{
    struct query *q = NULL;
    bool present;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT " REVIEW_COLUMNS " FROM review WHERE id = $id",
                   &q));
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(review_find(q, review, &present));
    if (!present)
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_review_find_open(struct store_tx *tx, enum review_kind kind, uint64_t account,
                                const char *key, uint16_t step, struct store_review *review,
                                bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " REVIEW_COLUMNS " FROM review WHERE account = $account "
                   "AND state <= 2 AND kind = $kind AND api_key = $key AND step = $step "
                   "ORDER BY id LIMIT 1",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$kind", kind);
    query_bind_text(q, "$key", key_slice(key));
    query_bind_integer(q, "$step", step);
    e = review_find(q, review, present);
out:
    query_close(&q);
    return e;
}

enum err store_review_find_due(struct store_tx *tx, uint64_t now_ns, struct store_review *review,
                               bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " REVIEW_COLUMNS " FROM review WHERE state <= 2 AND ends_at_ns > 0 "
                   "AND ends_at_ns <= $now ORDER BY ends_at_ns LIMIT 1",
                   &q));
    query_bind_integer(q, "$now", (int64_t)now_ns);
    e = review_find(q, review, present);
out:
    query_close(&q);
    return e;
}

enum err store_review_state_set(struct store_tx *tx, uint64_t id, enum review_state state,
                                struct slice reason, uint64_t decided_at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE review SET state = $state, reason = $reason, "
                   "decided_at_ns = $at WHERE id = $id",
                   &q));
    query_bind_integer(q, "$state", state);
    query_bind_text(q, "$reason", reason);
    query_bind_integer(q, "$at", (int64_t)decided_at_ns);
    query_bind_integer(q, "$id", (int64_t)id);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_reviews_withdraw(struct store_tx *tx, const char *key, uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE review SET state = 5, decided_at_ns = $at "
                   "WHERE api_key = $key AND state <= 2",
                   &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_text(q, "$key", key_slice(key));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

/* The open ones and an account's have an index each; the rest goes by id. */
static const char *list_sql(const struct store_review_filter *filter)
{
    if (filter->account != 0)
        return "SELECT " REVIEW_COLUMNS " FROM review WHERE account = $account "
               "AND id < $before AND state BETWEEN $low AND $high AND ($kind = 0 OR kind = $kind) "
               "ORDER BY id DESC LIMIT $most";
    if (filter->open && !filter->all)
        return "SELECT " REVIEW_COLUMNS " FROM review WHERE state <= 2 "
               "AND id < $before AND ($kind = 0 OR kind = $kind) ORDER BY id DESC LIMIT $most";
    return "SELECT " REVIEW_COLUMNS " FROM review WHERE id < $before "
           "AND state BETWEEN $low AND $high AND ($kind = 0 OR kind = $kind) "
           "ORDER BY id DESC LIMIT $most";
}

enum err store_reviews_list(struct store_tx *tx, const struct store_review_filter *filter,
                            struct store_review *reviews, size_t capacity, size_t *count)
{
    bool indexed = filter->account == 0 && filter->open && !filter->all, row;
    struct query *q = NULL;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx), list_sql(filter), &q));
    query_bind_integer(q, "$before",
                       filter->before == 0 ? INT64_MAX : (int64_t)filter->before);
    query_bind_integer(q, "$kind", filter->kind);
    query_bind_integer(q, "$most", (int64_t)capacity);
    if (filter->account != 0)
        query_bind_integer(q, "$account", (int64_t)filter->account);
    if (!indexed) {
        query_bind_integer(q, "$low", filter->open || filter->all ? REVIEW_OPEN
                                                                  : REVIEW_ACCEPTED);
        query_bind_integer(q, "$high", filter->open && !filter->all ? REVIEW_SECONDING
                                                                    : REVIEW_WITHDRAWN);
    }
    while (*count < capacity) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        review_of_row(q, &reviews[(*count)++]);
    }
out:
    query_close(&q);
    return e;
}

enum err store_vote_insert(struct store_tx *tx, const struct store_vote *vote)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO review_vote (review, voter, accepts, reason, at_ns) "
                   "VALUES ($review, $voter, $accepts, $reason, $at)",
                   &q));
    query_bind_integer(q, "$review", (int64_t)vote->review);
    query_bind_text(q, "$voter", slice_of(vote->voter));
    query_bind_integer(q, "$accepts", vote->accepts);
    query_bind_text(q, "$reason", slice_of(vote->reason));
    query_bind_integer(q, "$at", (int64_t)vote->at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_votes_get(struct store_tx *tx, uint64_t review,
                         struct store_vote votes[REVIEW_VOTES_MOST], size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT voter, accepts, reason, at_ns FROM review_vote "
                   "WHERE review = $review ORDER BY at_ns, voter",
                   &q));
    query_bind_integer(q, "$review", (int64_t)review);
    while (*count < REVIEW_VOTES_MOST) {
        struct store_vote *vote = &votes[*count];

        TRY(query_step(q, &row));
        if (!row)
            break;
        *vote = (struct store_vote){ .review = review,
                                     .accepts = query_integer(q, 1) != 0,
                                     .at_ns = (uint64_t)query_integer(q, 3) };
        query_text_copy(q, 0, vote->voter, sizeof vote->voter);
        query_text_copy(q, 2, vote->reason, sizeof vote->reason);
        (*count)++;
    }
out:
    query_close(&q);
    return e;
}
