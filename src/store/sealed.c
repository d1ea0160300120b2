#include "store/sealed.h"

#include <string.h>

#include "store/transaction.h"

static const struct kind {
    const char *next, *set, *count;
} kinds[] = {
    [STORE_SEALED_KEY] = { "SELECT id, environment, secret_sealed FROM api_key WHERE id > $after "
                           "ORDER BY id LIMIT 1",
                           "UPDATE api_key SET secret_sealed = $sealed WHERE id = $id",
                           "SELECT COUNT(*) FROM api_key" },
    [STORE_SEALED_TOTP] = { "SELECT account, CAST(0 AS BIGINT), sealed FROM account_totp WHERE "
                            "account > $after "
                            "ORDER BY account LIMIT 1",
                            "UPDATE account_totp SET sealed = $sealed WHERE account = $id",
                            "SELECT COUNT(*) FROM account_totp" },
    [STORE_SEALED_WEBHOOK] = { "SELECT id, CAST(0 AS BIGINT), secret_sealed FROM webhook WHERE id "
                               "> $after "
                               "ORDER BY id LIMIT 1",
                               "UPDATE webhook SET secret_sealed = $sealed WHERE id = $id",
                               "SELECT COUNT(*) FROM webhook" },
    [STORE_SEALED_MAIL] = { "SELECT id, CAST(0 AS BIGINT), sealed FROM mail WHERE id > $after "
                            "ORDER BY id LIMIT 1",
                            "UPDATE mail SET sealed = $sealed WHERE id = $id",
                            "SELECT COUNT(*) FROM mail" },
    [STORE_SEALED_ALERT] = { "SELECT id, CAST(0 AS BIGINT), key_sealed FROM alert WHERE id > "
                             "$after ORDER BY id LIMIT 1",
                             "UPDATE alert SET key_sealed = $sealed WHERE id = $id",
                             "SELECT COUNT(*) FROM alert" },
    [STORE_SEALED_OBJECT] = { "SELECT leak, CAST(0 AS BIGINT), key_sealed FROM leak_object WHERE "
                              "leak > $after ORDER BY leak LIMIT 1",
                              "UPDATE leak_object SET key_sealed = $sealed WHERE leak = $id",
                              "SELECT COUNT(*) FROM leak_object" },
};

/* Keys are named by text, all else by a number. */
static void name_bind(struct query *q, const char *name, enum store_sealed_kind kind,
                      const struct store_sealed *row)
{
    if (kind == STORE_SEALED_KEY)
        query_bind_text(q, name, slice_of(row->key));
    else
        query_bind_integer(q, name, (int64_t)row->id);
}

static enum err row_take(const struct query *q, enum store_sealed_kind kind,
                         struct store_sealed *row)
{
    struct slice sealed = query_bytes(q, 2);

    if (sealed.size > sizeof row->bytes)
        return ERR_CORRUPT;
    if (kind == STORE_SEALED_KEY)
        query_text_copy(q, 0, row->key, sizeof row->key);
    else
        row->id = (uint64_t)query_integer(q, 0);
    row->environment = (enum environment)query_integer(q, 1);
    row->size = sealed.size;
    if (sealed.size > 0)
        memcpy(row->bytes, sealed.at, sealed.size);
    return OK;
}

enum err store_sealed_next(struct store_tx *tx, enum store_sealed_kind kind,
                           struct store_sealed *row, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx), kinds[kind].next, &q));
    name_bind(q, "$after", kind, row);
    TRY(query_step(q, present));
    if (*present)
        e = row_take(q, kind, row);
out:
    query_close(&q);
    return e;
}

enum err store_sealed_set(struct store_tx *tx, enum store_sealed_kind kind,
                          const struct store_sealed *row)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), kinds[kind].set, &q));
    query_bind_bytes(q, "$sealed", row->bytes, row->size);
    name_bind(q, "$id", kind, row);
    TRY(query_run(q));
    e = query_changed(q) == 1 ? OK : ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_sealed_count(struct store_tx *tx, enum store_sealed_kind kind, uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx), kinds[kind].count, &q));
    TRY(query_step(q, &row));
    *count = row ? (uint64_t)query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}
