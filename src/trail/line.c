#include "trail/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "gate/ip_rule.h"
#include "gate/route.h"
#include "gate/verdict.h"
#include "keys/key_text.h"

/* ---- what both forms say ---- */

static bool key_format(const struct audit_record *record, char text[KEY_ID_TEXT_SIZE])
{
    struct key_id id = { .environment = record->environment };

    text[0] = '\0';
    if ((record->flags & RECORD_KEY_NAMED) == 0 || record->environment >= ENVIRONMENT_COUNT)
        return false;
    if ((record->flags & RECORD_KEY_FOREIGN) != 0)
        id.environment =
            record->environment == ENVIRONMENT_LIVE ? ENVIRONMENT_SANDBOX : ENVIRONMENT_LIVE;
    memcpy(id.random, record->key, sizeof id.random);
    key_id_format(&id, text);
    return true;
}

static const char *environment_words(const struct audit_record *record)
{
    return record->environment < ENVIRONMENT_COUNT ? environment_text(record->environment)
                                                   : "unknown";
}

static const char *transport_words(const struct audit_record *record)
{
    return record->transport == RECORD_TRANSPORT_TLS ? "tls" : "plain";
}

/* ---- JSON ---- */

static json_t *key_json(const struct audit_record *record)
{
    char text[KEY_ID_TEXT_SIZE];

    return key_format(record, text) ? json_string(text) : json_null();
}

static json_t *account_json(uint64_t account)
{
    return account == 0 ? json_null() : json_integer((json_int_t)account);
}

static json_t *at_json(const struct audit_record *record)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(record->received_at_us * NS_PER_US, text);
    return record->received_at_us == 0 ? json_null() : json_string(text);
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
        "{s:I, s:o, s:s, s:o, s:o, s:b, s:s, s:s, s:s, s:o, s:i, s:s, s:I, s:I, s:I, s:s, s:b}",
        "index",
        (json_int_t)row->index, "at", at_json(r), "environment", environment_words(r), "account",
        account_json(r->account), "key", key_json(r), "authentic",
        (r->flags & RECORD_AUTHENTIC) != 0, "address", address, "transport", transport_words(r),
        "method", http_method_text(r->method), "path", path_json(r), "status", (int)r->status,
        "verdict", verdict_text(r->verdict), "latency_us", (json_int_t)r->latency_us, "bytes",
        (json_int_t)r->bytes_sent, "nonce", (json_int_t)r->nonce, "request_id", id,
        "dry_run", (r->flags & RECORD_DRY_RUN) != 0);
}

static json_t *change_json(const struct trail_row *row)
{
    json_t *body = json_loadb(row->text.at, row->text.size, 0, NULL), *change;
    char id[2 * RECORD_REQUEST_ID_SIZE + 1];

    hex_format(row->record.request_id, sizeof row->record.request_id, id);
    change = json_pack("{s:I, s:o, s:s, s:o, s:o, s:s}", "index", (json_int_t)row->index, "at",
                       at_json(&row->record), "kind", "change", "account",
                       account_json(row->record.account), "key", key_json(&row->record),
                       "request_id", id);
    json_object_update(change, body);
    json_decref(body);
    return change;
}

json_t *line_json(const struct trail_row *row)
{
    return row->record.kind == RECORD_CHANGE ? change_json(row) : request_json(row);
}

static void json_line_append(const struct trail_row *row, struct buffer *text)
{
    json_t *record = line_json(row);
    char *line = record == NULL ? NULL : json_dumps(record, JSON_COMPACT);

    if (line == NULL)
        text->failed = true;
    buffer_append(text, slice_of(line));
    buffer_append_char(text, '\n');
    free(line);
    json_decref(record);
}

/* ---- CSV ---- */

/* In quotes, whatever it holds: a separator of another country's spreadsheet splits nothing. */
static void quoted_append(struct buffer *text, struct slice field)
{
    buffer_append_char(text, '"');
    if (field.size > 0 && strchr("=+-@", field.at[0]) != NULL)
        buffer_append_char(text, '\'');
    for (size_t i = 0; i < field.size; i++) {
        if (field.at[i] == '"')
            buffer_append_char(text, '"');
        buffer_append_char(text, field.at[i]);
    }
    buffer_append_char(text, '"');
}

static void path_quoted_append(struct buffer *text, const struct audit_record *record)
{
    char encoded[3 * RECORD_PATH_MOST + 1];
    size_t size = 0;

    for (size_t i = 0; i < record->path_size; i++) {
        unsigned char c = (unsigned char)record->path[i];

        size += (size_t)snprintf(encoded + size, sizeof encoded - size,
                                 c > ' ' && c < 0x7f && c != '%' ? "%c" : "%%%02X", c);
    }
    quoted_append(text, (struct slice){ encoded, size });
}

/* A change's JSON without line breaks and in ASCII, in one field. */
static void change_quoted_append(struct buffer *text, struct slice change)
{
    json_t *body = json_loadb(change.at, change.size, 0, NULL);
    char *words = json_dumps(body, JSON_COMPACT | JSON_ENSURE_ASCII);

    quoted_append(text, slice_of(words));
    free(words);
    json_decref(body);
}

static void csv_line_append(const struct trail_row *row, struct buffer *text)
{
    const struct audit_record *r = &row->record;
    bool is_request = r->kind != RECORD_CHANGE;
    char at[CLOCK_TEXT_SIZE], key[KEY_ID_TEXT_SIZE], address[IP_ADDRESS_TEXT_SIZE] = "",
        id[2 * RECORD_REQUEST_ID_SIZE + 1], account[24] = "";

    clock_format(r->received_at_us * NS_PER_US, at);
    key_format(r, key);
    hex_format(r->request_id, sizeof r->request_id, id);
    if (r->account != 0)
        snprintf(account, sizeof account, "%" PRIu64, r->account);
    buffer_printf(text, "%" PRIu64 ",%s,%s,%s,%s,%s,", row->index, at,
                  is_request ? "request" : "change", is_request ? environment_words(r) : "",
                  account, key);
    if (is_request) {
        ip_address_format(r->address, address);
        buffer_printf(text, "%s,%s,%s,%s,",
                      (r->flags & RECORD_AUTHENTIC) != 0 ? "true" : "false", address,
                      transport_words(r), http_method_text(r->method));
        path_quoted_append(text, r);
        buffer_printf(text, ",%u,%s,%" PRIu32 ",%" PRIu32 ",%" PRIu64 ",\"%s\",", r->status,
                      verdict_text(r->verdict), r->latency_us, r->bytes_sent, r->nonce, id);
    } else {
        buffer_printf(text, ",,,,,,,,,,\"%s\",", id);
        change_quoted_append(text, row->text);
    }
    buffer_append(text, SLICE("\r\n"));
}

/* ---- both ---- */

void line_head_append(enum line_format format, struct buffer *text)
{
    if (format == LINE_CSV)
        buffer_append(text, SLICE("index,at,kind,environment,account,key,authentic,address,"
                                  "transport,method,path,status,verdict,latency_us,bytes,nonce,"
                                  "request_id,change\r\n"));
}

void line_append(enum line_format format, const struct trail_row *row, struct buffer *text)
{
    if (format == LINE_CSV)
        csv_line_append(row, text);
    else
        json_line_append(row, text);
}
