#include "console/key_edit.h"

#include "authority/key_change.h"
#include "authority/key_rotate.h"
#include "authority/key_view.h"
#include "authority/leak_lift.h"
#include "console/key_form.h"
#include "keys/secret.h"

static void missing_say(struct call *c)
{
    refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing",
                "there is no such key; latchkey key list shows them");
}

static void asker_read(struct call *c, struct key_asker *asker, char id[KEY_RANDOM_SIZE])
{
    *asker = (struct key_asker){ .who = c->who };
    asker->proof.code = call_text(c, c->body, "totp");
    asker->proof.kind = asker->proof.code.size == 0 ? PROOF_NONE : PROOF_CODE;
    if (!key_name_parse(c->value, id))
        missing_say(c);
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

enum err key_rename_post(struct call *c)
{
    struct slice label = call_text(c, c->body, "label");
    char id[KEY_RANDOM_SIZE];
    struct key_asker asker;

    asker_read(c, &asker, id);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, id, key_rename(c->authority, &asker, id, label, &c->refusal));
}

enum err key_scopes_post(struct call *c)
{
    struct key_wish wish = { .scopes_given = true };
    char id[KEY_RANDOM_SIZE];
    struct key_asker asker;

    asker_read(c, &asker, id);
    key_application_read(c, c->body, &wish.ask);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, id,
                       asker.proof.kind == PROOF_NONE
                           ? key_tighten(c->authority, &asker, id, &wish, &c->refusal)
                           : key_loosen(c->authority, &asker, id, &wish, &c->refusal));
}

enum err key_lift_post(struct call *c)
{
    char id[KEY_RANDOM_SIZE];
    struct key_asker asker;

    asker_read(c, &asker, id);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, id, leak_lift(c->authority, &asker, id, &c->refusal));
}

enum err key_rotate_post(struct call *c)
{
    const json_t *days = json_object_get(c->body, "old_days");
    struct key_grant grant;
    char id[KEY_RANDOM_SIZE];
    struct key_asker asker;
    enum err e;

    asker_read(c, &asker, id);
    if (!json_is_integer(days) || json_integer_value(days) < 0)
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "old_days", "old-days",
                       "\"old_days\" has to be a whole number from 0 to %d", KEY_ROTATE_DAYS_MOST);
    if (refusal_is(&c->refusal))
        return OK;
    e = key_rotate(c->authority, &asker, id, (uint64_t)json_integer_value(days), &grant,
                   &c->refusal);
    if (e != OK || refusal_is(&c->refusal))
        return key_replied(c, id, e);
    e = key_replied(c, grant.id.random, OK);
    if (e == ERR_CONFLICT)
        e = ERR_STORE; /* the key is made: never run this again */
    if (e == OK)
        json_object_set_new(c->reply, "secret",
                            json_stringn((const char *)grant.secret.bytes, grant.secret.size));
    c->status = 201;
    secret_wipe_bytes(&grant, sizeof grant);
    return e;
}
