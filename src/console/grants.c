#include "console/grants.h"

#include "authority/elevation.h"
#include "authority/key_view.h"
#include "authority/session.h"
#include "console/key_form.h"

size_t grant_scopes_read(struct call *c, struct slice scopes[SCOPE_COUNT])
{
    const json_t *list = json_object_get(c->body, "scopes"), *scope;
    size_t i;

    if ((list != NULL && !json_is_array(list)) || json_array_size(list) > SCOPE_COUNT) {
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "scopes", "not-a-list",
                       "\"scopes\" has to be a list of scopes");
        return 0;
    }
    json_array_foreach(list, i, scope) {
        if (!json_is_string(scope))
            refusal_add_at(&c->refusal, REFUSAL_INVALID, "scopes", "not-a-text",
                           "\"scopes\" has to be a list of texts");
        scopes[i] = (struct slice){ json_string_value(scope), json_string_length(scope) };
    }
    return json_array_size(list);
}

static void missing_say(struct call *c)
{
    refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing", "there is no such key");
}

/* After a service: what it says, or the key as it is now. */
static enum err key_replied(struct call *c, const char *id, enum err e)
{
    struct key_view view;

    if (e == OK && refusal_is(&c->refusal))
        return OK;
    if (e == OK)
        e = key_view_get(c->authority, id, &view);
    if (e == ERR_MISSING) {
        missing_say(c);
        return OK;
    }
    if (e == OK)
        c->reply = key_json(&view);
    return e;
}

enum err key_grant_post(struct call *c)
{
    struct slice scopes[SCOPE_COUNT], reason = call_text(c, c->body, "reason");
    uint64_t review, by = c->session == NULL ? 0 : c->session->account;
    size_t count = grant_scopes_read(c, scopes);
    char id[KEY_RANDOM_SIZE];

    if (!key_name_parse(c->value, id))
        missing_say(c);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, id, elevation_grant(c->authority, c->who, by, id, scopes, count, reason,
                                              &review, &c->refusal));
}

enum err key_ungrant_post(struct call *c)
{
    struct slice scopes[SCOPE_COUNT], reason = call_text(c, c->body, "reason");
    size_t count = grant_scopes_read(c, scopes);
    char id[KEY_RANDOM_SIZE];

    if (!key_name_parse(c->value, id))
        missing_say(c);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, id, elevation_withdraw(c->authority, c->who, id, scopes, count, reason,
                                                 &c->refusal));
}
