#include "store/holds.h"

#include "audit/record.h"
#include "store/transaction.h"

static struct slice key_slice(const char *key)
{
    return (struct slice){ key, RECORD_KEY_SIZE };
}

enum err store_hold_add(struct store_tx *tx, const char *key, enum key_reason reason,
                        uint64_t since_ns, bool *changed)
{
    struct query *q = NULL;
    enum err e;

    *changed = false;
    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO key_hold (api_key, reason, since_ns) "
                   "VALUES ($key, $reason, $since) ON CONFLICT (api_key, reason) DO NOTHING",
                   &q));
    query_bind_text(q, "$key", key_slice(key));
    query_bind_integer(q, "$reason", reason);
    query_bind_integer(q, "$since", (int64_t)since_ns);
    TRY(query_run(q));
    *changed = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}

enum err store_hold_remove(struct store_tx *tx, const char *key, enum key_reason reason,
                           bool *changed)
{
    struct query *q = NULL;
    enum err e;

    *changed = false;
    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM key_hold WHERE api_key = $key AND reason = $reason", &q));
    query_bind_text(q, "$key", key_slice(key));
    query_bind_integer(q, "$reason", reason);
    TRY(query_run(q));
    *changed = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}

enum err store_holds_clear(struct store_tx *tx, const char *key)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM key_hold WHERE api_key = $key", &q));
    query_bind_text(q, "$key", key_slice(key));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_holds_get(struct store_tx *tx, const char *key,
                         struct store_hold holds[KEY_REASON_COUNT], size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT reason, since_ns FROM key_hold WHERE api_key = $key "
                   "ORDER BY since_ns, reason",
                   &q));
    query_bind_text(q, "$key", key_slice(key));
    while (*count < KEY_REASON_COUNT) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        holds[(*count)++] = (struct store_hold){ (enum key_reason)query_integer(q, 0),
                                                 (uint64_t)query_integer(q, 1) };
    }
out:
    query_close(&q);
    return e;
}
