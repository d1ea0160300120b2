#include "portal/sessions.h"

#include "authority/account.h"
#include "authority/session.h"
#include "authority/settings.h"
#include "keys/secret.h"
#include "portal/session_cookie.h"

static json_t *text_or_null(const char *text)
{
    return *text == '\0' ? json_null() : json_string(text);
}

static json_t *account_part(const struct store_account *account)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "id", (json_int_t)account->id, "email",
                     account->email, "kind", account_kind_text(account->kind), "role",
                     account_role_text(account->role), "name", account->name, "jurisdiction",
                     account->jurisdiction);
}

static json_t *factors_part(const struct factors *factors)
{
    return json_pack("{s:s, s:I, s:I}", "totp", totp_state_text(factors->totp), "passkeys",
                     (json_int_t)factors->passkeys, "recovery_codes",
                     (json_int_t)factors->recovery_codes);
}

static enum err session_show(struct call *c, const struct session *s)
{
    struct account_view view;
    enum err e = account_view_get(c->authority, s->account, &view);

    if (e != OK)
        return e;
    c->reply = json_pack(
        "{s:s, s:s, s:b, s:s, s:o, s:I, s:s, s:o, s:o, s:o}", "id", s->id, "level",
        s->level == SESSION_FULL ? "full" : "password", "needs_factor", (int)s->needs_factor,
        "csrf", s->csrf, "expires_at", moment_json(s->expires_at_ns), "idle_min",
        (json_int_t)c->authority->settings->session_idle_min, "address", s->address, "country",
        text_or_null(s->country), "account", account_part(&view.account), "factors",
        factors_part(&view.factors));
    secret_wipe_bytes(view.account.password, sizeof view.account.password);
    return OK;
}

enum err session_reply(struct call *c, char *token)
{
    struct session session;
    enum err e;

    TRY(session_find(c->authority, slice_of(token), &session));
    session_cookie_set(c, token);
    e = session_show(c, &session);
out:
    secret_wipe_bytes(token, SESSION_TOKEN_SIZE);
    secret_wipe_bytes(&session, sizeof session);
    return e;
}

enum err session_get(struct call *c)
{
    return session_show(c, c->session);
}

enum err logout_post(struct call *c)
{
    enum err e = session_end(c->authority, c->who, c->session->account, slice_of(c->session->id),
                             &c->refusal);

    session_cookie_end(c);
    c->reply = json_object();
    return e;
}

struct listing {
    json_t *list;
    const char *current;
};

static bool listed(void *context, const struct session *s)
{
    const struct listing *listing = context;

    return json_array_append_new(
               listing->list,
               json_pack("{s:s, s:b, s:s, s:o, s:o, s:s, s:o, s:s}", "id", s->id, "current",
                         (int)(strcmp(s->id, listing->current) == 0), "level",
                         s->level == SESSION_FULL ? "full" : "password", "created_at",
                         moment_json(s->made_at_ns), "used_at", moment_json(s->used_at_ns),
                         "address", s->address, "country", text_or_null(s->country), "agent",
                         s->agent)) == 0;
}

enum err sessions_get(struct call *c)
{
    struct listing listing = { json_array(), c->session->id };
    enum err e = sessions_each(c->authority, c->session->account, listed, &listing);

    c->reply = json_pack("{s:o}", "sessions", listing.list);
    return e;
}

enum err sessions_end_others_post(struct call *c)
{
    uint64_t count = 0;
    enum err e = sessions_end_others(c->authority, c->who, c->session->account, c->session->id,
                                     &count);

    c->reply = json_pack("{s:I}", "ended", (json_int_t)count);
    return e;
}

enum err session_end_post(struct call *c)
{
    c->reply = json_object();
    return session_end(c->authority, c->who, c->session->account, c->value, &c->refusal);
}
