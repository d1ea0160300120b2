#include "portal/approval.h"

#include "authority/approval.h"
#include "keys/environment.h"
#include "keys/scope.h"

static json_t *words_json(const char *words)
{
    json_t *list = json_array();

    while (*words != '\0') {
        size_t size = strcspn(words, " ");

        json_array_append_new(list, json_stringn(words, size));
        words += size + (words[size] == ' ');
    }
    return list;
}

enum err link_approval_view_post(struct call *c)
{
    struct slice token = call_text(c, c->body, "token");
    char scopes[SCOPES_TEXT_SIZE];
    struct approval_view view;
    enum err e = OK;

    if (refusal_is(&c->refusal))
        goto out;
    TRY(approval_view_get(c->authority, token, &view, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    scopes_format(view.key.scopes | view.key.scopes_waiting, scopes);
    c->reply = json_pack(
        "{s:{s:s, s:s, s:o, s:o, s:o, s:s}, s:{s:s, s:s}, s:s, s:i, s:i, s:i, s:i}", "key",
        "label", view.key.label, "environment", environment_text(view.key.environment), "scopes",
        words_json(scopes), "ip_rules", words_json(view.key.ip_rules), "created_at",
        moment_json(view.key.created_at_ns), "created_from", view.key.created_from, "account",
        "name", view.account.name, "email", view.account.email, "signatory", view.signatory.name,
        "needed", (int)view.needed, "listed", (int)view.listed, "accepted", (int)view.accepted,
        "rejected", (int)view.rejected);
out:
    return e;
}

enum err link_approval_post(struct call *c)
{
    struct slice token = call_text(c, c->body, "token");
    struct slice decision = call_text(c, c->body, "decision");
    bool accepts = slice_is(decision, SLICE("approve"));
    enum err e = OK;

    if (!accepts && !slice_is(decision, SLICE("reject")))
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "decision", "decision-unknown",
                       "the decision is approve or reject");
    if (refusal_is(&c->refusal))
        goto out;
    TRY(approval_decide(c->authority, token, accepts, &c->refusal));
    c->reply = json_object();
out:
    return e;
}
