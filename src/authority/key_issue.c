#include "authority/key_issue.h"

#include <assert.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/account.h"
#include "authority/change.h"
#include "authority/publish.h"
#include "authority/vault.h"
#include "store/keys.h"

static_assert(SECRET_TEXT_SIZE + VAULT_OVERHEAD <= STORE_KEY_SEALED_MOST, "the row holds the seal");

/* A1, A2, A3, A4: what the account lacks. */
static void account_judge(const struct account_view *view, struct refusal *refusal)
{
    enum step step;

    for (unsigned i = 0; (step = step_at(i)) != 0; i++) {
        if (!step_is_owed(step, view->account.kind) || view->steps[step] == STEP_ACCEPTED)
            continue;
        refusal_add(refusal, REFUSAL_RULE, "step-missing",
                    "verification step \"%s\" (%s) is %s", step_text(step), step_words(step),
                    view->steps[step] == STEP_SUBMITTED ? "waiting for the venue"
                                                        : step_state_text(view->steps[step]));
    }
    if (!factors_has(&view->factors))
        refusal_add(refusal, REFUSAL_RULE, "factor-missing",
                    view->factors.totp == TOTP_PENDING
                        ? "two-factor authentication is not on: confirm the authenticator with "
                          "its first code"
                        : "two-factor authentication is not on: enrol an authenticator or a "
                          "passkey");
    if (view->flag.kind != FLAG_NONE)
        refusal_add(refusal, REFUSAL_RULE, "account-flagged",
                    "the account is under review (%s); no new key until an operator resolves it",
                    flag_kind_text(view->flag.kind));
}

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
    struct account_view view;
    enum err e;

    TRY(account_view_read(tx, batch->account, &view));
    account_judge(&view, refusal);
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
    sodium_memzero(&view, sizeof view);
    return e;
}

static json_t *key_json(const struct store_key *row)
{
    char scopes[SCOPES_TEXT_SIZE], waiting[SCOPES_TEXT_SIZE];

    scopes_format(row->scopes, scopes);
    scopes_format(row->scopes_waiting, waiting);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "environment",
                     environment_text(row->environment), "label", row->label, "scopes", scopes,
                     "scopes_waiting", waiting, "ip_rules", row->ip_rules);
}

/* Draws id and secret, seals, writes row and change. */
static enum err key_make(struct authority *a, struct store_tx *tx, const char *who,
                         struct store_key *row, struct key_grant *grant)
{
    char id[KEY_ID_TEXT_SIZE];
    uint32_t mail = row->scopes & scopes_with(SCOPE_NEEDS_MAIL);
    enum err e;

    key_id_draw(&grant->id, row->environment, randombytes_buf);
    secret_draw(&grant->secret, row->environment, randombytes_buf);
    key_id_format(&grant->id, id);
    memcpy(row->id, grant->id.random, sizeof row->id);
    row->secret_sealed_size =
        vault_seal(a->vault, slice_of(id),
                   (struct slice){ (const char *)grant->secret.bytes, grant->secret.size },
                   row->secret_sealed);
    SHA256(grant->secret.bytes, grant->secret.size, row->secret_sha256);
    row->state = KEY_ACTIVE;
    row->reason = KEY_REASON_NONE;
    row->created_at_ns = row->state_at_ns = a->now_ns();
    row->public_per_s = KEY_PUBLIC_PER_S;
    row->private_per_s = KEY_PRIVATE_PER_S;
    if (row->environment == ENVIRONMENT_LIVE &&
        (row->scopes & scopes_of_group(SCOPE_GROUP_TRADE)) != 0)
        row->cooling_until_ns = row->created_at_ns + KEY_COOLING_NS;
    row->scopes &= ~mail;
    row->scopes_waiting = mail;
    TRY(store_key_insert(tx, row));
    TRY(change_write(tx, (struct change){ .who = who, .what = "key issued",
                                          .account = row->account, .key = row->id,
                                          .environment = row->environment,
                                          .at_ns = row->created_at_ns,
                                          .after = key_json(row) }));
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
        for (size_t i = 0; i < batch->count; i++)
            TRY(key_make(a, tx, who, &drafts[i].row, &grants[i]));
    TRY(store_commit(&tx)); /* a refused proof is committed too: it counts */
    if (!refusal_is(refusal))
        for (size_t i = 0; i < batch->count; i++)
            TRY(publish_key(a->publisher, grants[i].id.random));
out:
    store_rollback(&tx);
    if (e != OK)
        key_grants_wipe(grants);
    free(drafts);
    return e;
}

void key_grants_wipe(struct key_grant grants[KEY_BATCH_MOST])
{
    sodium_memzero(grants, KEY_BATCH_MOST * sizeof *grants);
}
