#include "store/factors.h"

#include <string.h>

#include "store/transaction.h"

enum err store_factors_get(struct store_tx *tx, uint64_t account, struct store_factors *factors)
{
    struct query *q = NULL;
    struct slice handle;
    bool row;
    enum err e;

    *factors = (struct store_factors){ .account = account };
    TRY(query_open(store_tx_driver(tx),
                   "SELECT handle, guess_count, blocked_until_ns FROM account_factors "
                   "WHERE account = $account",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, &row));
    if (!row)
        goto out;
    handle = query_bytes(q, 0);
    if (handle.size > sizeof factors->handle) {
        e = ERR_CORRUPT;
        goto out;
    }
    if (handle.size > 0)
        memcpy(factors->handle, handle.at, handle.size);
    factors->handle_size = handle.size;
    factors->guess_count = (uint32_t)query_integer(q, 1);
    factors->blocked_until_ns = (uint64_t)query_integer(q, 2);
out:
    query_close(&q);
    return e;
}

enum err store_factors_set(struct store_tx *tx, const struct store_factors *factors)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO account_factors (account, handle, guess_count, blocked_until_ns) "
                   "VALUES ($account, $handle, $guesses, $blocked) "
                   "ON CONFLICT (account) DO UPDATE SET handle = excluded.handle, "
                   "guess_count = excluded.guess_count, "
                   "blocked_until_ns = excluded.blocked_until_ns",
                   &q));
    query_bind_integer(q, "$account", (int64_t)factors->account);
    query_bind_bytes(q, "$handle", factors->handle, factors->handle_size);
    query_bind_integer(q, "$guesses", factors->guess_count);
    query_bind_integer(q, "$blocked", (int64_t)factors->blocked_until_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
