#include "authority/factor.h"

#include <stdlib.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/passkey.h"
#include "keys/key_state.h"
#include "store/key_pages.h"
#include "store/recovery.h"
#include "store/totp.h"

/* Spends the proof if the account has anything to prove with. */
static enum err addition_judge(struct authority *a, struct store_tx *tx,
                               const struct factor_call *call, struct refusal *refusal)
{
    struct factors factors;
    enum err e;

    TRY(factors_count(tx, call->account, &factors));
    if (factors_has(&factors))
        e = proof_spend(a, tx, call->account, call->session, call->operation, &call->proof,
                        refusal);
out:
    return e;
}

/* Whether the authenticator or a passkey may go; the proof is spent last, so that none is spent in
 * vain. */
static enum err removal_judge(struct authority *a, struct store_tx *tx,
                              const struct factor_call *call, bool totp, bool passkey,
                              struct refusal *refusal)
{
    const struct store_key_filter usable = { .account = call->account,
                                             .environments = (1u << ENVIRONMENT_COUNT) - 1,
                                             .states = 1u << KEY_ACTIVE | 1u << KEY_SUSPENDED };
    struct factors left;
    uint64_t keys;
    enum err e;

    TRY(factors_count(tx, call->account, &left));
    if (totp)
        left.totp = TOTP_NONE;
    left.passkeys -= passkey;
    TRY(store_key_count(tx, &usable, &keys));
    if (!factors_has(&left) && keys > 0) {
        refusal_add(refusal, REFUSAL_RULE, "factor-last",
                    "this is the account's last second factor, and it has %llu usable keys: add "
                    "another factor first, or revoke the keys",
                    (unsigned long long)keys);
        goto out;
    }
    TRY(proof_spend(a, tx, call->account, call->session, call->operation, &call->proof, refusal));
    if (!refusal_is(refusal) && !factors_has(&left))
        TRY(store_recovery_clear(tx, call->account));
out:
    return e;
}

/* The caller has just added a factor; what it brings if it is the first. */
static enum err gain_take(struct authority *a, struct store_tx *tx, const struct factor_call *call,
                          struct factor_gain *gain)
{
    struct factors factors;
    enum err e;

    TRY(factors_count(tx, call->account, &factors));
    if ((factors.totp == TOTP_ENROLLED) + factors.passkeys != 1 || factors.recovery_codes != 0)
        goto out;
    /* An authenticator that was drawn before needed no proof; whoever drew it could now add it to
     * the owner's first factor. */
    if (factors.totp == TOTP_PENDING)
        TRY(store_totp_delete(tx, call->account));
    TRY(recovery_draw(tx, call->account, &gain->codes));
    TRY(session_raise(a, tx, call->session, gain->token));
    gain->first = true;
out:
    return e;
}

/* The change log's line and the owner's event; `name` of a passkey or "". */
static enum err change_tell(struct authority *a, struct store_tx *tx,
                            const struct factor_call *call, const char *what, const char *id,
                            const char *name)
{
    json_t *words = name[0] == '\0' ? json_pack("{s:s}", "what", what)
                                    : json_pack("{s:s+++}", "what", what, ": “", name, "”");
    enum err e;

    e = change_write(
        tx, (struct change){ .who = call->who,
                             .what = what,
                             .account = call->account,
                             .at_ns = a->now_ns(),
                             .after = id[0] == '\0'
                                          ? NULL
                                          : json_pack("{s:s, s:s}", "passkey", id, "name", name) });
    if (e != OK) {
        json_decref(words);
        return e;
    }
    return event_write(a, tx,
                       &(struct event){ .kind = EVENT_FACTOR_CHANGED,
                                        .account = call->account,
                                        .address = call->address,
                                        .data = words });
}

/* What was asked for is on disk, or the refusal is, which may have counted. */
static enum err finished(struct authority *a, struct store_tx **tx)
{
    enum err e = store_commit(tx);

    if (e == OK)
        courier_wake(a->courier);
    return e;
}

enum err factor_view_get(struct authority *a, uint64_t account, struct factor_view *view)
{
    struct store_tx *tx = NULL;
    struct store_totp totp;
    bool present;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_totp_find(tx, account, &totp, &present));
    view->totp_enrolled_at_ns = totp.enrolled_at_ns;
    view->totp = !present ? TOTP_NONE : totp.enrolled_at_ns == 0 ? TOTP_PENDING : TOTP_ENROLLED;
    TRY(store_recovery_count(tx, account, &view->recovery_codes));
    TRY(store_passkeys_list(tx, account, view->passkeys, &view->passkey_count));
out:
    store_rollback(&tx);
    return e;
}

enum err factor_totp_draw(struct authority *a, const struct factor_call *call,
                          struct totp_grant *grant, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum totp_state state;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(totp_state_get(tx, call->account, &state));
    if (state != TOTP_ENROLLED) /* else totp_draw refuses, and no proof is spent in vain */
        TRY(addition_judge(a, tx, call, refusal));
    if (!refusal_is(refusal))
        TRY(totp_draw(a, tx, call->who, call->account, grant, refusal));
    TRY(finished(a, &tx));
out:
    store_rollback(&tx);
    return e;
}

enum err factor_totp_confirm(struct authority *a, const struct factor_call *call, struct slice code,
                             struct factor_gain *gain, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    gain->first = false;
    TRY(store_begin(a->store, &tx));
    TRY(totp_accept(a, tx, call->who, call->account, code, refusal));
    if (!refusal_is(refusal)) {
        TRY(gain_take(a, tx, call, gain));
        TRY(event_write(
            a, tx,
            &(struct event){ .kind = EVENT_FACTOR_CHANGED,
                             .account = call->account,
                             .address = call->address,
                             .data = json_pack("{s:s}", "what", "authenticator app added") }));
    }
    TRY(finished(a, &tx));
out:
    store_rollback(&tx);
    return e;
}

enum err factor_totp_remove(struct authority *a, const struct factor_call *call,
                            struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum totp_state state;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(totp_state_get(tx, call->account, &state));
    if (state == TOTP_NONE) {
        refusal_add(refusal, REFUSAL_MISSING, "totp-none", "the account has no authenticator");
        goto out;
    }
    TRY(removal_judge(a, tx, call, true, false, refusal));
    if (!refusal_is(refusal)) {
        TRY(store_totp_delete(tx, call->account));
        TRY(change_tell(a, tx, call, "authenticator app removed", "", ""));
    }
    TRY(finished(a, &tx));
out:
    store_rollback(&tx);
    return e;
}

enum err factor_passkey_offer(struct authority *a, const struct factor_call *call, json_t **options,
                              struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    *options = NULL;
    TRY(store_begin(a->store, &tx));
    TRY(addition_judge(a, tx, call, refusal));
    if (!refusal_is(refusal))
        TRY(passkey_offer(a, tx, call->account, call->session, options, refusal));
    TRY(finished(a, &tx));
out:
    store_rollback(&tx);
    if (e != OK) {
        json_decref(*options);
        *options = NULL;
    }
    return e;
}

enum err factor_passkey_add(struct authority *a, const struct factor_call *call, struct slice name,
                            const json_t *registration, struct store_passkey *passkey,
                            struct factor_gain *gain, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    gain->first = false;
    TRY(store_begin(a->store, &tx));
    TRY(passkey_register(a, tx, call->account, call->session, name, registration, passkey,
                         refusal));
    if (!refusal_is(refusal)) {
        TRY(gain_take(a, tx, call, gain));
        TRY(change_tell(a, tx, call, "passkey added", passkey->id, passkey->name));
    }
    TRY(finished(a, &tx));
out:
    store_rollback(&tx);
    return e;
}

/* Index of the passkey with the id, or the count. */
static size_t passkey_index(const struct factor_view *view, struct slice id)
{
    size_t index = 0;

    while (index < view->passkey_count && !slice_is(slice_of(view->passkeys[index].id), id))
        index++;
    return index;
}

enum err factor_passkey_remove(struct authority *a, const struct factor_call *call, struct slice id,
                               struct refusal *refusal)
{
    struct factor_view *view = calloc(1, sizeof *view);
    struct store_passkey *passkey;
    struct store_tx *tx = NULL;
    enum err e = ERR_MEMORY;
    size_t index;

    if (view == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(store_passkeys_list(tx, call->account, view->passkeys, &view->passkey_count));
    index = passkey_index(view, id);
    if (index == view->passkey_count) {
        refusal_add(refusal, REFUSAL_MISSING, "passkey-missing", "the account has no passkey %.*s",
                    (int)(id.size > 40 ? 40 : id.size), id.at);
        goto out;
    }
    passkey = &view->passkeys[index];
    TRY(removal_judge(a, tx, call, false, passkey->suspicious_at_ns == 0, refusal));
    if (!refusal_is(refusal)) {
        TRY(store_passkey_delete(tx, passkey->id));
        TRY(change_tell(a, tx, call, "passkey removed", passkey->id, passkey->name));
    }
    TRY(finished(a, &tx));
out:
    store_rollback(&tx);
    free(view);
    return e;
}

enum err factor_recovery_draw(struct authority *a, const struct factor_call *call,
                              struct recovery_codes *codes, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    codes->count = 0;
    TRY(store_begin(a->store, &tx));
    TRY(proof_spend(a, tx, call->account, call->session, call->operation, &call->proof, refusal));
    if (!refusal_is(refusal)) {
        TRY(recovery_draw(tx, call->account, codes));
        TRY(change_tell(a, tx, call, "recovery codes drawn, the old ones are void", "", ""));
    }
    TRY(finished(a, &tx));
out:
    store_rollback(&tx);
    return e;
}

enum err factor_challenge(struct authority *a, const struct factor_call *call, json_t **options,
                          struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    *options = NULL;
    TRY(store_begin(a->store, &tx));
    TRY(passkey_ask(a, tx, call->account, call->session, call->operation, options, refusal));
    TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    if (e != OK) {
        json_decref(*options);
        *options = NULL;
    }
    return e;
}
