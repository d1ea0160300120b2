#include "authority/decision.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/approval.h"
#include "authority/courier.h"
#include "authority/elevation.h"
#include "authority/flag.h"
#include "authority/flag_keys.h"
#include "authority/hold.h"
#include "authority/lost_factor.h"
#include "authority/review.h"
#include "authority/settings.h"
#include "authority/verification.h"
#include "store/signatories.h"

/* One decision on its way through its transaction. */
struct verdict {
    struct authority *a;
    struct store_tx *tx;
    const char *who;
    struct store_review review;
    struct store_vote votes[REVIEW_VOTES_MOST];
    size_t vote_count;
    bool accepts;
    struct slice reason;
    struct key_list moved;
};

static void outcome_read(const struct decision *d, bool *accepts, struct refusal *refusal)
{
    *accepts = slice_is(d->outcome, SLICE("accepted"));
    if (!*accepts && !slice_is(d->outcome, SLICE("rejected")))
        refusal_add(refusal, REFUSAL_INVALID, "outcome-unknown",
                    "the outcome is neither accepted nor rejected");
    else if (!*accepts && d->reason.size == 0)
        refusal_add(refusal, REFUSAL_INVALID, "reason-missing",
                    "a rejection needs a reason, so that the owner knows what to do");
    if (d->reason.size >= REVIEW_REASON_SIZE)
        refusal_add(refusal, REFUSAL_INVALID, "reason-long", "the reason has at most %d bytes",
                    REVIEW_REASON_SIZE - 1);
}

static bool needs_second(const struct verdict *v)
{
    return v->a->settings->two_person && v->accepts &&
           (v->review.kind == REVIEW_ELEVATION || v->review.kind == REVIEW_FLAG ||
            v->review.kind == REVIEW_FACTOR);
}

static enum err standing_judge(struct verdict *v, uint64_t by, struct refusal *refusal)
{
    struct store_signatory listed[SIGNATORIES_MOST];
    size_t count = 0;
    enum err e = OK;

    if (v->review.state > REVIEW_SECONDING)
        refusal_add(refusal, REFUSAL_CLASH, "review-over", "review %llu is %s already",
                    (unsigned long long)v->review.id, review_state_text(v->review.state));
    if (by != 0 && by == v->review.account)
        refusal_add(refusal, REFUSAL_RULE, "review-own",
                    "this is about your own account: another operator has to decide");
    for (size_t i = 0; i < v->vote_count; i++)
        if (strcmp(v->votes[i].voter, v->who) == 0)
            refusal_add(refusal, REFUSAL_RULE, "review-seconding",
                        "you have voted already: a second operator has to decide");
    if (v->review.kind == REVIEW_APPROVAL && v->accepts) {
        TRY(store_signatories_get(v->tx, v->review.account, listed, &count));
        if (count > 0)
            refusal_add(refusal, REFUSAL_RULE, "approval-signatories",
                        "the account's signatories approve; an operator can only reject");
    }
out:
    return e;
}

/* The review is closed first: with its key, what is open about it would be withdrawn. */
static enum err verdict_settle(struct verdict *v)
{
    struct authority *a = v->a;
    enum err e;

    TRY(review_close(a, v->tx, v->who, &v->review, v->accepts ? REVIEW_ACCEPTED : REVIEW_REJECTED,
                     v->reason));
    switch (v->review.kind) {
    case REVIEW_DOCUMENT:
        e = step_decide(a, v->tx, v->who, v->review.account, (enum step)v->review.step,
                        v->accepts ? STEP_ACCEPTED : STEP_REJECTED, v->reason);
        break;
    case REVIEW_LOCATION:
        e = hold_settle(a, v->tx, v->who, v->review.key, KEY_REASON_LOCATION, v->accepts,
                        v->reason, &v->moved);
        break;
    case REVIEW_ELEVATION:
        e = elevation_settle(a, v->tx, v->who, &v->review, v->accepts, &v->moved);
        break;
    case REVIEW_FLAG:
        e = flag_settle(a, v->tx, v->who, &v->review, v->accepts);
        break;
    case REVIEW_APPROVAL:
        e = hold_settle(a, v->tx, v->who, v->review.key, KEY_REASON_APPROVAL, v->accepts,
                        v->reason, &v->moved);
        break;
    case REVIEW_FACTOR:
        e = lost_factor_settle(a, v->tx, v->who, &v->review, v->accepts);
        break;
    }
out:
    return e;
}

static enum err verdict_give(struct verdict *v)
{
    size_t others = 0;
    enum err e;

    TRY(review_vote(v->a, v->tx, v->who, v->review.id, v->accepts, v->reason));
    for (size_t i = 0; i < v->vote_count; i++)
        others += v->votes[i].accepts;
    if (needs_second(v) && others == 0)
        e = store_review_state_set(v->tx, v->review.id, REVIEW_SECONDING, SLICE(""), 0);
    else
        e = verdict_settle(v);
out:
    return e;
}

enum err review_decide(struct authority *a, uint64_t review, const struct decision *d,
                       struct refusal *refusal)
{
    struct verdict *v = calloc(1, sizeof *v);
    enum err e = ERR_MEMORY;

    if (v == NULL)
        return e;
    *v = (struct verdict){ .a = a, .who = d->who, .reason = d->reason };
    outcome_read(d, &v->accepts, refusal);
    TRY(store_begin(a->store, &v->tx));
    TRY(store_review_get(v->tx, review, &v->review));
    TRY(store_votes_get(v->tx, review, v->votes, &v->vote_count));
    TRY(standing_judge(v, d->by, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(verdict_give(v));
    TRY(store_commit(&v->tx));
    courier_wake(a->courier);
    TRY(key_list_publish(a, &v->moved));
    if (v->review.kind == REVIEW_FLAG)
        e = flag_keys_follow(a, v->who, v->review.account);
out:
    store_rollback(&v->tx);
    key_list_wipe(&v->moved);
    free(v);
    return e;
}

enum err reviews_expire(struct authority *a)
{
    struct verdict *v = calloc(1, sizeof *v);
    bool present;
    enum err e = ERR_MEMORY;

    if (v == NULL)
        return e;
    *v = (struct verdict){ .a = a, .who = "authority",
                           .reason = SLICE("nobody decided in time") };
    do {
        TRY(store_begin(a->store, &v->tx));
        TRY(store_review_find_due(v->tx, a->now_ns(), &v->review, &present));
        if (present) {
            TRY(verdict_settle(v));
            TRY(store_commit(&v->tx));
            courier_wake(a->courier);
            TRY(key_list_publish(a, &v->moved));
            v->moved.count = 0;
        }
        store_rollback(&v->tx);
    } while (present);
out:
    store_rollback(&v->tx);
    key_list_wipe(&v->moved);
    free(v);
    return e;
}
