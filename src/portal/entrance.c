#include "portal/entrance.h"

#include "authority/login.h"
#include "authority/password_change.h"
#include "authority/signup.h"
#include "keys/secret.h"
#include "portal/call_proof.h"
#include "portal/session_cookie.h"
#include "portal/sessions.h"

static struct visitor visitor_of(const struct call *c)
{
    return (struct visitor){ .address = c->address,
                             .agent = c->agent,
                             .device = device_cookie(c->request),
                             .session = c->session == NULL ? SLICE_EMPTY
                                                           : slice_of(c->session->id) };
}

/* SESSION and its cookie, and the device's where it is a new one. */
static enum err login_reply(struct call *c, struct login *login)
{
    if (login->device[0] != '\0')
        device_cookie_set(c, login->device);
    return session_reply(c, login->token);
}

enum err signup_post(struct call *c)
{
    const struct visitor visitor = visitor_of(c);
    const struct account_application ask = {
        .email = call_text(c, c->body, "email"),
        .password = call_text(c, c->body, "password"),
        .kind = call_text(c, c->body, "kind"),
        .jurisdiction = call_text(c, c->body, "jurisdiction"),
        .name = call_text(c, c->body, "name"),
    };

    if (refusal_is(&c->refusal))
        return OK;
    c->status = 202;
    c->reply = json_object();
    return signup_ask(c->authority, &visitor, &ask, &c->refusal);
}

enum err link_email_post(struct call *c)
{
    char email[ACCOUNT_EMAIL_SIZE] = "";
    enum err e = signup_confirm(c->authority, call_text(c, c->body, "token"), email, &c->refusal);

    c->reply = json_pack("{s:s}", "email", email);
    return e;
}

enum err login_post(struct call *c)
{
    const struct visitor visitor = visitor_of(c);
    struct slice email = call_text(c, c->body, "email");
    struct slice password = call_text(c, c->body, "password");
    struct login login = { 0 };
    enum err e = OK;

    if (refusal_is(&c->refusal))
        goto out;
    TRY(login_begin(c->authority, &visitor, email, password, &login, &c->refusal));
    if (!refusal_is(&c->refusal))
        e = login_reply(c, &login);
out:
    secret_wipe_bytes(&login, sizeof login);
    return e;
}

enum err login_factor_post(struct call *c)
{
    const struct visitor visitor = visitor_of(c);
    uint8_t operation[OPERATION_SIZE];
    struct login login = { 0 };
    struct proof proof;
    enum err e;

    TRY(call_proof(c, &proof, operation));
    if (!c->session->needs_factor)
        refusal_add(&c->refusal, REFUSAL_CLASH, "factor-given",
                    "this session needs no second factor, or has given it");
    if (refusal_is(&c->refusal))
        goto out;
    TRY(login_finish(c->authority, &visitor, c->session, operation, &proof, &login, &c->refusal));
    if (!refusal_is(&c->refusal))
        e = login_reply(c, &login);
out:
    secret_wipe_bytes(&login, sizeof login);
    return e;
}

enum err password_forgot_post(struct call *c)
{
    const struct visitor visitor = visitor_of(c);
    struct slice email = call_text(c, c->body, "email");

    if (refusal_is(&c->refusal))
        return OK;
    c->status = 202;
    c->reply = json_object();
    return password_forgot(c->authority, &visitor, email, &c->refusal);
}

enum err link_password_post(struct call *c)
{
    const struct visitor visitor = visitor_of(c);
    struct slice token = call_text(c, c->body, "token");
    struct slice password = call_text(c, c->body, "password");
    struct login login = { 0 };
    enum err e = OK;

    if (refusal_is(&c->refusal))
        goto out;
    c->reply = json_object();
    TRY(password_reset(c->authority, &visitor, token, password, &login, &c->refusal));
    if (!refusal_is(&c->refusal) && login.device[0] != '\0')
        device_cookie_set(c, login.device);
out:
    secret_wipe_bytes(&login, sizeof login);
    return e;
}

enum err password_post(struct call *c)
{
    const struct visitor visitor = visitor_of(c);
    uint8_t operation[OPERATION_SIZE];
    struct proof proof;
    const struct password_change change = {
        .current = call_text(c, c->body, "current"),
        .password = call_text(c, c->body, "password"),
        .proof = &proof,
        .operation = operation,
    };
    enum err e;

    TRY(call_proof(c, &proof, operation));
    if (refusal_is(&c->refusal))
        goto out;
    c->reply = json_object();
    e = password_change(c->authority, &visitor, c->session, &change, &c->refusal);
out:
    return e;
}
