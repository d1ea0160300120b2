#include "console/totp.h"

#include "authority/totp.h"
#include "console/accounts.h"
#include "keys/secret.h"

enum err totp_post(struct call *c)
{
    struct totp_grant grant = { .secret = "" };
    uint64_t account;
    enum err e;

    TRY(call_account(c, c->value, &account));
    TRY(totp_enrol(c->authority, c->who, account, &grant, &c->refusal));
    if (!refusal_is(&c->refusal))
        c->reply = json_pack("{s:s, s:s}", "secret", grant.secret, "uri", grant.uri);
out:
    secret_wipe_bytes(&grant, sizeof grant);
    return e;
}

enum err totp_confirm_post(struct call *c)
{
    struct slice code = call_text(c, c->body, "code");
    uint64_t account;
    enum err e;

    TRY(call_account(c, c->value, &account));
    if (!refusal_is(&c->refusal))
        TRY(totp_confirm(c->authority, c->who, account, code, &c->refusal));
    e = account_reply(c, account);
out:
    return e;
}
