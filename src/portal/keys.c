#include "portal/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/key_change.h"
#include "authority/key_confirm.h"
#include "authority/key_issue.h"
#include "authority/key_life.h"
#include "authority/key_rotate.h"
#include "authority/key_search.h"
#include "authority/leak_lift.h"
#include "authority/session.h"
#include "authority/settings.h"
#include "console/key_form.h"
#include "http/server.h"
#include "keys/secret.h"
#include "portal/call_proof.h"
#include "trail/trail.h"

enum {
    PAGE_DEFAULT = 50,
    ADDRESSES_MOST = 10,
    RECORDS_MOST = 200, /* of the newest: where the addresses come from */
    ADDRESS_SIZE = 64,
};

/* ---- who asks, and about which key ---- */

struct asking {
    struct key_asker asker;
    char address[ADDRESS_SIZE];
    char id[KEY_RANDOM_SIZE];
};

static void asking_init(struct call *c, struct asking *asking)
{
    snprintf(asking->address, sizeof asking->address, "%.*s", (int)c->address.size, c->address.at);
    asking->asker = (struct key_asker){ .who = c->who, .account = c->session->account,
                                        .session = c->session->id,
                                        .address = asking->address,
                                         .agent = c->agent };
}

static void missing_say(struct call *c)
{
    refusal_add(&c->refusal, REFUSAL_MISSING, "key-missing",
                "the account has no key \"%.*s\"",
                (int)(c->value.size > 40 ? 40 : c->value.size), c->value.at);
}

/* The same, about the key that the path names.  What is no key id is refused. */
static void asking_read(struct call *c, struct asking *asking)
{
    asking_init(c, asking);
    if (!key_name_parse(c->value, asking->id))
        missing_say(c);
}

/* The same, with the second factor. */
static enum err asking_proven(struct call *c, struct asking *asking)
{
    asking_read(c, asking);
    return call_proof(c, &asking->asker.proof, asking->asker.operation);
}

/* ---- what there is to tell ---- */

struct addresses {
    struct seen {
        uint8_t address[IP_ADDRESS_SIZE];
        uint64_t last_at_us;
        unsigned count;
    } seen[ADDRESSES_MOST];
    size_t count;
};

static bool address_add(void *context, const struct trail_row *row)
{
    struct addresses *a = context;
    size_t i = 0;

    if (row->record.kind != RECORD_REQUEST || (row->record.flags & RECORD_AUTHENTIC) == 0)
        return true;
    while (i < a->count && memcmp(a->seen[i].address, row->record.address, IP_ADDRESS_SIZE) != 0)
        i++;
    if (i == a->count) {
        if (a->count == ADDRESSES_MOST)
            return true;
        a->count++;
        memcpy(a->seen[i].address, row->record.address, IP_ADDRESS_SIZE);
        a->seen[i].last_at_us = row->record.received_at_us;
    }
    a->seen[i].count++;
    return true;
}

/* From where the key was used, the latest first, of its newest records. */
static json_t *addresses_json(struct call *c, const char *id)
{
    struct trail_query query = { .by_key = true, .limit = RECORDS_MOST };
    struct addresses a = { .count = 0 };
    json_t *list = json_array();
    uint64_t next;
    bool more;

    memcpy(query.key, id, sizeof query.key);
    if (c->authority->trail == NULL ||
        trail_find(c->authority->trail, &query, address_add, &a, &next, &more) != OK)
        return list;
    for (size_t i = 0; i < a.count; i++) {
        char text[IP_ADDRESS_TEXT_SIZE];

        ip_address_format(a.seen[i].address, text);
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:i}", "address", text, "last_at",
                                        moment_json(a.seen[i].last_at_us * NS_PER_US), "count",
                                        (int)a.seen[i].count));
    }
    return list;
}

/* KEY of an own key into *key; refused when there is none. */
static enum err key_told(struct call *c, const char *id, json_t **key)
{
    struct key_view view;
    enum err e = key_view_get(c->authority, id, &view);

    *key = NULL;
    if (e == ERR_MISSING || (e == OK && view.key.account != c->session->account)) {
        missing_say(c);
        return OK;
    }
    TRY(e);
    *key = key_json(&view);
    json_object_set_new(*key, "addresses", addresses_json(c, id));
out:
    return e;
}

/* After a service: its refusal, or the key as it is now. */
static enum err key_replied(struct call *c, const char *id, enum err e)
{
    if (e == ERR_MISSING) {
        missing_say(c);
        return OK;
    }
    TRY(e);
    if (!refusal_is(&c->refusal))
        e = key_told(c, id, &c->reply);
out:
    return e;
}

/* A new key with its secret, which is in no other reply (B6).  The key is made: never run again. */
static enum err grant_replied(struct call *c, struct key_grant *grant)
{
    json_t *key = NULL;
    enum err e = key_told(c, grant->id.random, &key);

    if (e == OK && key != NULL) {
        c->reply = json_pack("{s:O, s:s%}", "key", key, "secret",
                             (const char *)grant->secret.bytes, grant->secret.size);
        c->status = 201;
    }
    json_decref(key);
    secret_wipe_bytes(grant, sizeof *grant);
    return e == ERR_CONFLICT ? ERR_STORE : e;
}

/* ---- GET /keys ---- */

static bool list_add(void *context, const struct key_view *view)
{
    return json_array_append_new(context, key_json(view)) == 0;
}

static void filter_read(struct call *c, struct store_key_filter *filter)
{
    const char *state = http_request_query(c->request, "state");
    const char *environment = http_request_query(c->request, "environment");
    enum environment v;
    enum key_state s;

    *filter = (struct store_key_filter){ .account = c->session->account, .environments = ~0u,
                                         .states = ~0u };
    if (environment != NULL && *environment != '\0') {
        if (environment_parse(slice_of(environment), &v))
            filter->environments = 1u << v;
        else
            refusal_add_at(&c->refusal, REFUSAL_INVALID, "environment", "environment-unknown",
                           "the environment is live or sandbox");
    }
    if (state == NULL || *state == '\0')
        return;
    if (strcmp(state, "usable") == 0)
        filter->states = 1u << KEY_ACTIVE | 1u << KEY_SUSPENDED;
    else if (key_state_parse(slice_of(state), &s))
        filter->states = 1u << s;
    else
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "state", "state-unknown",
                       "the state is active, suspended, revoked, expired or usable");
}

enum err own_keys_get(struct call *c)
{
    const char *text = http_request_query(c->request, "search");
    const char *before = http_request_query(c->request, "before");
    struct key_search search = { .text = slice_of(text == NULL ? "" : text) };
    char from[KEY_RANDOM_SIZE];
    struct key_search_page page;
    uint64_t limit = PAGE_DEFAULT;
    json_t *list = json_array();
    enum err e = OK;

    call_number(c, "limit", &limit);
    filter_read(c, &search.filter);
    search.limit = limit < 1 ? 1 : limit > STORE_KEY_PAGE_MOST ? STORE_KEY_PAGE_MOST : limit;
    if (before != NULL && *before != '\0') {
        if (key_name_parse(slice_of(before), from))
            search.before = from;
        else
            refusal_add_at(&c->refusal, REFUSAL_INVALID, "before", "key-malformed",
                           "\"before\" is the member \"next\" of the page before");
    }
    if (refusal_is(&c->refusal))
        goto out;
    TRY(key_search(c->authority, &search, list_add, list, &page));
    c->reply = json_pack("{s:O, s:o, s:I, s:b}", "keys", list, "next",
                         page.next[0] == '\0' ? json_null()
                                              : json_stringn(page.next, sizeof page.next),
                         "total",
                         (json_int_t)page.total, "total_is_least", page.total_is_least);
out:
    json_decref(list);
    return e;
}

/* ---- GET /keys/options, POST /keys/check, POST /keys ---- */

static const char *group_words(enum scope_group group)
{
    static const char *const words[] = {
        [SCOPE_GROUP_READ] = "read what the account has and does",
        [SCOPE_GROUP_TRADE] = "place, change and cancel orders",
        [SCOPE_GROUP_WALLET] = "move money between wallets, and out of the venue",
        [SCOPE_GROUP_LENDING] = "offer and take margin funding",
        [SCOPE_GROUP_ELEVATED] = "granted by the venue, one by one",
    };

    return words[group];
}

static json_t *group_scopes(enum scope_group group)
{
    json_t *list = json_array();

    for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
        if (scope_get(scope)->group == group)
            json_array_append_new(
                list, json_pack("{s:s, s:b, s:b}", "scope", scope_get(scope)->text, "elevated",
                                (scope_get(scope)->flags & SCOPE_IS_ELEVATED) != 0, "needs_mail",
                                (scope_get(scope)->flags & SCOPE_NEEDS_MAIL) != 0));
    return list;
}

static json_t *groups_json(void)
{
    json_t *list = json_array();

    for (enum scope_group group = 0; group < SCOPE_GROUP_COUNT; group++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "group", scope_group_text(group),
                                              "words", group_words(group), "scopes",
                                              group_scopes(group)));
    return list;
}

/* Reasons as a list; empty when nothing stands in the way. */
static json_t *problems_json(const struct refusal *refusal)
{
    json_t *list = json_array();

    for (size_t i = 0; i < refusal->count; i++) {
        const struct refusal_reason *reason = &refusal->reasons[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "field", reason->field, "code",
                                              reason->code, "message", reason->text));
    }
    return list;
}

enum err own_keys_options_get(struct call *c)
{
    struct refusal *missing = calloc(1, sizeof *missing);
    struct store_tx *tx = NULL;
    enum err e = ERR_MEMORY;

    if (missing == NULL)
        goto out;
    refusal_init(missing);
    TRY(store_begin(c->authority->store, &tx));
    TRY(key_account_judge(tx, c->session->account, missing));
    c->reply = json_pack(
        "{s:s%, s:s, s:o, s:o, s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:{s:s, s:s*}}", "address",
        c->address.at == NULL ? "" : c->address.at, c->address.size, "country",
        c->session->country, "missing", problems_json(missing), "groups", groups_json(), "limits",
        "label_bytes", (int)KEY_LABEL_MOST, "ip_rules", (int)IP_RULES_MOST, "public_per_s",
        (int)KEY_PUBLIC_PER_S, "private_per_s", (int)KEY_PRIVATE_PER_S, "cooling_hours",
        (int)(KEY_COOLING_NS / NS_PER_S / 3600), "old_days", (int)KEY_ROTATE_DAYS_MOST, "venues",
        "live", c->authority->settings->live_url, "sandbox", c->authority->settings->sandbox_url);
out:
    store_rollback(&tx);
    free(missing);
    return e;
}

enum err own_keys_check_post(struct call *c)
{
    struct key_application ask = { .scope_count = 0 };
    struct refusal *problems = calloc(1, sizeof *problems);
    enum err e = ERR_MEMORY;

    if (problems == NULL)
        goto out;
    refusal_init(problems);
    key_application_read(c, c->body, &ask);
    e = OK;
    if (refusal_is(&c->refusal))
        goto out;
    TRY(key_check(c->authority, c->session->account, &ask, problems));
    c->reply = json_pack("{s:o}", "problems", problems_json(problems));
out:
    free(problems);
    return e;
}

enum err own_keys_post(struct call *c)
{
    struct key_batch *batch = calloc(1, sizeof *batch);
    struct key_grant grants[KEY_BATCH_MOST];
    struct asking asking;
    enum err e = ERR_MEMORY;

    if (batch == NULL)
        goto out;
    asking_init(c, &asking);
    *batch = (struct key_batch){ .account = c->session->account, .session = c->session->id,
                                 .address = asking.address, .agent = c->agent, .count = 1 };
    TRY(call_proof(c, &batch->proof, batch->operation));
    key_application_read(c, c->body, &batch->keys[0]);
    if (refusal_is(&c->refusal))
        goto out;
    TRY(key_issue(c->authority, c->who, batch, grants, &c->refusal));
    if (!refusal_is(&c->refusal))
        e = grant_replied(c, &grants[0]);
out:
    free(batch);
    return e;
}

/* ---- one key ---- */

enum err own_key_get(struct call *c)
{
    struct asking asking;
    enum err e = OK;

    asking_read(c, &asking);
    if (!refusal_is(&c->refusal))
        e = key_told(c, asking.id, &c->reply);
    return e;
}

enum err own_key_rename_post(struct call *c)
{
    struct slice label = call_text(c, c->body, "label");
    struct asking asking;

    asking_read(c, &asking);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, asking.id,
                       key_rename(c->authority, &asking.asker, asking.id, label, &c->refusal));
}

/* A whole number from 1 on; 0 when absent. */
static uint64_t number_read(struct call *c, const char *name)
{
    const json_t *value = json_object_get(c->body, name);

    if (value == NULL || json_is_null(value))
        return 0;
    if (json_is_integer(value) && json_integer_value(value) >= 1)
        return (uint64_t)json_integer_value(value);
    refusal_add_at(&c->refusal, REFUSAL_INVALID, name, "not-a-rate",
                   "\"%s\" has to be a whole number from 1 on", name);
    return 0;
}

static void wish_read(struct call *c, struct key_wish *wish)
{
    struct slice end = call_text(c, c->body, "ends_at");
    uint64_t at_us = 0;

    *wish = (struct key_wish){
        .scopes_given = json_object_get(c->body, "scopes") != NULL,
        .ip_rules_given = json_object_get(c->body, "ip_rules") != NULL,
    };
    key_application_read(c, c->body, &wish->ask);
    wish->public_per_s = number_read(c, "public_per_s");
    wish->private_per_s = number_read(c, "private_per_s");
    if (end.at != NULL && !moment_of_text(end.at, &at_us))
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "ends_at", "not-a-moment",
                       "\"ends_at\" has to be a moment like 2026-11-23T10:00:00Z");
    wish->ends_at_ns = at_us * NS_PER_US;
}

enum err own_key_check_post(struct call *c)
{
    struct refusal *problems = calloc(1, sizeof *problems);
    struct asking asking;
    struct key_wish wish;
    bool tightens;
    enum err e = ERR_MEMORY;

    if (problems == NULL)
        goto out;
    refusal_init(problems);
    asking_read(c, &asking);
    wish_read(c, &wish);
    e = OK;
    if (refusal_is(&c->refusal))
        goto out;
    TRY(key_change_check(c->authority, &asking.asker, asking.id, &wish, &tightens, problems));
    c->reply = json_pack("{s:o, s:b}", "problems", problems_json(problems), "tightens", tightens);
out:
    free(problems);
    return e == ERR_MISSING ? key_replied(c, asking.id, e) : e;
}

enum err own_key_tighten_post(struct call *c)
{
    struct asking asking;
    struct key_wish wish;

    asking_read(c, &asking);
    wish_read(c, &wish);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, asking.id, key_tighten(c->authority, &asking.asker, asking.id, &wish,
                                                 &c->refusal));
}

enum err own_key_loosen_post(struct call *c)
{
    struct asking asking;
    struct key_wish wish;
    enum err e;

    TRY(asking_proven(c, &asking));
    wish_read(c, &wish);
    if (!refusal_is(&c->refusal))
        e = key_replied(c, asking.id, key_loosen(c->authority, &asking.asker, asking.id, &wish,
                                                 &c->refusal));
out:
    return e;
}

enum err own_key_rotate_post(struct call *c)
{
    const json_t *days = json_object_get(c->body, "old_days");
    struct key_grant grant;
    struct asking asking;
    enum err e;

    TRY(asking_proven(c, &asking));
    if (!json_is_integer(days) || json_integer_value(days) < 0)
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "old_days", "old-days",
                       "\"old_days\" has to be a whole number from 0 to %d", KEY_ROTATE_DAYS_MOST);
    if (refusal_is(&c->refusal))
        goto out;
    e = key_rotate(c->authority, &asking.asker, asking.id, (uint64_t)json_integer_value(days),
                   &grant, &c->refusal);
    if (e == ERR_MISSING || refusal_is(&c->refusal))
        e = key_replied(c, asking.id, e);
    else if (e == OK)
        e = grant_replied(c, &grant);
out:
    return e;
}

enum err own_key_revoke_post(struct call *c)
{
    struct slice reason = call_text(c, c->body, "reason");
    struct asking asking;

    asking_read(c, &asking);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, asking.id, key_revoke_own(c->authority, &asking.asker, asking.id, reason,
                                                    &c->refusal));
}

enum err own_key_lift_post(struct call *c)
{
    struct asking asking;
    enum err e;

    TRY(asking_proven(c, &asking));
    if (!refusal_is(&c->refusal))
        e = key_replied(c, asking.id,
                        leak_lift(c->authority, &asking.asker, asking.id, &c->refusal));
out:
    return e;
}

enum err own_key_mail_post(struct call *c)
{
    struct asking asking;

    asking_read(c, &asking);
    if (refusal_is(&c->refusal))
        return OK;
    return key_replied(c, asking.id, key_confirm_ask_again(c->authority, &asking.asker, asking.id,
                                                           &c->refusal));
}

enum err link_withdrawal_post(struct call *c)
{
    struct slice token = call_text(c, c->body, "token");
    struct asking asking;

    asking_init(c, &asking);
    return key_replied(c, asking.id, key_confirm(c->authority, &asking.asker, token, asking.id,
                                                 &c->refusal));
}
