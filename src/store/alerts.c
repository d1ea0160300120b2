#include "store/alerts.h"

#include <string.h>

#include "store/transaction.h"

#define ALERT_COLUMNS                                                                      \
    "id, origin, body_sha256, key_sealed, identifier, signature, signer, received_at_ns, " \
    "handled_at_ns, entries, hits, body"

static enum err alert_of_row(const struct query *q, struct store_alert *alert)
{
    struct slice sha256 = query_bytes(q, 2), sealed = query_bytes(q, 3);

    if (sha256.size != sizeof alert->body_sha256 || sealed.size > sizeof alert->key_sealed)
        return ERR_CORRUPT;
    alert->id = (uint64_t)query_integer(q, 0);
    query_text_copy(q, 1, alert->origin, sizeof alert->origin);
    memcpy(alert->body_sha256, sha256.at, sha256.size);
    if (sealed.size > 0)
        memcpy(alert->key_sealed, sealed.at, sealed.size);
    alert->key_sealed_size = sealed.size;
    query_text_copy(q, 4, alert->identifier, sizeof alert->identifier);
    query_text_copy(q, 5, alert->signature, sizeof alert->signature);
    query_text_copy(q, 6, alert->signer, sizeof alert->signer);
    alert->received_at_ns = (uint64_t)query_integer(q, 7);
    alert->handled_at_ns = (uint64_t)query_integer(q, 8);
    alert->entries = (uint64_t)query_integer(q, 9);
    alert->hits = (uint64_t)query_integer(q, 10);
    return OK;
}

enum err store_alert_id_next(struct store_tx *tx, uint64_t *id)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT COALESCE(MAX(id) + 1, 1) FROM alert", &q));
    TRY(query_step(q, &row));
    *id = row ? (uint64_t)query_integer(q, 0) : 1;
out:
    query_close(&q);
    return e;
}

enum err store_alert_insert(struct store_tx *tx, const struct store_alert *alert, struct slice body)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO alert (" ALERT_COLUMNS ") VALUES ($id, $origin, $sha256, $sealed, "
                   "$identifier, $signature, $signer, $received, 0, $entries, 0, $body)",
                   &q));
    query_bind_integer(q, "$id", (int64_t)alert->id);
    query_bind_text(q, "$origin", slice_of(alert->origin));
    query_bind_bytes(q, "$sha256", alert->body_sha256, sizeof alert->body_sha256);
    query_bind_bytes(q, "$sealed", alert->key_sealed, alert->key_sealed_size);
    query_bind_text(q, "$identifier", slice_of(alert->identifier));
    query_bind_text(q, "$signature", slice_of(alert->signature));
    query_bind_text(q, "$signer", slice_of(alert->signer));
    query_bind_integer(q, "$received", (int64_t)alert->received_at_ns);
    query_bind_integer(q, "$entries", (int64_t)alert->entries);
    query_bind_bytes(q, "$body", body.at, body.size);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_alert_find(struct store_tx *tx, struct slice origin,
                          const uint8_t body_sha256[STORE_SHA256_SIZE], struct store_alert *alert,
                          bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " ALERT_COLUMNS " FROM alert "
                   "WHERE origin = $origin AND body_sha256 = $sha256",
                   &q));
    query_bind_text(q, "$origin", origin);
    query_bind_bytes(q, "$sha256", body_sha256, STORE_SHA256_SIZE);
    TRY(query_step(q, present));
    if (*present)
        e = alert_of_row(q, alert);
out:
    query_close(&q);
    return e;
}

enum err store_alert_get(struct store_tx *tx, uint64_t id, struct store_alert *alert,
                         struct buffer *body)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT " ALERT_COLUMNS " FROM alert WHERE id = $id", &q));
    query_bind_integer(q, "$id", (int64_t)id);
    TRY(query_step(q, &row));
    TRY(row ? alert_of_row(q, alert) : ERR_MISSING);
    buffer_append(body, query_bytes(q, 11));
    e = body->failed ? ERR_MEMORY : OK;
out:
    query_close(&q);
    return e;
}

enum err store_alert_waiting(struct store_tx *tx, uint64_t after, uint64_t *id)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *id = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT id FROM alert WHERE handled_at_ns = 0 AND id > $after "
                   "ORDER BY id LIMIT 1",
                   &q));
    query_bind_integer(q, "$after", (int64_t)after);
    TRY(query_step(q, &row));
    if (row)
        *id = (uint64_t)query_integer(q, 0);
out:
    query_close(&q);
    return e;
}

enum err store_alert_handled(struct store_tx *tx, const struct store_alert *alert)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   alert->hits > 0
                       ? "UPDATE alert SET handled_at_ns = $handled, entries = $entries, "
                         "hits = $hits WHERE id = $id"
                       : "UPDATE alert SET handled_at_ns = $handled, entries = $entries, "
                         "hits = $hits, body = $empty, key_sealed = $empty WHERE id = $id",
                   &q));
    if (alert->hits == 0)
        query_bind_bytes(q, "$empty", "", 0);
    query_bind_integer(q, "$handled", (int64_t)alert->handled_at_ns);
    query_bind_integer(q, "$entries", (int64_t)alert->entries);
    query_bind_integer(q, "$hits", (int64_t)alert->hits);
    query_bind_integer(q, "$id", (int64_t)alert->id);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_alerts_erase(struct store_tx *tx, uint64_t before_ns, bool *any)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE alert SET body = $empty, key_sealed = $empty "
                   "WHERE handled_at_ns > 0 AND length(key_sealed) > 0 "
                   "AND received_at_ns < $before",
                   &q));
    query_bind_bytes(q, "$empty", "", 0);
    query_bind_integer(q, "$before", (int64_t)before_ns);
    TRY(query_run(q));
    *any = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}
