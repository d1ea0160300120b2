#include "authority/key_issue.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/account.h"
#include "authority/change.h"
#include "authority/publish.h"
#include "authority/vault.h"
#include "store/keys.h"

static_assert(STORE_KEY_LABEL_SIZE == KEY_LABEL_MOST + 1, "the row holds the label");
static_assert(STORE_KEY_RULES_SIZE >= IP_RULES_MOST * IP_RULE_TEXT_SIZE, "the row holds the rules");
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
                    view->steps[step] == STEP_REJECTED ? "rejected" : "missing");
    }
    if (view->totp != TOTP_ENROLLED)
        refusal_add(refusal, REFUSAL_RULE, "totp-missing",
                    view->totp == TOTP_PENDING
                        ? "two-factor authentication is not on: confirm the authenticator with "
                          "its first code"
                        : "two-factor authentication is not on: enrol an authenticator");
    if (view->flag.kind != FLAG_NONE)
        refusal_add(refusal, REFUSAL_RULE, "account-flagged",
                    "the account is under review (%s); no new key until an operator resolves it",
                    flag_kind_text(view->flag.kind));
}

/* One key of the batch while it is judged; `name` opens each message about it. */
struct draft {
    struct store_key row;
    char name[KEY_LABEL_MOST + 32];
};

static void label_read(struct draft *d, struct slice label, struct refusal *refusal)
{
    while (label.size > 0 && label.at[0] == ' ')
        label = slice_from(label, 1);
    while (label.size > 0 && label.at[label.size - 1] == ' ')
        label.size--;
    if (label.size == 0 || label.size > KEY_LABEL_MOST) {
        refusal_add(refusal, REFUSAL_INVALID, "label-length",
                    "%s: a key needs a label of 1 to %d bytes", d->name, KEY_LABEL_MOST);
        return;
    }
    for (size_t i = 0; i < label.size; i++) {
        unsigned char c = (unsigned char)label.at[i];

        if (c < ' ' || c == 0x7f) {
            refusal_add(refusal, REFUSAL_INVALID, "label-characters",
                        "%s: the label has control characters", d->name);
            return;
        }
        d->row.label[i] = (char)c;
        d->row.label_folded[i] = (char)tolower(c);
    }
    snprintf(d->name, sizeof d->name, "key \"%s\"", d->row.label);
}

static void scopes_read(struct draft *d, const struct key_application *ask,
                        struct refusal *refusal)
{
    if (ask->scope_count == 0)
        refusal_add(refusal, REFUSAL_INVALID, "scope-none", "%s: choose at least one scope",
                    d->name);
    for (size_t i = 0; i < ask->scope_count; i++) {
        struct slice text = ask->scopes[i];
        enum scope scope;

        if (!scope_find(text, &scope)) {
            refusal_add(refusal, REFUSAL_INVALID, "scope-unknown",
                        "%s: there is no scope \"%.*s\"", d->name,
                        (int)(text.size > 40 ? 40 : text.size), text.at);
        } else if ((scope_get(scope)->flags & SCOPE_IS_ELEVATED) != 0) {
            refusal_add(refusal, REFUSAL_RULE, "scope-elevated",
                        "%s: %s is an elevated permission: no application grants it; make the key "
                        "without it, then its owner asks for it and an operator grants it",
                        d->name, scope_get(scope)->text);
        } else {
            d->row.scopes |= SCOPE_BIT(scope);
        }
    }
}

/* B3: each chosen group is confirmed on its own. */
static void groups_judge(struct draft *d, const struct key_application *ask,
                         struct refusal *refusal)
{
    bool confirmed[SCOPE_GROUP_COUNT] = { false };

    for (size_t i = 0; i < ask->confirmed_count; i++) {
        struct slice text = ask->confirmed_groups[i];
        enum scope_group group;

        if (scope_group_find(text, &group))
            confirmed[group] = true;
        else
            refusal_add(refusal, REFUSAL_INVALID, "group-unknown",
                        "%s: there is no group \"%.*s\": confirm read, trade, wallet or lending",
                        d->name, (int)(text.size > 40 ? 40 : text.size), text.at);
    }
    for (enum scope_group group = 0; group < SCOPE_GROUP_ELEVATED; group++)
        if ((d->row.scopes & scopes_of_group(group)) != 0 && !confirmed[group])
            refusal_add(refusal, REFUSAL_RULE, "group-unconfirmed",
                        "%s: the group \"%s\" was chosen but not confirmed", d->name,
                        scope_group_text(group));
}

static void rules_read(struct draft *d, const struct key_application *ask, struct refusal *refusal)
{
    struct ip_rule rules[IP_RULES_MOST];
    char words[IP_WORDS_SIZE];
    size_t size = 0;

    if (ip_rules_parse(ask->ip_rules, ask->ip_rule_count, rules, words) != IP_FINE) {
        refusal_add(refusal, REFUSAL_INVALID, "ip-rule", "%s: %s", d->name, words);
        return;
    }
    for (size_t i = 0; i < ask->ip_rule_count; i++) {
        if (i > 0)
            d->row.ip_rules[size++] = ' ';
        size += ip_rule_format(&rules[i], d->row.ip_rules + size);
    }
    SHA256((const uint8_t *)d->row.ip_rules, size, d->row.ip_rules_sha256);
}

static void draft_read(struct draft *d, const struct key_application *ask, size_t index,
                       struct refusal *refusal)
{
    snprintf(d->name, sizeof d->name, "key %zu", index + 1);
    label_read(d, ask->label, refusal);
    if (!environment_parse(ask->environment, &d->row.environment))
        refusal_add(refusal, REFUSAL_INVALID, "environment-unknown",
                    "%s: the environment is live or sandbox", d->name);
    scopes_read(d, ask, refusal);
    groups_judge(d, ask, refusal);
    rules_read(d, ask, refusal);
}

static void clash_say(const struct draft *d, const struct store_key *other, bool label,
                      struct refusal *refusal)
{
    struct key_id id = { .environment = other->environment };
    char text[KEY_ID_TEXT_SIZE];

    memcpy(id.random, other->id, sizeof id.random);
    key_id_format(&id, text);
    if (label)
        refusal_add(refusal, REFUSAL_CLASH, "label-clash",
                    "%s: the account's key %s has this label: choose another, or revoke that key",
                    d->name, text);
    else
        refusal_add(refusal, REFUSAL_CLASH, "ip-rules-clash",
                    "%s: the account's key %s, \"%s\", has the same IP rules: choose others, or "
                    "revoke that key",
                    d->name, text, other->label);
}

/* B7: against the usable keys of the account, and within the batch. */
static enum err clashes_judge(struct store_tx *tx, const struct draft *drafts, size_t index,
                              struct refusal *refusal)
{
    const struct draft *d = &drafts[index];
    struct store_key other;
    bool present;
    enum err e;

    TRY(store_key_find_label(tx, d->row.account, slice_of(d->row.label_folded), &other, &present));
    if (present)
        clash_say(d, &other, true, refusal);
    TRY(store_key_find_rules(tx, d->row.account, d->row.ip_rules_sha256, &other, &present));
    if (present)
        clash_say(d, &other, false, refusal);
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
                            const struct key_batch *batch, struct draft *drafts,
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
        draft_read(&drafts[i], &batch->keys[i], i, refusal);
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
    struct draft *drafts = calloc(KEY_BATCH_MOST, sizeof *drafts);
    struct store_tx *tx = NULL;
    enum err e = ERR_MEMORY;

    assert(batch->count >= 1 && batch->count <= KEY_BATCH_MOST);
    if (drafts == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(batch_judge(a, tx, batch, drafts, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(totp_spend(a, tx, batch->account, batch->code, refusal));
    if (!refusal_is(refusal))
        for (size_t i = 0; i < batch->count; i++)
            TRY(key_make(a, tx, who, &drafts[i].row, &grants[i]));
    TRY(store_commit(&tx)); /* a refused code is committed too: it counts */
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
