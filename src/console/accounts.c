#include "console/accounts.h"

#include <stdlib.h>

#include "authority/account.h"
#include "authority/proposal.h"
#include "http/server.h"

enum { PAGE_MOST = 500 };

static json_t *flag_json(const struct store_flag *flag)
{
    if (flag->kind == FLAG_NONE)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:o}", "kind", flag_kind_text(flag->kind), "keys",
                     flag_keys_text(flag->keys), "reason", flag->reason, "raised_at",
                     moment_json(flag->raised_at_ns));
}

json_t *account_json(const struct account_view *view)
{
    json_t *steps = json_array(), *missing = json_array();
    enum step step;

    for (unsigned i = 0; (step = step_at(i)) != 0; i++) {
        if (!step_is_owed(step, view->account.kind))
            continue;
        json_array_append_new(steps, json_pack("{s:s, s:s}", "step", step_text(step), "state",
                                               step_state_text(view->steps[step])));
        if (view->steps[step] != STEP_ACCEPTED)
            json_array_append_new(missing, json_string(step_text(step)));
    }
    return json_pack(
        "{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:I, s:s, s:s, s:o}", "id",
        (json_int_t)view->account.id, "email", view->account.email, "kind",
        account_kind_text(view->account.kind), "jurisdiction", view->account.jurisdiction,
        "created_at", moment_json(view->account.created_at_ns), "steps", steps, "missing", missing,
        "totp", totp_state_text(view->factors.totp), "flag", flag_json(&view->flag), "keys",
        (json_int_t)view->key_count, "role", account_role_text(view->account.role), "name",
        view->account.name, "email_confirmed", moment_json(view->account.email_confirmed_at_ns));
}

enum err account_reply(struct call *c, uint64_t account)
{
    struct account_view view;
    enum err e = account_view_get(c->authority, account, &view);

    if (e == OK)
        c->reply = account_json(&view);
    return e;
}

enum err proposal_reply(struct call *c, enum review_kind kind, uint64_t account)
{
    uint64_t review;
    enum err e = proposal_waiting_get(c->authority, kind, account, &review);

    if (e == OK)
        json_object_set_new(c->reply, "waiting",
                            review == 0 ? json_null() : json_integer((json_int_t)review));
    return e;
}

enum err accounts_post(struct call *c)
{
    struct account_application ask = {
        .email = call_text(c, c->body, "email"),
        .kind = call_text(c, c->body, "kind"),
        .jurisdiction = call_text(c, c->body, "jurisdiction"),
        .password = call_text(c, c->body, "password"),
        .name = call_text(c, c->body, "name"),
        .role = call_text(c, c->body, "role"),
    };
    uint64_t account;
    enum err e = OK;

    if (!refusal_is(&c->refusal))
        TRY(account_open(c->authority, c->who, &ask, &account, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    c->status = 201;
    e = account_reply(c, account);
out:
    return e;
}

enum err accounts_get(struct call *c)
{
    struct account_view *views = calloc(PAGE_MOST, sizeof *views);
    json_t *list = json_array();
    uint64_t after = 0;
    size_t count = 0;
    enum err e = ERR_MEMORY;

    if (views == NULL || list == NULL)
        goto out;
    call_number(c, "after", &after);
    TRY(account_list(c->authority, after, views, PAGE_MOST, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, account_json(&views[i]));
    c->reply = json_pack("{s:O, s:o}", "accounts", list, "next",
                         count == PAGE_MOST ? json_integer((json_int_t)views[count - 1].account.id)
                                            : json_null());
out:
    json_decref(list);
    free(views);
    return e;
}

enum err account_get(struct call *c)
{
    uint64_t account;
    enum err e;

    TRY(call_account(c, c->value, &account));
    e = account_reply(c, account);
out:
    return e;
}

enum err account_verify_post(struct call *c)
{
    struct verification v = {
        .step = call_text(c, c->body, "step"),
        .outcome = call_text(c, c->body, "outcome"),
        .reason = call_text(c, c->body, "reason"),
    };
    uint64_t account;
    enum err e;

    TRY(call_account(c, c->value, &account));
    if (!refusal_is(&c->refusal))
        TRY(account_verify(c->authority, c->who, account, &v, &c->refusal));
    e = account_reply(c, account);
out:
    return e;
}

enum err account_flag_post(struct call *c)
{
    struct flagging f = {
        .kind = call_text(c, c->body, "kind"),
        .keys = call_text(c, c->body, "keys"),
        .reason = call_text(c, c->body, "reason"),
    };
    uint64_t account;
    enum err e;

    TRY(call_account(c, c->value, &account));
    if (!refusal_is(&c->refusal))
        TRY(account_flag(c->authority, c->who, account, &f, &c->refusal));
    TRY(account_reply(c, account));
    e = proposal_reply(c, REVIEW_FLAG, account);
out:
    return e;
}

enum err account_unflag_post(struct call *c)
{
    struct slice reason = call_text(c, c->body, "reason");
    uint64_t account;
    enum err e;

    TRY(call_account(c, c->value, &account));
    if (!refusal_is(&c->refusal))
        TRY(account_unflag(c->authority, c->who, account, reason, &c->refusal));
    TRY(account_reply(c, account));
    e = proposal_reply(c, REVIEW_FLAG, account);
out:
    return e;
}
