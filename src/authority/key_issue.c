#include "authority/key_issue.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/admission.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/key_confirm.h"
#include "authority/publish.h"
#include "store/keys.h"

/* B7: against the usable keys of the account, and within the batch. */
static enum err clashes_judge(struct store_tx *tx, const struct key_draft *drafts, size_t index,
                              struct refusal *refusal)
{
    const struct key_draft *d = &drafts[index];
    enum err e;

    TRY(key_draft_clashes_judge(tx, d, refusal));
    for (size_t i = 0; i < index; i++) {
        if (strcmp(drafts[i].row.label_folded, d->row.label_folded) == 0)
            refusal_add(refusal, REFUSAL_CLASH, "label-clash",
                        "%s: key %zu of this application has the same label", d->name, i + 1);
        if (strcmp(drafts[i].row.ip_rules, d->row.ip_rules) == 0)
            refusal_add(refusal, REFUSAL_CLASH, "ip-rules-clash",
                        "%s: key %zu of this application, \"%s\", has the same IP rules", d->name,
                        i + 1, drafts[i].row.label);
    }
out:
    return e;
}

static enum err batch_judge(struct authority *a, struct store_tx *tx,
                            const struct key_batch *batch, struct key_draft *drafts,
                            struct refusal *refusal)
{
    size_t counts[ENVIRONMENT_COUNT] = { 0 };
    enum err e;

    TRY(key_account_judge(tx, batch->account, refusal));
    for (size_t i = 0; i < batch->count; i++) {
        size_t before = refusal->count;

        drafts[i].row.account = batch->account;
        snprintf(drafts[i].name, sizeof drafts[i].name, "key %zu", i + 1);
        key_draft_read(&drafts[i], &batch->keys[i], refusal);
        if (refusal->count != before)
            continue;
        counts[drafts[i].row.environment]++;
        TRY(clashes_judge(tx, drafts, i, refusal));
    }
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        if (!publish_has_room(a->publisher, v, counts[v]))
            refusal_add(refusal, REFUSAL_RULE, "segment-full",
                        "the %s gate segment has no room for %zu more keys: the operator starts "
                        "the authority with a larger --keys",
                        environment_text(v), counts[v]);
out:
    return e;
}

/* What every new key starts with (C1, C2, C3). */
static void row_begin(struct store_key *row, const char *address, uint64_t now_ns)
{
    row->public_per_s = KEY_PUBLIC_PER_S;
    row->private_per_s = KEY_PRIVATE_PER_S;
    if (row->environment == ENVIRONMENT_LIVE &&
        (row->scopes & scopes_of_group(SCOPE_GROUP_TRADE)) != 0)
        row->cooling_until_ns = now_ns + KEY_COOLING_NS;
    row->scopes_waiting = row->scopes & scopes_with(SCOPE_NEEDS_MAIL);
    row->scopes &= ~row->scopes_waiting;
    if (address != NULL)
        snprintf(row->created_from, sizeof row->created_from, "%s", address);
}

static enum err batch_make(struct authority *a, struct store_tx *tx, const char *who,
                           const struct key_batch *batch, struct key_draft *drafts,
                           struct key_grant grants[KEY_BATCH_MOST])
{
    bool waits;
    enum err e = OK;

    for (size_t i = 0; i < batch->count; i++) {
        row_begin(&drafts[i].row, batch->address, a->now_ns());
        TRY(key_make(a, tx, who, &drafts[i].row, &grants[i]));
        TRY(event_write(a, tx, &(struct event){ .kind = EVENT_KEY_CREATED,
                                                .account = batch->account,
                                                .key = drafts[i].row.id,
                                                .address = batch->address }));
        TRY(key_confirm_ask(a, tx, &drafts[i].row, batch->address));
        TRY(admission_judge(a, tx, who, &drafts[i].row,
                            drafts[i].row.scopes | drafts[i].row.scopes_waiting,
                            &(struct applicant){ slice_of(batch->address), batch->agent },
                            &waits));
    }
out:
    return e;
}

enum err key_issue(struct authority *a, const char *who, const struct key_batch *batch,
                   struct key_grant grants[KEY_BATCH_MOST], struct refusal *refusal)
{
    struct key_draft *drafts = calloc(KEY_BATCH_MOST, sizeof *drafts);
    struct store_tx *tx = NULL;
    enum err e = ERR_MEMORY;

    assert(batch->count >= 1 && batch->count <= KEY_BATCH_MOST);
    if (drafts == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(batch_judge(a, tx, batch, drafts, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(proof_spend(a, tx, batch->account, batch->session, batch->operation, &batch->proof,
                    refusal));
    if (!refusal_is(refusal))
        TRY(batch_make(a, tx, who, batch, drafts, grants));
    TRY(store_commit(&tx)); /* a refused proof is committed too: it counts */
    courier_wake(a->courier);
    if (!refusal_is(refusal))
        for (size_t i = 0; i < batch->count; i++)
            TRY(publish_key(a->publisher, grants[i].id.random));
out:
    store_rollback(&tx);
    if (e != OK)
        sodium_memzero(grants, KEY_BATCH_MOST * sizeof *grants);
    free(drafts);
    return e;
}
