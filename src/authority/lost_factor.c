#include "authority/lost_factor.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/proof.h"
#include "authority/proposal.h"
#include "authority/settings.h"
#include "store/accounts.h"
#include "store/passkeys.h"
#include "store/recovery.h"
#include "store/sessions.h"
#include "store/totp.h"

/* The factor that the text names.  *present: false when the account has none such; `passkey` is
 * filled unless it is the authenticator app. */
static enum err factor_find(struct store_tx *tx, uint64_t account, struct slice factor,
                            struct store_passkey *passkey, bool *present)
{
    struct store_passkey *passkeys = calloc(STORE_PASSKEYS_MOST, sizeof *passkeys);
    enum totp_state state;
    size_t count = 0;
    enum err e = ERR_MEMORY;

    *present = false;
    if (passkeys == NULL)
        goto out;
    if (slice_is(factor, SLICE("totp"))) {
        TRY(totp_state_get(tx, account, &state));
        *present = state != TOTP_NONE;
        goto out;
    }
    TRY(store_passkeys_list(tx, account, passkeys, &count));
    for (size_t i = 0; i < count && !*present; i++) {
        *present = slice_is(factor, slice_of(passkeys[i].id));
        if (*present)
            *passkey = passkeys[i];
    }
out:
    free(passkeys);
    return e;
}

static enum err removal_tell(struct authority *a, struct store_tx *tx, const char *who,
                             uint64_t account, json_t *what, json_t *before, json_t *after)
{
    enum err e = change_write(tx, (struct change){ .who = who, .what = "lost factor removed",
                                                   .account = account, .at_ns = a->now_ns(),
                                                   .before = before, .after = after });

    if (e != OK) {
        json_decref(what);
        return e;
    }
    return event_write(a, tx,
                       &(struct event){ .kind = EVENT_FACTOR_CHANGED,
                                        .account = account,
                                        .data = json_pack("{s:o}", "what", what) });
}

/* Removes it, with the recovery codes if it was the last one, and ends the sessions. */
static enum err removal_apply(struct authority *a, struct store_tx *tx, const char *who,
                              uint64_t account, struct slice factor, struct slice reason)
{
    static const char by[] = "removed by the venue because it was lost, and all sessions ended";
    struct store_passkey passkey = { .id = "" };
    uint64_t sessions = 0;
    struct factors left;
    bool present;
    json_t *what;
    enum err e;

    TRY(factor_find(tx, account, factor, &passkey, &present));
    if (!present)
        goto out;
    if (passkey.id[0] == '\0')
        TRY(store_totp_delete(tx, account));
    else
        TRY(store_passkey_delete(tx, passkey.id));
    TRY(factors_count(tx, account, &left));
    if (!factors_has(&left))
        TRY(store_recovery_clear(tx, account));
    TRY(store_sessions_delete(tx, account, NULL, &sessions));
    what = passkey.id[0] == '\0' ? json_sprintf("authenticator app %s", by)
                                 : json_sprintf("passkey “%s” %s", passkey.name, by);
    e = removal_tell(a, tx, who, account, what,
                     json_pack("{s:s%, s:s}", "factor", factor.at, factor.size, "name",
                               passkey.name),
                     json_pack("{s:s%, s:I}", "reason", reason.at, reason.size, "sessions_ended",
                               (json_int_t)sessions));
out:
    return e;
}

static struct slice member(const json_t *detail, const char *name)
{
    return slice_of(json_string_value(json_object_get(detail, name)));
}

enum err lost_factor_settle(struct authority *a, struct store_tx *tx, const char *who,
                            const struct store_review *review, bool accepted)
{
    json_t *detail;
    enum err e;

    if (!accepted)
        return OK;
    detail = json_loads(review->detail, 0, NULL);
    e = detail == NULL ? ERR_CORRUPT
                       : removal_apply(a, tx, who, review->account, member(detail, "factor"),
                                       member(detail, "reason"));
    json_decref(detail);
    return e;
}

static enum err removal_judge(struct store_tx *tx, const struct lost_factor *lost,
                              struct store_passkey *passkey, struct refusal *refusal)
{
    struct store_account row;
    bool present;
    enum err e;

    if (lost->reason.size == 0 || lost->reason.size >= REVIEW_REASON_SIZE)
        refusal_add_at(refusal, REFUSAL_INVALID, "reason", "reason-missing",
                       "removing a factor needs a reason of 1 to %d bytes: who asked, and how you "
                       "know that it was the owner",
                       REVIEW_REASON_SIZE - 1);
    proposal_own_judge(lost->who, lost->account, refusal);
    TRY(store_account_get(tx, lost->account, &row));
    sodium_memzero(row.password, sizeof row.password);
    TRY(factor_find(tx, lost->account, lost->factor, passkey, &present));
    if (!present)
        refusal_add(refusal, REFUSAL_MISSING, "factor-missing",
                    "%s has no factor \"%.*s\": it is totp or the id of a passkey", row.email,
                    (int)(lost->factor.size > 40 ? 40 : lost->factor.size),
                    lost->factor.at == NULL ? "" : lost->factor.at);
out:
    return e;
}

enum err lost_factor_remove(struct authority *a, const struct lost_factor *lost,
                            struct refusal *refusal)
{
    struct store_passkey passkey = { .id = "" };
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(removal_judge(tx, lost, &passkey, refusal));
    if (refusal_is(refusal))
        goto out;
    if (a->settings->two_person) {
        store_rollback(&tx);
        return proposal_make(
            a,
            &(struct proposal){
                .who = lost->who,
                .account = lost->account,
                .kind = REVIEW_FACTOR,
                .reason = lost->reason,
                .detail = json_pack("{s:s%, s:s, s:s%}", "factor", lost->factor.at,
                                    lost->factor.size, "name",
                                    passkey.id[0] == '\0' ? "authenticator app" : passkey.name,
                                    "reason", lost->reason.at, lost->reason.size) },
            refusal);
    }
    TRY(removal_apply(a, tx, lost->who, lost->account, lost->factor, lost->reason));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    return e;
}
