#include "authority/key_make.h"

#include <assert.h>
#include <jansson.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

#include "authority/account.h"
#include "authority/change.h"
#include "authority/vault.h"
#include "keys/scope.h"

static_assert(SECRET_TEXT_SIZE + VAULT_OVERHEAD <= STORE_KEY_SEALED_MOST, "the row holds the seal");

/* A1, A2, A3, A4: what the account lacks. */
static void view_judge(const struct account_view *view, struct refusal *refusal)
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

enum err key_account_judge(struct store_tx *tx, uint64_t account, struct refusal *refusal)
{
    struct account_view view;
    enum err e;

    TRY(account_view_read(tx, account, &view));
    view_judge(&view, refusal);
out:
    sodium_memzero(&view, sizeof view);
    return e;
}

static json_t *key_json(const struct store_key *row)
{
    char scopes[SCOPES_TEXT_SIZE], waiting[SCOPES_TEXT_SIZE];

    scopes_format(row->scopes, scopes);
    scopes_format(row->scopes_waiting, waiting);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s%}", "environment",
                     environment_text(row->environment), "label", row->label, "scopes", scopes,
                     "scopes_waiting", waiting, "ip_rules", row->ip_rules, "replaces",
                     row->replaces, row->replaces[0] == '\0' ? 0 : sizeof row->replaces);
}

enum err key_make(struct authority *a, struct store_tx *tx, const char *who,
                  struct store_key *row, struct key_grant *grant)
{
    char id[KEY_ID_TEXT_SIZE];
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
    TRY(store_key_insert(tx, row));
    TRY(change_write(tx, (struct change){ .who = who, .what = "key issued",
                                          .account = row->account, .key = row->id,
                                          .environment = row->environment,
                                          .at_ns = row->created_at_ns,
                                          .after = key_json(row) }));
out:
    return e;
}
