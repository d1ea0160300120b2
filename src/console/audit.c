#include "console/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "authority/key_view.h"
#include "base/hex.h"
#include "gate/ip_rule.h"
#include "gate/route.h"
#include "gate/verdict.h"
#include "http/server.h"

enum { LIMIT_DEFAULT = 100 };

/* ---- records ---- */

static json_t *key_json(const struct audit_record *record)
{
    struct key_id id = { .environment = record->environment };
    char text[KEY_ID_TEXT_SIZE];

    if ((record->flags & RECORD_KEY_NAMED) == 0 || record->environment >= ENVIRONMENT_COUNT)
        return json_null();
    if ((record->flags & RECORD_KEY_FOREIGN) != 0)
        id.environment = record->environment == ENVIRONMENT_LIVE ? ENVIRONMENT_SANDBOX
                                                                 : ENVIRONMENT_LIVE;
    memcpy(id.random, record->key, sizeof id.random);
    key_id_format(&id, text);
    return json_string(text);
}

static json_t *account_json(uint64_t account)
{
    return account == 0 ? json_null() : json_integer((json_int_t)account);
}

/* Paths are what a client sent: not always UTF-8, which JSON has to be. */
static json_t *path_json(const struct audit_record *record)
{
    char text[3 * RECORD_PATH_MOST + 1];
    size_t size = 0;
    json_t *path = json_stringn(record->path, record->path_size);

    if (path != NULL)
        return path;
    for (size_t i = 0; i < record->path_size; i++) {
        unsigned char c = (unsigned char)record->path[i];

        size += (size_t)snprintf(text + size, sizeof text - size,
                                 c >= ' ' && c < 0x7f ? "%c" : "%%%02X", c);
    }
    return json_stringn(text, size);
}

static json_t *request_json(const struct trail_row *row)
{
    const struct audit_record *r = &row->record;
    char address[IP_ADDRESS_TEXT_SIZE], id[2 * RECORD_REQUEST_ID_SIZE + 1];

    ip_address_format(r->address, address);
    hex_format(r->request_id, sizeof r->request_id, id);
    return json_pack(
        "{s:I, s:o, s:s, s:o, s:o, s:b, s:s, s:s, s:s, s:o, s:i, s:s, s:I, s:I, s:I, s:s}", "index",
        (json_int_t)row->index, "at", moment_json(r->received_at_us * NS_PER_US), "environment",
        r->environment < ENVIRONMENT_COUNT ? environment_text(r->environment) : "unknown",
        "account", account_json(r->account), "key", key_json(r), "authentic",
        (r->flags & RECORD_AUTHENTIC) != 0, "address", address, "transport",
        r->transport == RECORD_TRANSPORT_TLS ? "tls" : "plain", "method",
        http_method_text(r->method), "path", path_json(r), "status", (int)r->status, "verdict",
        verdict_text(r->verdict), "latency_us", (json_int_t)r->latency_us, "bytes",
        (json_int_t)r->bytes_sent, "nonce", (json_int_t)r->nonce, "request_id", id);
}

static json_t *change_json(const struct trail_row *row)
{
    json_t *body = json_loadb(row->text.at, row->text.size, 0, NULL), *change;
    char id[2 * RECORD_REQUEST_ID_SIZE + 1];

    hex_format(row->record.request_id, sizeof row->record.request_id, id);
    change = json_pack("{s:I, s:o, s:s, s:o, s:o, s:s}", "index", (json_int_t)row->index, "at",
                       moment_json(row->record.received_at_us * NS_PER_US), "kind", "change",
                       "account", account_json(row->record.account), "key", key_json(&row->record),
                       "request_id", id);
    json_object_update(change, body);
    json_decref(body);
    return change;
}

static bool record_add(void *context, const struct trail_row *row)
{
    json_array_append_new(context, row->record.kind == RECORD_CHANGE ? change_json(row)
                                                                     : request_json(row));
    return true;
}

enum err audit_page(struct trail *trail, const struct trail_query *query, json_t **records,
                    uint64_t *next, bool *more)
{
    enum err e;

    *records = json_array();
    e = trail_find(trail, query, record_add, *records, next, more);
    if (e == OK)
        return OK;
    json_decref(*records);
    *records = NULL;
    return e;
}

/* ---- filters ---- */

static void moment_read(struct call *c, const char *name, uint64_t *at_us)
{
    const char *text = http_request_query(c->request, name);

    if (text != NULL && *text != '\0' && !moment_of_text(text, at_us))
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-moment",
                    "%s has to be a moment like 2026-11-23T10:00:00Z", name);
}

static const char *filter(struct call *c, const char *name)
{
    const char *text = http_request_query(c->request, name);

    return text == NULL || *text == '\0' ? NULL : text;
}

static void names_read(struct call *c, struct trail_query *query)
{
    const char *key = filter(c, "key"), *environment = filter(c, "environment");
    const char *verdict = filter(c, "verdict"), *path = filter(c, "path");
    enum environment v;
    enum verdict number;

    query->by_key = key != NULL;
    if (key != NULL && !key_name_parse(slice_of(key), query->key))
        refusal_add(&c->refusal, REFUSAL_INVALID, "key-malformed", "\"%.40s\" is not a key id",
                    key);
    if (environment != NULL && environment_parse(slice_of(environment), &v)) {
        query->by_environment = true;
        query->environment = (uint8_t)v;
    } else if (environment != NULL) {
        refusal_add(&c->refusal, REFUSAL_INVALID, "environment-unknown",
                    "the environment is live or sandbox");
    }
    if (verdict != NULL && verdict_find(slice_of(verdict), &number)) {
        query->by_verdict = true;
        query->verdict = (uint16_t)number;
    } else if (verdict != NULL) {
        refusal_add(&c->refusal, REFUSAL_INVALID, "verdict-unknown",
                    "there is no verdict \"%.40s\"; pass and nonce-small are two", verdict);
    }
    query->path = slice_of(path);
    query->path_is_prefix = path != NULL && query->path.size > 0 &&
                            path[query->path.size - 1] == '*';
    if (query->path_is_prefix)
        query->path.size--;
}

void audit_query_read(struct call *c, struct trail_query *query)
{
    const char *account = filter(c, "account");
    uint64_t number;

    *query = (struct trail_query){ .limit = LIMIT_DEFAULT };
    names_read(c, query);
    moment_read(c, "since", &query->since_us);
    moment_read(c, "until", &query->until_us);
    if (call_number(c, "status", &number)) {
        query->by_status = true;
        query->status = number > 999 ? 999 : (uint16_t)number;
    }
    if (call_number(c, "limit", &number))
        query->limit = number == 0 || number > TRAIL_FIND_MOST ? TRAIL_FIND_MOST : (uint32_t)number;
    call_number(c, "before", &query->before);
    query->by_account = account != NULL;
    if (account != NULL && call_account(c, slice_of(account), &query->account) != OK &&
        !refusal_is(&c->refusal))
        refusal_add(&c->refusal, REFUSAL_INVALID, "account-unreadable",
                    "the account cannot be looked up now");
}

enum err audit_get(struct call *c)
{
    struct trail *trail = c->authority->trail;
    struct trail_query query;
    struct trail_state state;
    json_t *records;
    uint64_t next;
    bool more;
    enum err e = OK;

    audit_query_read(c, &query);
    if (refusal_is(&c->refusal))
        goto out;
    trail_state_get(trail, &state);
    TRY(audit_page(trail, &query, &records, &next, &more));
    c->reply = json_pack("{s:o, s:o, s:I}", "records", records, "next",
                         more ? json_integer((json_int_t)next) : json_null(), "size",
                         (json_int_t)state.size);
out:
    return e;
}

enum err audit_checkpoint_get(struct call *c)
{
    struct buffer text;
    enum err e;

    buffer_init(&text);
    TRY(trail_checkpoint_text(c->authority->trail, &text));
    c->reply = json_pack("{s:s%, s:s}", "checkpoint", text.size == 0 ? "" : text.at, text.size,
                         "verifier_key", trail_verifier_key(c->authority->trail));
out:
    buffer_wipe(&text);
    return e;
}
