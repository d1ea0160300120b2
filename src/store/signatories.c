#include "store/signatories.h"

#include "store/transaction.h"

static enum err list_remove(struct store_tx *tx, uint64_t account, uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE signatory SET removed_at_ns = $at "
                   "WHERE account = $account AND removed_at_ns = 0",
                   &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_integer(q, "$account", (int64_t)account);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err signatory_insert(struct store_tx *tx, uint64_t account,
                                 struct store_signatory *signatory, uint64_t at_ns)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO signatory (id, account, name, email, added_at_ns, removed_at_ns) "
                   "SELECT COALESCE(MAX(id) + 1, 1), $account, $name, $email, $at, 0 "
                   "FROM signatory WHERE true RETURNING id",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_text(q, "$name", slice_of(signatory->name));
    query_bind_text(q, "$email", slice_of(signatory->email));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    TRY(query_step(q, &row));
    if (row)
        signatory->id = (uint64_t)query_integer(q, 0);
    else
        e = ERR_STORE;
out:
    query_close(&q);
    return e;
}

enum err store_signatories_set(struct store_tx *tx, uint64_t account,
                               struct store_signatory *signatories, size_t count, uint64_t at_ns)
{
    enum err e;

    TRY(list_remove(tx, account, at_ns));
    for (size_t i = 0; i < count; i++)
        TRY(signatory_insert(tx, account, &signatories[i], at_ns));
out:
    return e;
}

enum err store_signatories_get(struct store_tx *tx, uint64_t account,
                               struct store_signatory signatories[SIGNATORIES_MOST], size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT id, name, email FROM signatory "
                   "WHERE account = $account AND removed_at_ns = 0 ORDER BY id",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    while (*count < SIGNATORIES_MOST) {
        struct store_signatory *s = &signatories[*count];

        TRY(query_step(q, &row));
        if (!row)
            break;
        s->id = (uint64_t)query_integer(q, 0);
        query_text_copy(q, 1, s->name, sizeof s->name);
        query_text_copy(q, 2, s->email, sizeof s->email);
        (*count)++;
    }
out:
    query_close(&q);
    return e;
}
