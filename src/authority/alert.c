#include "authority/alert.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "authority/alert_body.h"
#include "authority/alert_journal.h"
#include "authority/alert_keys.h"
#include "authority/alert_signature.h"
#include "authority/leak.h"
#include "authority/settings.h"
#include "base/file.h"
#include "base/log.h"
#include "keys/secret.h"

enum { TOKEN_MOST = 512, TRIES_MOST = 5 };

struct alert_desk {
    struct authority *authority;
    struct alert_keys *keys[LEAK_ORIGINS_MOST]; /* NULL: it shows a token */
};

/* ---- who tells ---- */

static const struct leak_origin *origin_find(const struct alert_desk *desk, struct slice name,
                                             size_t *index)
{
    const struct settings_leak *leak = &desk->authority->settings->leak;

    for (size_t i = 0; i < leak->origin_count; i++)
        if (slice_is(name, slice_of(leak->origins[i].name))) {
            *index = i;
            return &leak->origins[i];
        }
    return NULL;
}

/* Hashes have one size, so that the comparison tells nothing about the token's. */
static bool token_is(struct slice shown, struct slice token)
{
    uint8_t a[crypto_hash_sha256_BYTES], b[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(a, (const uint8_t *)shown.at, shown.size);
    crypto_hash_sha256(b, (const uint8_t *)token.at, token.size);
    return token.size > 0 && sodium_memcmp(a, b, sizeof a) == 0;
}

/* Read each time, so that a new token needs no restart. */
static enum alert_answer token_judge(const struct leak_origin *origin, const struct alert *alert)
{
    const char *header = alert->header_get(alert->context, "Authorization");
    char token[TOKEN_MOST];
    size_t size = 0;
    enum err e = file_read_private(origin->token_file, token, sizeof token, &size);
    bool is;

    if (e != OK)
        log_error("alert", "the token of %s in %s: %s", origin->name, origin->token_file,
                  err_text(e));
    while (e == OK && size > 0 && (unsigned char)token[size - 1] <= ' ')
        size--;
    if (header != NULL && strncasecmp(header, "Bearer ", 7) == 0)
        header += 7;
    is = e == OK && header != NULL && token_is(slice_of(header), (struct slice){ token, size });
    secret_wipe_bytes(token, sizeof token);
    return is ? ALERT_TAKEN : ALERT_NOT_AUTHENTIC;
}

/* A row of the journal says by what it was authentic. */
static enum alert_answer signature_judge(struct alert_keys *keys, const struct leak_origin *origin,
                                         const struct alert *alert, struct store_alert *row)
{
    const char *identifier = alert->header_get(alert->context, origin->identifier_header);
    const char *signature = alert->header_get(alert->context, origin->signature_header);

    if (identifier == NULL || signature == NULL || strlen(identifier) >= sizeof row->identifier ||
        strlen(signature) >= sizeof row->signature)
        return ALERT_NOT_AUTHENTIC;
    if (!alert_key_find(keys, identifier, row->signer))
        return ALERT_SIGNER_UNKNOWN;
    snprintf(row->identifier, sizeof row->identifier, "%s", identifier);
    snprintf(row->signature, sizeof row->signature, "%s", signature);
    return alert_signature_holds(slice_of(row->signer), alert->body, slice_of(signature))
               ? ALERT_TAKEN
               : ALERT_NOT_AUTHENTIC;
}

static enum alert_answer judge(struct alert_desk *desk, const struct alert *alert,
                               struct store_alert *row, bool *labels)
{
    size_t index;
    const struct leak_origin *origin = origin_find(desk, alert->origin, &index);

    if (origin == NULL)
        return ALERT_ORIGIN_UNKNOWN;
    snprintf(row->origin, sizeof row->origin, "%s", origin->name);
    *labels = desk->keys[index] != NULL;
    return *labels ? signature_judge(desk->keys[index], origin, alert, row)
                   : token_judge(origin, alert);
}

enum alert_answer alert_judge(struct alert_desk *desk, const struct alert *alert)
{
    struct store_alert row = { .id = 0 };
    bool labels;

    return judge(desk, alert, &row, &labels);
}

/* ---- what it tells ---- */

/* The form decides: checksum and all. */
static bool finding_of(const struct alert_entry *entry, struct leak_finding *finding)
{
    enum environment environment;
    struct secret secret;

    *finding = (struct leak_finding){ .channel = LEAK_CHANNEL_ALERT };
    if (secret_parse(entry->token, &environment, &secret)) {
        finding->kind = LEAK_SECRET;
        crypto_hash_sha256(finding->sha256, secret.bytes, secret.size);
        secret_wipe(&secret);
        return true;
    }
    finding->kind = LEAK_KEY_ID;
    return key_id_parse(entry->token, &finding->key);
}

static json_t *place_of(const struct alert_entry *entry)
{
    return json_pack("{s:s%, s:s%, s:s%}", "url", entry->url.at == NULL ? "" : entry->url.at,
                     entry->url.size, "source", entry->source.at == NULL ? "" : entry->source.at,
                     entry->source.size, "type", entry->type.at == NULL ? "" : entry->type.at,
                     entry->type.size);
}

/* Findings of a part of an alert; results stay where the entry was. */
struct batch {
    struct leak_finding findings[LEAK_BATCH_MOST];
    struct leak_result results[LEAK_BATCH_MOST];
    size_t entries[LEAK_BATCH_MOST];
    json_t *places[LEAK_BATCH_MOST];
    size_t count;
};

static void batch_empty(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++)
        json_decref(b->places[i]);
    b->count = 0;
}

/* The row of the journal, and the hits of earlier batches. */
struct ending {
    struct authority *authority;
    struct store_alert *row;
    uint64_t hits;
};

static enum err row_end(void *context, struct store_tx *tx, const struct leak_result *results,
                        size_t count)
{
    const struct ending *ending = context;

    ending->row->hits = ending->hits;
    for (size_t i = 0; i < count; i++)
        ending->row->hits += results[i].answer != LEAK_ANSWER_NONE;
    return alert_journal_end(ending->authority, tx, ending->row);
}

/* The last batch ends the row in its own transaction: whatever dies before that commits, the whole
 * alert is taken again. */
static enum err batch_take(struct authority *a, struct batch *b, const char *who, bool *ours,
                           struct store_alert *row, bool is_last)
{
    struct ending ending = { a, row, row->hits };
    const struct leak_also also = { row_end, &ending };
    enum err e = ERR_CONFLICT;

    for (int tries = 0; e == ERR_CONFLICT && tries < TRIES_MOST; tries++)
        e = leaks_take_also(a, who, b->findings, b->count, b->results, is_last ? &also : NULL);
    row->hits = ending.hits;
    for (size_t i = 0; e == OK && i < b->count; i++) {
        ours[b->entries[i]] = b->results[i].answer != LEAK_ANSWER_NONE;
        row->hits += ours[b->entries[i]];
    }
    batch_empty(b);
    return e;
}

/* ours[i] says whether entry i is a key of ours, which then is dead or suspended; the row has been
 * ended. */
static enum err entries_take(struct authority *a, const json_t *body, struct store_alert *row,
                             bool *ours)
{
    struct batch *b = calloc(1, sizeof *b);
    struct alert_entry entry;
    char who[sizeof row->origin + sizeof "alert of "];
    enum err e = OK;

    if (b == NULL)
        return ERR_MEMORY;
    snprintf(who, sizeof who, "alert of %s", row->origin);
    row->hits = 0;
    for (size_t i = 0; i < json_array_size(body); i++) {
        struct leak_finding *finding;

        if (b->count == LEAK_BATCH_MOST)
            TRY(batch_take(a, b, who, ours, row, false));
        finding = &b->findings[b->count];
        if (!alert_entry_get(body, i, &entry) || !finding_of(&entry, finding))
            continue;
        finding->origin = slice_of(row->origin);
        finding->alert = row->id;
        finding->place = b->places[b->count] = place_of(&entry);
        b->entries[b->count++] = i;
    }
    e = batch_take(a, b, who, ours, row, true);
out:
    batch_empty(b);
    free(b);
    return e;
}

static bool has_candidates(const json_t *body)
{
    struct leak_finding finding;
    struct alert_entry entry;

    for (size_t i = 0; i < json_array_size(body); i++)
        if (alert_entry_get(body, i, &entry) && finding_of(&entry, &finding))
            return true;
    return false;
}

static void answer_write(const json_t *body, const bool *ours, struct buffer *reply)
{
    struct alert_entry entry;

    for (size_t i = 0; i < json_array_size(body); i++)
        if (alert_entry_get(body, i, &entry))
            alert_answer_append(reply, &entry, ours[i]);
    alert_answer_end(reply);
}

enum err alert_take(struct alert_desk *desk, const struct alert *alert, struct buffer *reply,
                    enum alert_answer *answer)
{
    struct authority *a = desk->authority;
    struct store_alert row = { .id = 0 };
    json_t *body = NULL;
    bool *ours = NULL, labels = false, too_many;
    enum err e = OK;

    *answer = judge(desk, alert, &row, &labels);
    if (*answer != ALERT_TAKEN)
        goto out;
    body = alert_body_parse(alert->body, &too_many);
    if (body == NULL) {
        *answer = too_many ? ALERT_TOO_MANY : ALERT_MALFORMED;
        goto out;
    }
    row.entries = json_array_size(body);
    ours = calloc(row.entries + 1, sizeof *ours);
    TRY(ours == NULL ? ERR_MEMORY : OK);
    if (has_candidates(body)) {
        TRY(alert_journal_write(a, &row, alert->body));
        TRY(entries_take(a, body, &row, ours));
        log_info("alert", "%s told of %" PRIu64 " tokens, %" PRIu64 " are keys of ours", row.origin,
                 row.entries, row.hits);
    }
    if (labels)
        answer_write(body, ours, reply);
    e = reply->failed ? ERR_MEMORY : OK;
out:
    free(ours);
    json_decref(body);
    return e;
}

/* ---- what an earlier process has left ---- */

static enum err waiting_take(struct authority *a, uint64_t id)
{
    struct store_alert row;
    struct buffer text;
    json_t *body = NULL;
    bool *ours = NULL, too_many;
    enum err e;

    buffer_init(&text);
    text.is_cleared = true;
    TRY(alert_journal_read(a, id, &row, &text));
    body = alert_body_parse(buffer_slice(&text), &too_many);
    ours = calloc(json_array_size(body) + 1, sizeof *ours);
    TRY(body == NULL || ours == NULL ? ERR_MEMORY : OK);
    TRY(entries_take(a, body, &row, ours));
    log_info("alert",
             "alert %" PRIu64 " of %s, left by an earlier process: %" PRIu64 " keys of ours", id,
             row.origin, row.hits);
out:
    buffer_wipe(&text);
    free(ours);
    json_decref(body);
    return e;
}

static enum err waiting_take_all(struct authority *a)
{
    struct store_tx *tx = NULL;
    uint64_t id = 0;
    enum err e;

    for (;;) {
        TRY(store_begin(a->store, &tx));
        TRY(store_alert_waiting(tx, id, &id));
        store_rollback(&tx);
        if (id == 0)
            break;
        e = waiting_take(a, id);
        if (e != OK) /* the journal keeps it; the others are not held up by it */
            log_error("alert", "alert %" PRIu64 " waits on: %s", id, err_text(e));
    }
out:
    store_rollback(&tx);
    return e;
}

enum err alert_desk_open(struct authority *a, const char *folder, struct alert_desk **desk)
{
    const struct settings_leak *leak = &a->settings->leak;
    struct alert_desk *d = calloc(1, sizeof *d);
    char file[FILE_PATH_SIZE];
    enum err e = ERR_MEMORY;

    *desk = NULL;
    if (d == NULL)
        return ERR_MEMORY;
    d->authority = a;
    TRY(file_folder_make(folder, 0700));
    for (size_t i = 0; i < leak->origin_count; i++) {
        if (leak->origins[i].keys == NULL)
            continue;
        TRY(snprintf(file, sizeof file, "%s/%s.json", folder, leak->origins[i].name) <
                    (int)sizeof file
                ? OK
                : ERR_RANGE);
        TRY(alert_keys_open(&leak->origins[i], file, a->now_ns, &d->keys[i]));
    }
    TRY(waiting_take_all(a));
    *desk = d;
    d = NULL;
out:
    alert_desk_close(&d);
    return e;
}

void alert_desk_close(struct alert_desk **desk)
{
    struct alert_desk *d = *desk;

    *desk = NULL;
    if (d == NULL)
        return;
    for (size_t i = 0; i < LEAK_ORIGINS_MOST; i++)
        alert_keys_close(&d->keys[i]);
    free(d);
}
