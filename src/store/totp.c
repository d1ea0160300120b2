#include "store/totp.h"

#include <string.h>

#include "store/transaction.h"

enum err store_totp_find(struct store_tx *tx, uint64_t account, struct store_totp *totp,
                         bool *present)
{
    struct query *q = NULL;
    struct slice sealed;
    enum err e;

    *totp = (struct store_totp){ .account = account };
    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT sealed, enrolled_at_ns, last_step FROM account_totp "
                   "WHERE account = $account",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, present));
    if (!*present)
        goto out;
    sealed = query_bytes(q, 0);
    if (sealed.size > sizeof totp->sealed) {
        e = ERR_CORRUPT;
        goto out;
    }
    memcpy(totp->sealed, sealed.at, sealed.size);
    totp->sealed_size = sealed.size;
    totp->enrolled_at_ns = (uint64_t)query_integer(q, 1);
    totp->last_step = (uint64_t)query_integer(q, 2);
out:
    query_close(&q);
    return e;
}

enum err store_totp_set(struct store_tx *tx, const struct store_totp *totp)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO account_totp (account, sealed, enrolled_at_ns, last_step) "
                   "VALUES ($account, $sealed, $enrolled, $step) "
                   "ON CONFLICT (account) DO UPDATE SET sealed = excluded.sealed, "
                   "enrolled_at_ns = excluded.enrolled_at_ns, last_step = excluded.last_step",
                   &q));
    query_bind_integer(q, "$account", (int64_t)totp->account);
    query_bind_bytes(q, "$sealed", totp->sealed, totp->sealed_size);
    query_bind_integer(q, "$enrolled", (int64_t)totp->enrolled_at_ns);
    query_bind_integer(q, "$step", (int64_t)totp->last_step);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_totp_delete(struct store_tx *tx, uint64_t account)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM account_totp WHERE account = $account", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
