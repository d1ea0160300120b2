#include "store/leak_objects.h"

#include <string.h>

#include "store/transaction.h"

enum err store_leak_object_insert(struct store_tx *tx, const struct store_leak_object *object)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO leak_object (leak, sha256, size, stored_at_ns, expires_at_ns, "
                   "key_sealed, body) VALUES ($leak, $sha256, $size, 0, $expires, $empty, $empty)",
                   &q));
    query_bind_integer(q, "$leak", (int64_t)object->leak);
    query_bind_bytes(q, "$sha256", object->sha256, sizeof object->sha256);
    query_bind_integer(q, "$size", (int64_t)object->size);
    query_bind_integer(q, "$expires", (int64_t)object->expires_at_ns);
    query_bind_bytes(q, "$empty", "", 0);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err object_of_row(const struct query *q, struct store_leak_object *object)
{
    struct slice sha256 = query_bytes(q, 1), sealed = query_bytes(q, 5);

    if (sha256.size != sizeof object->sha256 || sealed.size > sizeof object->key_sealed)
        return ERR_CORRUPT;
    *object = (struct store_leak_object){ .leak = (uint64_t)query_integer(q, 0),
                                          .size = (uint64_t)query_integer(q, 2),
                                          .stored_at_ns = (uint64_t)query_integer(q, 3),
                                          .expires_at_ns = (uint64_t)query_integer(q, 4),
                                          .key_sealed_size = sealed.size };
    memcpy(object->sha256, sha256.at, sha256.size);
    if (sealed.size > 0)
        memcpy(object->key_sealed, sealed.at, sealed.size);
    return OK;
}

enum err store_leak_object_find(struct store_tx *tx, uint64_t leak,
                                struct store_leak_object *object, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT leak, sha256, size, stored_at_ns, expires_at_ns, key_sealed "
                   "FROM leak_object WHERE leak = $leak",
                   &q));
    query_bind_integer(q, "$leak", (int64_t)leak);
    TRY(query_step(q, present));
    if (*present)
        e = object_of_row(q, object);
out:
    query_close(&q);
    return e;
}

enum err store_leak_object_body(struct store_tx *tx, uint64_t leak, struct buffer *body)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT body FROM leak_object WHERE leak = $leak", &q));
    query_bind_integer(q, "$leak", (int64_t)leak);
    TRY(query_step(q, &row));
    TRY(row ? OK : ERR_MISSING);
    buffer_append(body, query_bytes(q, 0));
    e = body->failed ? ERR_MEMORY : OK;
out:
    query_close(&q);
    return e;
}

enum err store_leak_object_set(struct store_tx *tx, const struct store_leak_object *object,
                               struct slice body)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE leak_object SET stored_at_ns = $stored, key_sealed = $sealed, "
                   "body = $body WHERE leak = $leak",
                   &q));
    query_bind_integer(q, "$stored", (int64_t)object->stored_at_ns);
    query_bind_bytes(q, "$sealed", object->key_sealed, object->key_sealed_size);
    query_bind_bytes(q, "$body", body.at, body.size);
    query_bind_integer(q, "$leak", (int64_t)object->leak);
    TRY(query_run(q));
    e = query_changed(q) == 1 ? OK : ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_leak_objects_erase(struct store_tx *tx, uint64_t now_ns, bool *any)
{
    struct query *q = NULL;
    enum err e;

    *any = false;
    TRY(query_open(store_tx_driver(tx), "DELETE FROM leak_object WHERE expires_at_ns <= $now", &q));
    query_bind_integer(q, "$now", (int64_t)now_ns);
    TRY(query_run(q));
    *any = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}
