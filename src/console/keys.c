#include "console/keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "authority/key_issue.h"
#include "authority/key_life.h"
#include "authority/key_terms.h"
#include "authority/key_view.h"
#include "console/key_form.h"
#include "http/server.h"

enum { PAGE_DEFAULT = 1000, PAGE_MOST = 10000 };

static enum err batch_read(struct call *c, struct key_batch *batch)
{
    const json_t *keys = json_object_get(c->body, "keys");
    const json_t *account = json_object_get(c->body, "account");
    enum err e = OK;

    batch->proof = (struct proof){ .kind = PROOF_CODE, .code = call_text(c, c->body, "totp") };
    batch->count = json_array_size(keys);
    if (batch->count == 0 || batch->count > KEY_BATCH_MOST)
        refusal_add(&c->refusal, REFUSAL_INVALID, "keys-count",
                    "\"keys\" has to be a list of 1 to %d keys", KEY_BATCH_MOST);
    for (size_t i = 0; i < batch->count && i < KEY_BATCH_MOST; i++)
        key_application_read(c, json_array_get(keys, i), &batch->keys[i]);
    if (refusal_is(&c->refusal))
        goto out;
    if (json_is_integer(account)) {
        char text[24];
        int size = snprintf(text, sizeof text, "%lld", (long long)json_integer_value(account));

        e = call_account(c, (struct slice){ text, (size_t)size }, &batch->account);
    } else {
        e = call_account(c, call_text(c, c->body, "account"), &batch->account);
    }
out:
    return e;
}

enum err keys_post(struct call *c)
{
    struct key_grant grants[KEY_BATCH_MOST];
    struct key_batch *batch = calloc(1, sizeof *batch);
    json_t *list = json_array();
    struct key_view view;
    enum err e = ERR_MEMORY;

    if (batch == NULL || list == NULL)
        goto out;
    TRY(batch_read(c, batch));
    if (refusal_is(&c->refusal))
        goto out;
    TRY(key_issue(c->authority, c->who, batch, grants, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    for (size_t i = 0; i < batch->count; i++) {
        json_t *key;

        e = key_view_get(c->authority, grants[i].id.random, &view);
        TRY(e == ERR_CONFLICT ? ERR_STORE : e); /* the keys are made: never run this again */
        key = key_json(&view);
        json_object_set_new(key, "secret",
                            json_stringn((const char *)grants[i].secret.bytes,
                                         grants[i].secret.size));
        json_array_append_new(list, key);
    }
    c->status = 201;
    c->reply = json_pack("{s:O}", "keys", list);
out:
    secret_wipe_bytes(grants, sizeof grants);
    json_decref(list);
    free(batch);
    return e;
}

struct page {
    json_t *list;
    uint64_t most;
    bool more;
};

static bool page_add(void *context, const struct key_view *view)
{
    struct page *page = context;

    page->more = json_array_size(page->list) == page->most;
    if (!page->more)
        json_array_append_new(page->list, key_json(view));
    return !page->more;
}

static const char *page_last(const struct page *page)
{
    const json_t *last = json_array_get(page->list, json_array_size(page->list) - 1);

    return json_string_value(json_object_get(last, "id"));
}

enum err keys_get(struct call *c)
{
    const char *name = http_request_query(c->request, "account");
    const char *after = http_request_query(c->request, "after");
    struct page page = { json_array(), PAGE_DEFAULT, false };
    char behind[KEY_RANDOM_SIZE];
    uint64_t account = 0;
    enum err e = OK;

    if (name != NULL && *name != '\0')
        TRY(call_account(c, slice_of(name), &account));
    if (after != NULL && !key_name_parse(slice_of(after), behind))
        refusal_add(&c->refusal, REFUSAL_INVALID, "key-malformed",
                    "after has to be a key id: take \"next\" of the page before");
    if (call_number(c, "limit", &page.most) && (page.most == 0 || page.most > PAGE_MOST))
        page.most = PAGE_MOST;
    if (refusal_is(&c->refusal))
        goto out;
    TRY(key_views_each(c->authority, account, after == NULL ? NULL : behind, page_add, &page));
    c->reply = json_pack("{s:O, s:o}", "keys", page.list, "next",
                         page.more ? json_string(page_last(&page)) : json_null());
out:
    json_decref(page.list);
    return e;
}

static enum err key_name(struct call *c, char id[KEY_RANDOM_SIZE])
{
    if (key_name_parse(c->value, id))
        return OK;
    refusal_add(&c->refusal, REFUSAL_MISSING, "key-malformed",
                "\"%.*s\" is not a key id: it begins with lki_live_ or lki_test_ and has 31 "
                "characters, the last six of which check the others",
                (int)(c->value.size > 40 ? 40 : c->value.size), c->value.at);
    return ERR_MISSING;
}

static enum err key_reply(struct call *c, const char *id)
{
    struct key_view view;
    enum err e = key_view_get(c->authority, id, &view);

    if (e == OK)
        c->reply = key_json(&view);
    else if (e == ERR_MISSING)
        refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing",
                    "there is no key %.*s; list them with GET /keys", (int)c->value.size,
                    c->value.at);
    return e;
}

enum err key_get(struct call *c)
{
    char id[KEY_RANDOM_SIZE];
    enum err e;

    TRY(key_name(c, id));
    e = key_reply(c, id);
out:
    return e;
}

enum err key_revoke_post(struct call *c)
{
    struct slice reason = call_text(c, c->body, "reason");
    char id[KEY_RANDOM_SIZE];
    enum err e;

    TRY(key_name(c, id));
    TRY(key_reply(c, id)); /* a key that is not there is said in words */
    json_decref(c->reply);
    c->reply = NULL;
    if (!refusal_is(&c->refusal))
        TRY(key_revoke(c->authority, c->who, id, reason, &c->refusal));
    if (!refusal_is(&c->refusal))
        e = key_reply(c, id);
out:
    return e;
}

/* A whole number from 1 on; 0 when absent. */
static uint64_t rate_read(struct call *c, const char *name)
{
    const json_t *value = json_object_get(c->body, name);

    if (value == NULL)
        return 0;
    if (json_is_integer(value) && json_integer_value(value) >= 1)
        return (uint64_t)json_integer_value(value);
    refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-rate",
                "\"%s\" has to be a whole number from 1 on", name);
    return 0;
}

static void terms_read(struct call *c, struct key_terms *terms)
{
    const json_t *window = json_object_get(c->body, "nonce_window");
    struct slice end = call_text(c, c->body, "ends_at");
    uint64_t at_us = 0;

    terms->public_per_s = rate_read(c, "public_per_s");
    terms->private_per_s = rate_read(c, "private_per_s");
    terms->nonce_window_given = window != NULL;
    terms->nonce_window = json_is_true(window);
    if (window != NULL && !json_is_boolean(window))
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-boolean",
                    "\"nonce_window\" has to be true or false");
    terms->ends_at_given = json_object_get(c->body, "ends_at") != NULL;
    if (end.at != NULL && !moment_of_text(end.at, &at_us))
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-moment",
                    "\"ends_at\" has to be a moment like 2026-11-23T10:00:00Z, or null");
    terms->ends_at_ns = at_us * NS_PER_US;
}

enum err key_terms_post(struct call *c)
{
    struct key_terms terms = { 0 };
    char id[KEY_RANDOM_SIZE];
    enum err e;

    TRY(key_name(c, id));
    terms_read(c, &terms);
    if (refusal_is(&c->refusal))
        goto out;
    e = key_terms_set(c->authority, c->who, id, &terms, &c->refusal);
    if (e == ERR_MISSING || (e == OK && !refusal_is(&c->refusal)))
        e = key_reply(c, id);
out:
    return e;
}
