#include "portal/factors.h"

#include <stdio.h>

#include "authority/factor.h"
#include "authority/session.h"
#include "console/factors.h"
#include "keys/secret.h"
#include "portal/call_proof.h"
#include "portal/qr_svg.h"
#include "portal/sessions.h"

/* Who asks, as the service wants it; `address` is the caller's storage. */
static enum err factor_call_read(struct call *c, char address[SESSION_ADDRESS_SIZE],
                                 struct factor_call *call)
{
    snprintf(address, SESSION_ADDRESS_SIZE, "%.*s", (int)c->address.size,
             c->address.size == 0 ? "" : c->address.at);
    *call = (struct factor_call){ .who = c->who, .account = c->session->account,
                                  .session = c->session->id, .address = address };
    return call_proof(c, &call->proof, call->operation);
}

static json_t *codes_json(const struct recovery_codes *codes)
{
    json_t *list = json_array();

    for (size_t i = 0; i < codes->count; i++)
        json_array_append_new(list, json_string(codes->text[i]));
    return list;
}

enum err factors_get(struct call *c)
{
    return factors_json(c->authority, c->session->account, &c->reply);
}

enum err factors_totp_post(struct call *c)
{
    char address[SESSION_ADDRESS_SIZE];
    struct totp_grant grant = { .secret = "" };
    struct factor_call call;
    struct buffer svg;
    enum err e;

    buffer_init(&svg);
    TRY(factor_call_read(c, address, &call));
    if (!refusal_is(&c->refusal))
        TRY(factor_totp_draw(c->authority, &call, &grant, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    TRY(qr_svg_format(grant.uri, &svg));
    c->reply = json_pack("{s:s, s:s, s:s}", "secret", grant.secret, "uri", grant.uri, "qr_svg",
                         svg.at);
out:
    if (svg.at != NULL)
        secret_wipe_bytes(svg.at, svg.size);
    buffer_wipe(&svg);
    secret_wipe_bytes(&grant, sizeof grant);
    return e;
}

/* Adds to the reply what the first factor brings: the codes, and the session that has risen, whose
 * cookie and CSRF value are new. */
static enum err gain_reply(struct call *c, struct factor_gain *gain)
{
    json_t *reply = c->reply;
    enum err e;

    if (!gain->first)
        return OK;
    c->reply = NULL;
    json_object_set_new(reply, "recovery_codes", codes_json(&gain->codes));
    e = session_reply(c, gain->token);
    if (e == ERR_CONFLICT)
        e = ERR_STORE; /* the factor is added: never run this again */
    json_object_set_new(reply, "session", c->reply);
    c->reply = reply;
    return e;
}

enum err factors_totp_confirm_post(struct call *c)
{
    struct slice code = call_text(c, c->body, "code");
    char address[SESSION_ADDRESS_SIZE];
    struct factor_gain gain = { .first = false };
    struct factor_call call;
    enum err e;

    TRY(factor_call_read(c, address, &call));
    if (!refusal_is(&c->refusal))
        TRY(factor_totp_confirm(c->authority, &call, code, &gain, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    c->reply = json_object();
    e = gain_reply(c, &gain);
out:
    secret_wipe_bytes(&gain, sizeof gain);
    return e;
}

enum err factors_totp_remove_post(struct call *c)
{
    char address[SESSION_ADDRESS_SIZE];
    struct factor_call call;
    enum err e;

    TRY(factor_call_read(c, address, &call));
    if (!refusal_is(&c->refusal))
        TRY(factor_totp_remove(c->authority, &call, &c->refusal));
    c->reply = json_object();
out:
    return e;
}

enum err factors_passkey_options_post(struct call *c)
{
    char address[SESSION_ADDRESS_SIZE];
    struct factor_call call;
    json_t *options = NULL;
    enum err e;

    TRY(factor_call_read(c, address, &call));
    if (!refusal_is(&c->refusal))
        TRY(factor_passkey_offer(c->authority, &call, &options, &c->refusal));
    if (options != NULL)
        c->reply = json_pack("{s:o}", "publicKey", options);
out:
    return e;
}

enum err factors_passkeys_post(struct call *c)
{
    struct slice name = call_text(c, c->body, "name");
    char address[SESSION_ADDRESS_SIZE];
    struct factor_gain gain = { .first = false };
    struct store_passkey passkey;
    struct factor_call call;
    enum err e;

    TRY(factor_call_read(c, address, &call));
    if (!refusal_is(&c->refusal))
        TRY(factor_passkey_add(c->authority, &call, name, json_object_get(c->body, "attestation"),
                               &passkey, &gain, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    c->status = 201;
    c->reply = json_pack("{s:o}", "passkey", passkey_json(&passkey));
    e = gain_reply(c, &gain);
out:
    secret_wipe_bytes(&gain, sizeof gain);
    return e;
}

enum err factors_passkey_remove_post(struct call *c)
{
    char address[SESSION_ADDRESS_SIZE];
    struct factor_call call;
    enum err e;

    TRY(factor_call_read(c, address, &call));
    if (!refusal_is(&c->refusal))
        TRY(factor_passkey_remove(c->authority, &call, c->value, &c->refusal));
    c->reply = json_object();
out:
    return e;
}

enum err factors_recovery_codes_post(struct call *c)
{
    struct recovery_codes codes = { .count = 0 };
    char address[SESSION_ADDRESS_SIZE];
    struct factor_call call;
    enum err e;

    TRY(factor_call_read(c, address, &call));
    if (!refusal_is(&c->refusal))
        TRY(factor_recovery_draw(c->authority, &call, &codes, &c->refusal));
    if (!refusal_is(&c->refusal))
        c->reply = json_pack("{s:o}", "recovery_codes", codes_json(&codes));
out:
    secret_wipe_bytes(&codes, sizeof codes);
    return e;
}

enum err challenges_post(struct call *c)
{
    struct slice method = call_text(c, c->body, "method"), path = call_text(c, c->body, "path");
    const json_t *body = json_object_get(c->body, "body");
    json_t *nothing = json_object(), *options = NULL;
    struct factor_call call = { .who = c->who, .account = c->session->account,
                                .session = c->session->id };
    enum err e = OK;

    if (!slice_is(method, SLICE("POST")) || path.size == 0 || path.at[0] != '/' ||
        (body != NULL && !json_is_object(body)))
        refusal_add(&c->refusal, REFUSAL_INVALID, "operation-malformed",
                    "say what is to be confirmed: \"method\" POST, \"path\" and \"body\"");
    else if (c->session->needs_factor && !slice_is(path, SLICE("/login/factor")))
        refusal_add(&c->refusal, REFUSAL_RULE, "factor-owed",
                    "log in with the second factor first");
    if (refusal_is(&c->refusal))
        goto out;
    TRY(operation_hash("POST", path, body == NULL ? nothing : body, call.operation));
    TRY(factor_challenge(c->authority, &call, &options, &c->refusal));
    if (options != NULL)
        c->reply = json_pack("{s:o}", "publicKey", options);
out:
    json_decref(nothing);
    return e;
}
