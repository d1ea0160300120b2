#include "store/key_grants.h"

#include <string.h>

#include "store/transaction.h"

#define GRANT_COLUMNS "api_key, scope, granted_at_ns, ends_at_ns, review"

static struct slice id_slice(const char *id)
{
    return (struct slice){ id, RECORD_KEY_SIZE };
}

enum err store_key_grant_set(struct store_tx *tx, const struct store_key_grant *grant)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO api_key_grant (" GRANT_COLUMNS ") "
                   "VALUES ($key, $scope, $granted, $ends, $review) "
                   "ON CONFLICT (api_key, scope) DO UPDATE SET "
                   "granted_at_ns = excluded.granted_at_ns, ends_at_ns = excluded.ends_at_ns, "
                   "review = excluded.review",
                   &q));
    query_bind_text(q, "$key", id_slice(grant->key));
    query_bind_integer(q, "$scope", grant->scope);
    query_bind_integer(q, "$granted", (int64_t)grant->granted_at_ns);
    query_bind_integer(q, "$ends", (int64_t)grant->ends_at_ns);
    query_bind_integer(q, "$review", (int64_t)grant->review);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_key_grant_delete(struct store_tx *tx, const char *key, enum scope scope)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM api_key_grant WHERE api_key = $key AND scope = $scope", &q));
    query_bind_text(q, "$key", id_slice(key));
    query_bind_integer(q, "$scope", scope);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err grants_read(struct query *q, struct store_key_grant *grants, size_t capacity,
                            size_t *count)
{
    bool row;
    enum err e;

    for (*count = 0; *count < capacity; (*count)++) {
        struct store_key_grant *grant = &grants[*count];

        TRY(query_step(q, &row));
        if (!row)
            break;
        if (query_text(q, 0).size != sizeof grant->key)
            return ERR_CORRUPT;
        memcpy(grant->key, query_text(q, 0).at, sizeof grant->key);
        grant->scope = (enum scope)query_integer(q, 1);
        grant->granted_at_ns = (uint64_t)query_integer(q, 2);
        grant->ends_at_ns = (uint64_t)query_integer(q, 3);
        grant->review = (uint64_t)query_integer(q, 4);
    }
    e = OK;
out:
    return e;
}

enum err store_key_grants_get(struct store_tx *tx, const char *key,
                              struct store_key_grant grants[SCOPE_COUNT], size_t *count)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " GRANT_COLUMNS " FROM api_key_grant WHERE api_key = $key "
                   "ORDER BY scope",
                   &q));
    query_bind_text(q, "$key", id_slice(key));
    e = grants_read(q, grants, SCOPE_COUNT, count);
out:
    query_close(&q);
    return e;
}

enum err store_key_grants_ended(struct store_tx *tx, uint64_t now_ns,
                                struct store_key_grant *grants, size_t capacity, size_t *count)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " GRANT_COLUMNS " FROM api_key_grant WHERE ends_at_ns <= $now "
                   "ORDER BY ends_at_ns",
                   &q));
    query_bind_integer(q, "$now", (int64_t)now_ns);
    e = grants_read(q, grants, capacity, count);
out:
    query_close(&q);
    return e;
}
