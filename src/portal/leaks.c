#include "portal/leaks.h"

#include "authority/key_view.h"
#include "authority/session.h"
#include "console/leak_objects.h"
#include "console/leaks.h"
#include "portal/call_proof.h"

static enum err leak_add(struct call *c, const char *key, enum leak_kind kind, json_t *list)
{
    json_t *leak = NULL;
    uint64_t id;
    bool present;
    enum err e;

    TRY(leak_of_key_find(c->authority, key, kind, &id, &present));
    if (!present)
        goto out;
    TRY(leak_json(c->authority, id, false, &leak));
    json_array_append_new(list, leak);
out:
    return e;
}

enum err own_key_leaks_get(struct call *c)
{
    json_t *list = json_array();
    char id[KEY_RANDOM_SIZE];
    struct key_view view;
    enum err e = ERR_MISSING;

    if (key_name_parse(c->value, id))
        e = key_view_get(c->authority, id, &view);
    if (e == OK && view.key.account != c->session->account)
        e = ERR_MISSING;
    if (e == ERR_MISSING)
        refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing", "the account has no such key");
    TRY(e);
    TRY(leak_add(c, id, LEAK_SECRET, list));
    TRY(leak_add(c, id, LEAK_KEY_ID, list));
    c->reply = json_pack("{s:O}", "leaks", list);
out:
    json_decref(list);
    return e;
}

enum err operator_leak_object_post(struct call *c)
{
    struct leak_object_reader reader = { .who = c->who,
                                         .account = c->session->account,
                                         .session = c->session->id };
    enum err e;

    TRY(call_proof(c, &reader.proof, reader.operation));
    if (!refusal_is(&c->refusal))
        e = leak_object_reply(c, &reader);
out:
    return e;
}
