#include "portal/operator_keys.h"

#include "authority/elevation.h"
#include "authority/key_life.h"
#include "authority/key_search.h"
#include "authority/session.h"
#include "console/grants.h"
#include "console/key_form.h"
#include "http/server.h"
#include "portal/call_proof.h"

enum { PAGE_MOST = 50 };

static bool list_add(void *context, const struct key_view *view)
{
    return json_array_append_new(context, key_json(view)) == 0;
}

/* Of one account, or those whose id begins with the text. */
enum err operator_keys_get(struct call *c)
{
    const char *text = http_request_query(c->request, "search");
    const char *before = http_request_query(c->request, "before");
    struct key_search search = { .filter = { .environments = ~0u, .states = ~0u },
                                 .text = slice_of(text == NULL ? "" : text),
                                 .limit = PAGE_MOST };
    struct key_search_page page = { .total = 0 };
    char from[KEY_RANDOM_SIZE];
    json_t *list = json_array();
    enum err e = OK;

    call_number(c, "account", &search.filter.account);
    if (before != NULL && *before != '\0') {
        if (key_name_parse(slice_of(before), from))
            search.before = from;
        else
            refusal_add_at(&c->refusal, REFUSAL_INVALID, "before", "key-malformed",
                           "\"before\" is the member \"next\" of the page before");
    }
    if (search.filter.account == 0 && search.text.size == 0)
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "search", "search-missing",
                       "say whose keys, or the beginning of a key's id");
    if (refusal_is(&c->refusal))
        goto out;
    TRY(key_search(c->authority, &search, list_add, list, &page));
    c->reply = json_pack("{s:O, s:o, s:I, s:b}", "keys", list, "next",
                         page.next[0] == '\0' ? json_null()
                                              : json_stringn(page.next, sizeof page.next),
                         "total", (json_int_t)page.total, "total_is_least", page.total_is_least);
out:
    json_decref(list);
    return e;
}

/* False: refused. */
static bool id_read(struct call *c, char id[KEY_RANDOM_SIZE])
{
    if (key_name_parse(c->value, id))
        return true;
    refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing", "there is no such key");
    return false;
}

/* After a service: what it says, or the key as it is now. */
static enum err key_replied(struct call *c, const char *id, enum err e)
{
    struct key_view view;

    if (e == OK && refusal_is(&c->refusal))
        return OK;
    if (e == OK)
        e = key_view_get(c->authority, id, &view);
    if (e == OK)
        c->reply = key_json(&view);
    if (e != ERR_MISSING)
        return e;
    refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing", "there is no such key");
    return OK;
}

enum err operator_key_get(struct call *c)
{
    char id[KEY_RANDOM_SIZE];

    return id_read(c, id) ? key_replied(c, id, OK) : OK;
}

enum err operator_key_revoke_post(struct call *c)
{
    struct slice reason = call_text(c, c->body, "reason");
    char id[KEY_RANDOM_SIZE];

    if (!id_read(c, id) || refusal_is(&c->refusal))
        return OK;
    return key_replied(c, id, key_revoke(c->authority, c->who, id, reason, &c->refusal));
}

enum err own_key_elevate_post(struct call *c)
{
    uint8_t operation[OPERATION_SIZE];
    char id[KEY_RANDOM_SIZE];
    struct proof proof;
    struct elevation_ask ask = { .account = c->session->account, .session = c->session->id,
                                 .key = id, .reason = call_text(c, c->body, "reason"),
                                 .operation = operation, .proof = &proof };
    uint64_t review = 0;
    enum err e;

    ask.scope_count = grant_scopes_read(c, ask.scopes);
    TRY(call_proof(c, &proof, operation));
    if (!id_read(c, id) || refusal_is(&c->refusal))
        goto out;
    e = elevation_ask(c->authority, c->who, &ask, &review, &c->refusal);
    if (e == ERR_MISSING) {
        refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing", "there is no such key");
        e = OK;
    }
    if (e == OK && !refusal_is(&c->refusal))
        c->reply = json_pack("{s:I}", "review", (json_int_t)review);
out:
    return e;
}
