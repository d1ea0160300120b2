#include "authority/leak_object.h"

#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "authority/about.h"
#include "authority/change.h"
#include "authority/envelope.h"
#include "authority/settings.h"
#include "base/hex.h"

static_assert((int)ENVELOPE_KEY_SEALED_SIZE <= (int)LEAK_OBJECT_KEY_SEALED_MOST, "it fits");

enum err leak_object_expect(struct authority *a, struct store_tx *tx, uint64_t leak,
                            uint64_t found_at_ns, const struct leak_object *object)
{
    struct store_leak_object row = { .leak = leak, .size = object->size };

    if (object->size == 0 || a->settings->leak.object_days == 0)
        return OK;
    row.expires_at_ns = found_at_ns + a->settings->leak.object_days * DAY_NS;
    memcpy(row.sha256, object->sha256, sizeof row.sha256);
    return store_leak_object_insert(tx, &row);
}

enum err leak_object_wanted(struct authority *a, struct store_tx *tx, uint64_t leak,
                            const struct leak_object *object, bool *is)
{
    struct store_leak_object row;
    enum err e;

    *is = false;
    if (object->size == 0)
        return OK;
    e = store_leak_object_find(tx, leak, &row, is);
    if (e == OK && *is)
        *is = row.stored_at_ns == 0 && a->now_ns() < row.expires_at_ns &&
              memcmp(row.sha256, object->sha256, sizeof row.sha256) == 0;
    return e;
}

/* Within the row's transaction. */
static enum err body_set(struct authority *a, struct store_tx *tx, struct store_leak_object *row,
                         const struct envelope *envelope)
{
    char about[ABOUT_SIZE];

    row->stored_at_ns = a->now_ns();
    row->key_sealed_size =
        envelope_key_seal(a->vault, about_leak_object(row->leak, about), envelope, row->key_sealed);
    return store_leak_object_set(tx, row,
                                 (struct slice){ (const char *)envelope->bytes, envelope->size });
}

enum err leak_object_keep(struct authority *a, uint64_t leak, struct slice bytes,
                          struct refusal *refusal)
{
    uint8_t sha256[STORE_SHA256_SIZE];
    struct envelope envelope = { .size = 0 };
    struct store_leak_object row;
    struct store_tx *tx = NULL;
    bool present;
    enum err e;

    crypto_hash_sha256(sha256, (const uint8_t *)bytes.at, bytes.size);
    TRY(envelope_close(bytes, &envelope));
    TRY(store_begin(a->store, &tx));
    TRY(store_leak_object_find(tx, leak, &row, &present));
    if (!present || a->now_ns() >= row.expires_at_ns)
        refusal_add(refusal, REFUSAL_MISSING, "object-unwanted",
                    "no object of leak %" PRIu64 " is asked for", leak);
    else if (row.size != bytes.size || memcmp(row.sha256, sha256, sizeof sha256) != 0)
        refusal_add(refusal, REFUSAL_INVALID, "object-other",
                    "these are not the bytes whose SHA-256 was told with leak %" PRIu64, leak);
    if (refusal_is(refusal) || row.stored_at_ns != 0)
        goto out;
    TRY(body_set(a, tx, &row, &envelope));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    envelope_wipe(&envelope);
    return e;
}

static enum err body_open(struct authority *a, struct store_tx *tx,
                          const struct store_leak_object *row, struct buffer *bytes)
{
    uint8_t sha256[STORE_SHA256_SIZE];
    char about[ABOUT_SIZE];
    struct buffer sealed;
    enum err e;

    buffer_init(&sealed);
    TRY(store_leak_object_body(tx, row->leak, &sealed));
    TRY(envelope_open(a->vault, about_leak_object(row->leak, about),
                      (struct slice){ (const char *)row->key_sealed, row->key_sealed_size },
                      buffer_slice(&sealed), bytes));
    crypto_hash_sha256(sha256, (const uint8_t *)bytes->at, bytes->size);
    e = memcmp(sha256, row->sha256, sizeof sha256) == 0 ? OK : ERR_CORRUPT;
out:
    buffer_wipe(&sealed);
    return e;
}

static enum err read_note(struct authority *a, struct store_tx *tx, const char *who,
                          const struct store_leak_object *row)
{
    struct store_leak *leak = calloc(1, sizeof *leak);
    char sha256[2 * STORE_SHA256_SIZE + 1];
    struct store_key key;
    enum err e = ERR_MEMORY;

    if (leak == NULL)
        goto out;
    TRY(store_leak_get(tx, row->leak, leak));
    TRY(store_key_get(tx, leak->key, &key));
    hex_format(row->sha256, sizeof row->sha256, sha256);
    e = change_write(
        tx, (struct change){ .who = who,
                             .what = "leak object read",
                             .account = key.account,
                             .key = key.id,
                             .environment = key.environment,
                             .at_ns = a->now_ns(),
                             .after = json_pack("{s:I, s:s}", "leak", (json_int_t)row->leak,
                                                "sha256", sha256) });
    sodium_memzero(&key, sizeof key);
out:
    free(leak);
    return e;
}

enum err leak_object_read(struct authority *a, const struct leak_object_reader *reader,
                          uint64_t leak, struct buffer *bytes, struct refusal *refusal)
{
    struct store_leak_object row;
    struct store_tx *tx = NULL;
    bool present;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_leak_object_find(tx, leak, &row, &present));
    if (!present || row.stored_at_ns == 0 || a->now_ns() >= row.expires_at_ns) {
        refusal_add(refusal, REFUSAL_MISSING, "object-missing",
                    "no object of leak %" PRIu64 " is kept: it never came, or its time is over",
                    leak);
        goto out;
    }
    if (reader->account != 0)
        TRY(proof_spend(a, tx, reader->account, reader->session, reader->operation, &reader->proof,
                        refusal));
    if (!refusal_is(refusal)) {
        TRY(body_open(a, tx, &row, bytes));
        TRY(read_note(a, tx, reader->who, &row));
    }
    e = store_commit(&tx); /* also a refused proof: it counts */
out:
    store_rollback(&tx);
    if (e != OK)
        buffer_wipe(bytes);
    return e;
}

enum err leak_object_find(struct authority *a, uint64_t leak, struct store_leak_object *object,
                          bool *present)
{
    struct store_tx *tx = NULL;
    enum err e;

    *present = false;
    TRY(store_begin(a->store, &tx));
    TRY(store_leak_object_find(tx, leak, object, present));
    *present = *present && a->now_ns() < object->expires_at_ns;
out:
    store_rollback(&tx);
    return e;
}

enum err leak_object_expire(struct authority *a)
{
    struct store_tx *tx = NULL;
    bool any;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_leak_objects_erase(tx, a->now_ns(), &any));
    if (any)
        e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}
