#include "store/recovery.h"

#include "store/transaction.h"

enum err store_recovery_insert(struct store_tx *tx, uint64_t account,
                               const uint8_t sha256[RECOVERY_HASH_SIZE])
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO account_recovery_code (account, sha256) VALUES ($account, $sha256)",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_bytes(q, "$sha256", sha256, RECOVERY_HASH_SIZE);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_recovery_take(struct store_tx *tx, uint64_t account,
                             const uint8_t sha256[RECOVERY_HASH_SIZE], bool *was)
{
    struct query *q = NULL;
    enum err e;

    *was = false;
    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM account_recovery_code "
                   "WHERE account = $account AND sha256 = $sha256",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_bytes(q, "$sha256", sha256, RECOVERY_HASH_SIZE);
    TRY(query_run(q));
    *was = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}

enum err store_recovery_clear(struct store_tx *tx, uint64_t account)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM account_recovery_code WHERE account = $account", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_recovery_count(struct store_tx *tx, uint64_t account, uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT COUNT(*) FROM account_recovery_code WHERE account = $account", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, &row));
    *count = row ? (uint64_t)query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}
