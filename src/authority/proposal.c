#include "authority/proposal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/decision.h"
#include "authority/review.h"

/* Whether an open proposal is the same but for its reason. */
static bool is_same(const struct store_review *review, const json_t *wanted)
{
    json_t *open = json_loads(review->detail, 0, NULL), *other = json_copy((json_t *)wanted);
    bool same;

    json_object_del(open, "reason");
    json_object_del(other, "reason");
    same = json_equal(open, other) == 1;
    json_decref(open);
    json_decref(other);
    return same;
}

enum err proposal_make(struct authority *a, const struct proposal *p, struct refusal *refusal)
{
    const struct decision accept = { .who = p->who, .outcome = SLICE("accepted"),
                                     .reason = p->reason };
    struct review_opening opening = { .who = p->who, .kind = p->kind, .account = p->account };
    struct store_review *open = calloc(1, sizeof *open);
    struct store_tx *tx = NULL;
    bool present = false;
    uint64_t review = 0;
    enum err e = ERR_MEMORY;

    if (open == NULL || p->detail == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(store_review_find_open(tx, p->kind, p->account, NULL, 0, open, &present));
    if (present && !is_same(open, p->detail)) {
        refusal_add(refusal, REFUSAL_CLASH, "proposal-waiting",
                    "review %llu proposes something else for this account: decide that one first",
                    (unsigned long long)open->id);
        goto out;
    }
    opening.detail = json_incref(p->detail);
    TRY(review_open(a, tx, &opening, &review));
    TRY(store_commit(&tx));
    e = review_decide(a, review, &accept, refusal);
out:
    store_rollback(&tx);
    json_decref(p->detail);
    free(open);
    return e;
}

enum err proposal_waiting_get(struct authority *a, enum review_kind kind, uint64_t account,
                              uint64_t *review)
{
    struct store_review *open = calloc(1, sizeof *open);
    struct store_tx *tx = NULL;
    bool present;
    enum err e = ERR_MEMORY;

    *review = 0;
    if (open == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(store_review_find_open(tx, kind, account, NULL, 0, open, &present));
    if (present && open->state == REVIEW_SECONDING)
        *review = open->id;
out:
    store_rollback(&tx);
    free(open);
    return e;
}

void proposal_own_judge(const char *who, uint64_t account, struct refusal *refusal)
{
    char own[48];

    snprintf(own, sizeof own, "operator %llu", (unsigned long long)account);
    if (strcmp(who, own) == 0)
        refusal_add(refusal, REFUSAL_RULE, "review-own",
                    "this is your own account: another operator has to decide");
}
