#include "authority/elevation.h"

#include <jansson.h>
#include <stdlib.h>

#include "authority/courier.h"
#include "authority/decision.h"
#include "authority/key_grant.h"
#include "authority/publish.h"
#include "authority/review.h"
#include "authority/settings.h"

enum { TOLD_MOST = 80 };

static uint32_t scopes_read(const struct slice *texts, size_t count, struct refusal *refusal)
{
    uint32_t scopes = 0;
    enum scope scope;

    if (count == 0)
        refusal_add(refusal, REFUSAL_INVALID, "scopes-missing", "choose at least one scope");
    for (size_t i = 0; i < count; i++) {
        int told = texts[i].size > TOLD_MOST ? TOLD_MOST : (int)texts[i].size;

        if (!scope_find(texts[i], &scope))
            refusal_add(refusal, REFUSAL_INVALID, "scope-unknown", "there is no scope \"%.*s\"",
                        told, texts[i].at);
        else if ((scope_get(scope)->flags & SCOPE_IS_ELEVATED) == 0)
            refusal_add(refusal, REFUSAL_INVALID, "scope-not-elevated",
                        "%s needs no grant: its owner chooses it", scope_get(scope)->text);
        else
            scopes |= SCOPE_BIT(scope);
    }
    return scopes;
}

static void reason_judge(struct slice reason, struct refusal *refusal)
{
    if (reason.size == 0 || reason.size >= REVIEW_REASON_SIZE)
        refusal_add(refusal, REFUSAL_INVALID, "reason-missing", "give a reason of 1 to %d bytes",
                    REVIEW_REASON_SIZE - 1);
}

static void key_judge(const struct store_key *key, uint32_t scopes, struct refusal *refusal)
{
    if (!key_is_usable(key))
        refusal_add(refusal, REFUSAL_CLASH, "key-ended", "the key \"%s\" is %s", key->label,
                    key_state_text(key->state));
    else if (scopes != 0 && (scopes & ~key->scopes) == 0)
        refusal_add(refusal, REFUSAL_CLASH, "scope-granted", "the key \"%s\" has that already",
                    key->label);
}

/* An open one about other scopes stands in the way: its answer would be taken for this one's. */
static enum err waiting_judge(struct store_tx *tx, const struct store_key *key, uint32_t scopes,
                              bool *same, struct refusal *refusal)
{
    struct store_review *review = calloc(1, sizeof *review);
    char wanted[SCOPES_TEXT_SIZE];
    bool present = false;
    json_t *detail = NULL;
    enum err e = ERR_MEMORY;

    *same = false;
    if (review == NULL)
        goto out;
    TRY(store_review_find_open(tx, REVIEW_ELEVATION, key->account, key->id, 0, review, &present));
    if (!present)
        goto out;
    detail = json_loads(review->detail, 0, NULL);
    scopes_format(scopes, wanted);
    *same = json_is_string(json_object_get(detail, "scopes")) &&
            strcmp(json_string_value(json_object_get(detail, "scopes")), wanted) == 0;
    if (!*same)
        refusal_add(refusal, REFUSAL_CLASH, "elevation-waiting",
                    "review %llu about elevated scopes of this key is open: decide that one first",
                    (unsigned long long)review->id);
out:
    json_decref(detail);
    free(review);
    return e;
}

static enum err elevation_open(struct authority *a, struct store_tx *tx, const char *who,
                               const struct store_key *key, uint32_t scopes, struct slice reason,
                               uint64_t *review)
{
    struct review_opening opening = { .who = who, .kind = REVIEW_ELEVATION,
                                      .account = key->account, .key = key->id };
    char text[SCOPES_TEXT_SIZE];

    scopes_format(scopes, text);
    opening.detail = json_pack("{s:s, s:s%}", "scopes", text, "reason", reason.at, reason.size);
    return review_open(a, tx, &opening, review);
}

enum err elevation_ask(struct authority *a, const char *who, const struct elevation_ask *ask,
                       uint64_t *review, struct refusal *refusal)
{
    uint32_t scopes = scopes_read(ask->scopes, ask->scope_count, refusal);
    struct store_tx *tx = NULL;
    struct store_key key;
    bool same;
    enum err e;

    reason_judge(ask->reason, refusal);
    TRY(store_begin(a->store, &tx));
    TRY(store_key_get(tx, ask->key, &key));
    TRY(key.account == ask->account ? OK : ERR_MISSING);
    key_judge(&key, scopes, refusal);
    if (!refusal_is(refusal))
        TRY(waiting_judge(tx, &key, scopes, &same, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(proof_spend(a, tx, ask->account, ask->session, ask->operation, ask->proof, refusal));
    if (!refusal_is(refusal))
        TRY(elevation_open(a, tx, who, &key, scopes, ask->reason, review));
    TRY(store_commit(&tx)); /* a refused proof is committed too: it counts */
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    return e;
}

enum err elevation_grant(struct authority *a, const char *who, uint64_t by, const char *key_id,
                         const struct slice *texts, size_t scope_count, struct slice reason,
                         uint64_t *review, struct refusal *refusal)
{
    const struct decision accept = { who, by, SLICE("accepted"), reason };
    uint32_t scopes = scopes_read(texts, scope_count, refusal);
    struct store_tx *tx = NULL;
    struct store_key key;
    bool same;
    enum err e;

    reason_judge(reason, refusal);
    TRY(store_begin(a->store, &tx));
    TRY(store_key_get(tx, key_id, &key));
    key_judge(&key, scopes, refusal);
    if (!refusal_is(refusal))
        TRY(waiting_judge(tx, &key, scopes, &same, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(elevation_open(a, tx, who, &key, scopes, reason, review));
    TRY(store_commit(&tx));
    e = review_decide(a, *review, &accept, refusal);
out:
    store_rollback(&tx);
    return e;
}

/* What a review's detail names. */
static uint32_t detail_scopes(const struct store_review *review)
{
    json_t *detail = json_loads(review->detail, 0, NULL);
    const char *at = json_string_value(json_object_get(detail, "scopes"));
    uint32_t scopes = 0;
    enum scope scope;

    while (at != NULL && *at != '\0') {
        size_t size = strcspn(at, " ");

        if (scope_find((struct slice){ at, size }, &scope))
            scopes |= SCOPE_BIT(scope) & scopes_with(SCOPE_IS_ELEVATED);
        at += size + (at[size] == ' ');
    }
    json_decref(detail);
    return scopes;
}

enum err elevation_settle(struct authority *a, struct store_tx *tx, const char *who,
                          const struct store_review *review, bool accepted,
                          struct key_list *moved)
{
    uint64_t ends_at_ns = a->now_ns() + a->settings->elevation_days * DAY_NS;
    struct store_key key;
    enum err e = OK;

    if (!accepted)
        return OK;
    TRY(store_key_get(tx, review->key, &key));
    if (!key_is_usable(&key))
        goto out;
    TRY(key_grant_give(a, tx, who, key.id, detail_scopes(review), ends_at_ns, review->id));
    e = key_list_add(moved, key.id) ? OK : ERR_MEMORY;
out:
    return e;
}

enum err elevation_withdraw(struct authority *a, const char *who, const char *key_id,
                            const struct slice *texts, size_t scope_count, struct slice reason,
                            struct refusal *refusal)
{
    uint32_t elevated = scopes_with(SCOPE_IS_ELEVATED);
    uint32_t scopes = scope_count == 0 ? elevated : scopes_read(texts, scope_count, refusal);
    struct store_tx *tx = NULL;
    struct store_key key;
    enum err e;

    reason_judge(reason, refusal);
    TRY(store_begin(a->store, &tx));
    TRY(store_key_get(tx, key_id, &key));
    if ((key.scopes & scopes) == 0)
        refusal_add(refusal, REFUSAL_CLASH, "scope-not-granted",
                    "the key \"%s\" has no such elevated scope", key.label);
    if (refusal_is(refusal))
        goto out;
    TRY(key_grant_take(a, tx, who, key_id, scopes));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
    e = publish_key(a->publisher, key_id);
out:
    store_rollback(&tx);
    return e;
}
