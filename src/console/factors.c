#include "console/factors.h"

#include <stdlib.h>

#include "authority/factor.h"
#include "authority/lost_factor.h"
#include "console/accounts.h"

json_t *passkey_json(const struct store_passkey *passkey)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:b}", "id", passkey->id, "name", passkey->name,
                     "created_at", moment_json(passkey->created_at_ns), "last_used_at",
                     moment_json(passkey->last_used_at_ns), "suspicious",
                     passkey->suspicious_at_ns != 0);
}

enum err factors_json(struct authority *a, uint64_t account, json_t **json)
{
    struct factor_view *view = calloc(1, sizeof *view);
    json_t *passkeys = json_array();
    enum err e = ERR_MEMORY;

    if (view == NULL || passkeys == NULL)
        goto out;
    TRY(factor_view_get(a, account, view));
    for (size_t i = 0; i < view->passkey_count; i++)
        json_array_append_new(passkeys, passkey_json(&view->passkeys[i]));
    *json = json_pack("{s:{s:s, s:o}, s:O, s:I}", "totp", "state", totp_state_text(view->totp),
                      "enrolled_at", moment_json(view->totp_enrolled_at_ns), "passkeys", passkeys,
                      "recovery_codes", (json_int_t)view->recovery_codes);
    if (*json == NULL)
        e = ERR_MEMORY;
out:
    json_decref(passkeys);
    free(view);
    return e;
}

enum err account_factors_get(struct call *c)
{
    uint64_t account;
    enum err e;

    TRY(call_account(c, c->value, &account));
    e = factors_json(c->authority, account, &c->reply);
out:
    return e;
}

enum err account_factor_remove_post(struct call *c)
{
    struct lost_factor lost = { .who = c->who, .factor = c->second,
                                .reason = call_text(c, c->body, "reason") };
    enum err e;

    TRY(call_account(c, c->value, &lost.account));
    if (!refusal_is(&c->refusal))
        TRY(lost_factor_remove(c->authority, &lost, &c->refusal));
    e = account_reply(c, lost.account);
    if (e == OK)
        e = proposal_reply(c, REVIEW_FACTOR, lost.account);
out:
    return e;
}
