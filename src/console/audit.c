#include "console/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "authority/key_view.h"
#include "authority/retention.h"
#include "base/log.h"
#include "gate/verdict.h"
#include "http/server.h"
#include "trail/export.h"

enum { LIMIT_DEFAULT = 100 };

/* ---- records ---- */

static bool record_add(void *context, const struct trail_row *row)
{
    json_array_append_new(context, line_json(row));
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
    const char *account = c->reach == 0 ? filter(c, "account") : NULL;
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
    if (c->reach != 0) {
        query->by_account = true;
        query->account = c->reach;
    }
}

void tail_query_read(struct call *c, struct trail_query *query)
{
    audit_query_read(c, query);
    query->forward = true;
    query->before = 0;
    call_number(c, "from", &query->from);
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

/* ---- everything at once ---- */

struct export_stream {
    struct export *export;
    struct buffer text; /* of the last step */
    size_t sent;
    bool more;
};

/* Makes the next text when the last one is sent; a step may find nothing. */
static enum err stream_fill(struct export_stream *s)
{
    enum err e = OK;

    while (s->sent == s->text.size && s->more && e == OK) {
        s->text.size = s->sent = 0;
        e = export_next(s->export, &s->text, &s->more);
    }
    return e;
}

static ssize_t stream_next(void *context, char *bytes, size_t most)
{
    struct export_stream *s = context;
    enum err e = stream_fill(s);
    size_t size;

    if (e != OK) {
        log_error("console", "an export of the audit log was cut off: %s", err_text(e));
        return HTTP_STREAM_BROKEN;
    }
    size = s->text.size - s->sent < most ? s->text.size - s->sent : most;
    if (size > 0)
        memcpy(bytes, s->text.at + s->sent, size);
    s->sent += size;
    return (ssize_t)size;
}

static void stream_close(void *context)
{
    struct export_stream *s = context;

    export_close(&s->export);
    buffer_wipe(&s->text);
    free(s);
}

enum err audit_export_get(struct call *c)
{
    const char *format = filter(c, "format");
    enum line_format as = LINE_JSON;
    struct trail_query query;
    enum err e = OK;

    audit_query_read(c, &query);
    if (format != NULL && strcmp(format, "csv") == 0)
        as = LINE_CSV;
    else if (format != NULL && strcmp(format, "jsonl") != 0)
        refusal_add(&c->refusal, REFUSAL_INVALID, "format-unknown",
                    "the format is csv or jsonl");
    if (refusal_is(&c->refusal))
        goto out;
    c->csv = as == LINE_CSV;
    e = export_open(c->authority->trail, &query, as, &c->export);
out:
    return e;
}

void audit_export_send(struct call *c, struct http_reply *reply)
{
    struct export_stream *s = calloc(1, sizeof *s);

    if (s == NULL) {
        reply->status = 500;
        return;
    }
    s->export = c->export;
    s->more = true;
    c->export = NULL;
    reply->type = c->csv ? "text/csv; charset=us-ascii; header=present" : "application/jsonl";
    reply->stream = (struct http_stream){ stream_next, stream_close, s };
}

enum err audit_retire_post(struct call *c)
{
    const char *before = json_string_value(json_object_get(c->body, "before"));
    bool dry_run = json_is_true(json_object_get(c->body, "dry_run"));
    struct trail_retirement done = { 0 };
    uint64_t before_us;
    enum err e = OK;

    if (before == NULL || !moment_of_text(before, &before_us) ||
        before_us > c->authority->now_ns() / NS_PER_US) {
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-moment",
                    "\"before\" has to be a moment in the past like 2026-11-23T10:00:00Z");
        goto out;
    }
    if (dry_run)
        TRY(trail_retire_plan(c->authority->trail, before_us, &done));
    else
        TRY(retention_apply(c->authority, c->who, before_us, &done));
    c->reply = json_pack("{s:I, s:I, s:b}", "from", (json_int_t)done.from, "end",
                         (json_int_t)done.end, "dry_run", (int)dry_run);
out:
    return e;
}

enum err audit_reindex_post(struct call *c)
{
    struct trail_state state;

    trail_reindex(c->authority->trail);
    trail_state_get(c->authority->trail, &state);
    c->status = 202;
    c->reply = json_pack("{s:I, s:I}", "indexed", (json_int_t)state.indexed, "size",
                         (json_int_t)state.size);
    return OK;
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
