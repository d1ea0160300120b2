#include "authority/review.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/change.h"
#include "authority/event.h"
#include "authority/steps.h"
#include "store/keys.h"

static const struct {
    const char *text, *what; /* for the owner; NULL: not told before it is decided */
} kinds[] = {
    [REVIEW_DOCUMENT] = { "document", "documents" },
    [REVIEW_LOCATION] = { "location", "a key that was asked for from another country" },
    [REVIEW_ELEVATION] = { "elevation", "elevated permissions of a key" },
    [REVIEW_FLAG] = { "flag", NULL },
    [REVIEW_APPROVAL] = { "approval", "a key that waits for the signatories" },
    [REVIEW_FACTOR] = { "factor", "the removal of a lost second factor" },
};

enum { KIND_END = sizeof kinds / sizeof *kinds };

const char *review_kind_text(enum review_kind kind)
{
    return kinds[kind].text;
}

bool review_kind_parse(struct slice text, enum review_kind *kind)
{
    for (unsigned i = REVIEW_DOCUMENT; i < KIND_END; i++) {
        if (!slice_is(text, slice_of(kinds[i].text)))
            continue;
        *kind = (enum review_kind)i;
        return true;
    }
    return false;
}

const char *review_state_text(enum review_state state)
{
    static const char *const texts[] = {
        [REVIEW_OPEN] = "open",
        [REVIEW_SECONDING] = "seconding",
        [REVIEW_ACCEPTED] = "accepted",
        [REVIEW_REJECTED] = "rejected",
        [REVIEW_WITHDRAWN] = "withdrawn",
    };

    return texts[state];
}

static const char *key_of(const struct store_review *review)
{
    return review->key[0] == '\0' ? NULL : review->key;
}

static const char *what_of(const struct store_review *review)
{
    return review->step == 0 ? kinds[review->kind].what : step_words((enum step)review->step);
}

/* The key's environment is part of its line in the change log. */
static enum err review_note(struct authority *a, struct store_tx *tx, const char *who,
                            const char *what, const struct store_review *review, json_t *before,
                            json_t *after)
{
    struct store_key key = { .environment = ENVIRONMENT_LIVE };
    enum err e = OK;

    if (key_of(review) != NULL)
        e = store_key_get(tx, review->key, &key);
    sodium_memzero(key.secret_sealed, sizeof key.secret_sealed);
    if (e == OK)
        return change_write(tx, (struct change){ .who = who, .what = what,
                                                 .account = review->account,
                                                 .key = key_of(review),
                                                 .environment = key.environment,
                                                 .at_ns = a->now_ns(), .before = before,
                                                 .after = after });
    json_decref(before);
    json_decref(after);
    return e;
}

static enum err review_tell(struct authority *a, struct store_tx *tx, enum event_kind kind,
                            const struct store_review *review, json_t *data)
{
    const struct event event = { .kind = kind, .account = review->account,
                                 .key = key_of(review), .data = data };

    return event_write(a, tx, &event);
}

static enum err detail_format(json_t *detail, char text[REVIEW_DETAIL_SIZE])
{
    size_t size;

    if (detail == NULL) {
        snprintf(text, REVIEW_DETAIL_SIZE, "{}");
        return OK;
    }
    size = json_dumpb(detail, text, REVIEW_DETAIL_SIZE - 1, JSON_COMPACT | JSON_SORT_KEYS);
    if (size == 0)
        return ERR_MALFORMED;
    if (size >= REVIEW_DETAIL_SIZE)
        return ERR_FULL;
    text[size] = '\0';
    return OK;
}

enum err review_open(struct authority *a, struct store_tx *tx,
                     const struct review_opening *opening, uint64_t *id)
{
    struct store_review *review = calloc(1, sizeof *review);
    bool present;
    enum err e = ERR_MEMORY;

    if (review == NULL)
        goto out;
    TRY(store_review_find_open(tx, opening->kind, opening->account, opening->key, opening->step,
                               review, &present));
    *id = review->id;
    if (present)
        goto out;
    *review = (struct store_review){ .kind = opening->kind, .state = REVIEW_OPEN,
                                     .account = opening->account, .step = opening->step,
                                     .opened_at_ns = a->now_ns() };
    if (opening->key != NULL)
        memcpy(review->key, opening->key, sizeof review->key);
    if (opening->lives_ns != 0)
        review->ends_at_ns = review->opened_at_ns + opening->lives_ns;
    TRY(detail_format(opening->detail, review->detail));
    TRY(store_review_insert(tx, review));
    *id = review->id;
    TRY(review_note(a, tx, opening->who, "review opened", review, NULL,
                    json_pack("{s:I, s:s}", "review", (json_int_t)review->id, "kind",
                              kinds[review->kind].text)));
    if (what_of(review) != NULL)
        e = review_tell(a, tx, EVENT_REVIEW_OPENED, review,
                        json_pack("{s:I, s:s, s:s}", "review", (json_int_t)review->id, "kind",
                                  kinds[review->kind].text, "what", what_of(review)));
out:
    json_decref(opening->detail);
    free(review);
    return e;
}

enum err review_close(struct authority *a, struct store_tx *tx, const char *who,
                      const struct store_review *review, enum review_state state,
                      struct slice reason)
{
    static const char *const whats[] = {
        [REVIEW_ACCEPTED] = "review accepted",
        [REVIEW_REJECTED] = "review rejected",
        [REVIEW_WITHDRAWN] = "review withdrawn",
    };
    const char *words = reason.at == NULL ? "" : reason.at;
    enum err e;

    TRY(store_review_state_set(tx, review->id, state, reason, a->now_ns()));
    TRY(review_note(a, tx, who, whats[state], review,
                    json_pack("{s:I, s:s}", "review", (json_int_t)review->id, "state",
                              review_state_text(review->state)),
                    json_pack("{s:I, s:s, s:s, s:s%}", "review", (json_int_t)review->id, "kind",
                              kinds[review->kind].text, "state", review_state_text(state),
                              "reason", words, reason.size)));
    if (state != REVIEW_WITHDRAWN && what_of(review) != NULL)
        e = review_tell(a, tx, EVENT_REVIEW_DECIDED, review,
                        json_pack("{s:I, s:s, s:s, s:s, s:s%}", "review",
                                  (json_int_t)review->id, "kind", kinds[review->kind].text,
                                  "what", what_of(review), "outcome", review_state_text(state),
                                  "reason", words, reason.size));
out:
    return e;
}

enum err review_withdraw(struct authority *a, struct store_tx *tx, const char *who,
                         enum review_kind kind, uint64_t account, const char *key, uint16_t step)
{
    struct store_review *review = calloc(1, sizeof *review);
    bool present = false;
    enum err e = ERR_MEMORY;

    if (review == NULL)
        goto out;
    TRY(store_review_find_open(tx, kind, account, key, step, review, &present));
    if (present)
        e = review_close(a, tx, who, review, REVIEW_WITHDRAWN, SLICE(""));
out:
    free(review);
    return e;
}

enum err review_vote(struct authority *a, struct store_tx *tx, const char *voter, uint64_t review,
                     bool accepts, struct slice reason)
{
    struct store_vote vote = { .review = review, .accepts = accepts, .at_ns = a->now_ns() };

    snprintf(vote.voter, sizeof vote.voter, "%s", voter);
    snprintf(vote.reason, sizeof vote.reason, "%.*s", (int)reason.size,
             reason.at == NULL ? "" : reason.at);
    return store_vote_insert(tx, &vote);
}

/* The rest of a view whose review is there. */
static enum err view_fill(struct store_tx *tx, struct review_view *view)
{
    enum err e;

    TRY(store_account_get(tx, view->review.account, &view->account));
    sodium_memzero(view->account.password, sizeof view->account.password);
    TRY(store_votes_get(tx, view->review.id, view->votes, &view->vote_count));
    TRY(store_documents_of_review(tx, view->review.id, view->documents, REVIEW_DOCUMENTS_MOST,
                                  &view->document_count));
out:
    return e;
}

enum err review_view_get(struct authority *a, uint64_t id, struct review_view *view)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_review_get(tx, id, &view->review));
    e = view_fill(tx, view);
out:
    store_rollback(&tx);
    return e;
}

enum err review_list(struct authority *a, const struct store_review_filter *filter,
                     struct review_view *views, size_t capacity, size_t *count)
{
    struct store_review *reviews = calloc(capacity, sizeof *reviews);
    struct store_tx *tx = NULL;
    enum err e = ERR_MEMORY;

    *count = 0;
    if (reviews == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(store_reviews_list(tx, filter, reviews, capacity, count));
    for (size_t i = 0; i < *count; i++) {
        views[i].review = reviews[i];
        TRY(view_fill(tx, &views[i]));
    }
out:
    store_rollback(&tx);
    free(reviews);
    return e;
}
