#include "store/changes.h"

#include <string.h>

#include "store/transaction.h"

enum err store_change_insert(struct store_tx *tx, struct store_change *change)
{
    struct slice key = { change->key, change->key[0] == '\0' ? 0 : sizeof change->key };
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO change (sequence, id, at_ns, account, api_key, environment, body, "
                   "delivered) SELECT COALESCE(MAX(sequence) + 1, 1), $id, $at, $account, $key, "
                   "$environment, $body, 0 FROM change WHERE true RETURNING sequence",
                   &q));
    query_bind_bytes(q, "$id", change->id, sizeof change->id);
    query_bind_integer(q, "$at", (int64_t)change->at_ns);
    query_bind_integer(q, "$account", (int64_t)change->account);
    query_bind_text(q, "$key", key);
    query_bind_integer(q, "$environment", change->environment);
    query_bind_text(q, "$body", change->body);
    TRY(query_step(q, &row));
    if (row)
        change->sequence = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

static enum err change_of_row(const struct query *q, struct store_change *change)
{
    struct slice id = query_bytes(q, 1), key;

    *change = (struct store_change){
        .sequence = (uint64_t)query_integer(q, 0),
        .at_ns = (uint64_t)query_integer(q, 2),
        .account = (uint64_t)query_integer(q, 3),
        .environment = (enum environment)query_integer(q, 5),
    };
    if (id.size != sizeof change->id)
        return ERR_CORRUPT;
    memcpy(change->id, id.at, id.size);
    key = query_text(q, 4);
    if (key.size == sizeof change->key)
        memcpy(change->key, key.at, key.size);
    change->body = query_text(q, 6);
    return OK;
}

enum err store_changes_waiting_each(struct store_tx *tx, uint64_t after, size_t most,
                                    bool (*each)(void *context,
                                                 const struct store_change *change),
                                    void *context)
{
    struct store_change change;
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT sequence, id, at_ns, account, api_key, environment, body FROM change "
                   "WHERE delivered = 0 AND sequence > $after ORDER BY sequence LIMIT $most",
                   &q));
    query_bind_integer(q, "$after", (int64_t)after);
    query_bind_integer(q, "$most", (int64_t)most);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        TRY(change_of_row(q, &change));
        if (!each(context, &change))
            break;
    }
out:
    query_close(&q);
    return e;
}

enum err store_changes_delivered(struct store_tx *tx, uint64_t sequence)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE change SET delivered = 1 WHERE delivered = 0 AND sequence <= $sequence",
                   &q));
    query_bind_integer(q, "$sequence", (int64_t)sequence);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
