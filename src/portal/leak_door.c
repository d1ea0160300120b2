#include "portal/leak_door.h"

#include "authority/alert.h"
#include "authority/leak_self.h"
#include "http/server.h"

enum { SECRET_BODY_MOST = 1024 };

static const char *header_get(void *context, const char *name)
{
    return http_request_header(context, name);
}

static struct alert alert_of(struct call *c)
{
    return (struct alert){ .origin = c->value,
                           .header_get = header_get,
                           .context = c->request,
                           .body = http_request_body(c->request) };
}

/* Whoever brings an alert is a program: status and code are for it, the words for its owner. */
static void refuse(struct call *c, enum alert_answer answer)
{
    static const struct {
        unsigned status;
        const char *code, *words;
    } rows[] = {
        [ALERT_ORIGIN_UNKNOWN] = { 404, "origin-unknown", "no such origin is set up here" },
        [ALERT_NOT_AUTHENTIC] = { 401, "not-authentic", "the signature or token is not right" },
        [ALERT_SIGNER_UNKNOWN] = { 503, "signer-unknown",
                                   "the signing key is not in the published list as it is known "
                                   "here: send it again in a minute" },
        [ALERT_MALFORMED] = { 400, "alert-malformed", "the body has to be a list of objects" },
        [ALERT_TOO_MANY] = { 413, "alert-large", "an alert has at most 100000 entries" },
    };

    c->status = rows[answer].status;
    c->reply = json_pack("{s:{s:s, s:s, s:[{s:s, s:s}]}}", "error", "code", rows[answer].code,
                         "message", rows[answer].words, "reasons", "code", rows[answer].code,
                         "message", rows[answer].words);
    if (answer == ALERT_SIGNER_UNKNOWN)
        call_header(c, "Retry-After", "60");
}

enum err leak_alert_post(struct call *c)
{
    const struct alert alert = alert_of(c);
    enum alert_answer answer = ALERT_ORIGIN_UNKNOWN;
    enum err e = OK;

    if (c->authority->alerts != NULL)
        TRY(alert_take(c->authority->alerts, &alert, &c->bytes, &answer));
    if (answer != ALERT_TAKEN) {
        refuse(c, answer);
        goto out;
    }
    c->type = "application/json";
    c->status = c->bytes.size == 0 ? 204 : 200;
out:
    return e;
}

enum err leak_alert_types_get(struct call *c)
{
    const struct alert alert = alert_of(c);
    enum alert_answer answer = c->authority->alerts == NULL
                                   ? ALERT_ORIGIN_UNKNOWN
                                   : alert_judge(c->authority->alerts, &alert);

    if (answer != ALERT_TAKEN)
        refuse(c, answer);
    else
        c->reply = json_pack("{s:[s, s]}", "types", "gitleaks_rule_id_latchkey-secret",
                             "gitleaks_rule_id_latchkey-key-id");
    return OK;
}

/* The secret itself as it was copied, or {"secret": …}. */
static struct slice secret_of(struct slice body, json_t **parsed)
{
    const json_t *member;

    while (body.size > 0 && (unsigned char)*body.at <= ' ')
        body = slice_from(body, 1);
    while (body.size > 0 && (unsigned char)body.at[body.size - 1] <= ' ')
        body.size--;
    if (body.size == 0 || *body.at != '{' || body.size > SECRET_BODY_MOST)
        return body;
    *parsed = json_loadb(body.at, body.size, 0, NULL);
    member = json_object_get(*parsed, "secret");
    return (struct slice){ json_string_value(member), json_string_length(member) };
}

enum err revoke_post(struct call *c)
{
    json_t *parsed = NULL;
    struct slice secret = secret_of(http_request_body(c->request), &parsed);
    enum err e = leak_self_revoke(c->authority, secret, c->address, &c->refusal);

    json_decref(parsed);
    if (e == OK && !refusal_is(&c->refusal))
        c->reply = json_pack("{s:s}", "message",
                             "if this was the secret of a key, the key is revoked for good, and "
                             "its owner has a mail about it");
    return e;
}
