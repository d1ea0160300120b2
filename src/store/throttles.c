#include "store/throttles.h"

#include "store/transaction.h"

enum err store_throttle_get(struct store_tx *tx, struct store_throttle *throttle)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    throttle->failure_count = 0;
    throttle->last_at_ns = throttle->blocked_until_ns = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT failure_count, last_at_ns, blocked_until_ns FROM throttle "
                   "WHERE subject = $subject",
                   &q));
    query_bind_bytes(q, "$subject", throttle->subject, sizeof throttle->subject);
    TRY(query_step(q, &row));
    if (row) {
        throttle->failure_count = (uint32_t)query_integer(q, 0);
        throttle->last_at_ns = (uint64_t)query_integer(q, 1);
        throttle->blocked_until_ns = (uint64_t)query_integer(q, 2);
    }
out:
    query_close(&q);
    return e;
}

enum err store_throttle_set(struct store_tx *tx, const struct store_throttle *throttle)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO throttle (subject, failure_count, last_at_ns, blocked_until_ns) "
                   "VALUES ($subject, $failures, $last, $blocked) "
                   "ON CONFLICT (subject) DO UPDATE SET failure_count = excluded.failure_count, "
                   "last_at_ns = excluded.last_at_ns, "
                   "blocked_until_ns = excluded.blocked_until_ns",
                   &q));
    query_bind_bytes(q, "$subject", throttle->subject, sizeof throttle->subject);
    query_bind_integer(q, "$failures", throttle->failure_count);
    query_bind_integer(q, "$last", (int64_t)throttle->last_at_ns);
    query_bind_integer(q, "$blocked", (int64_t)throttle->blocked_until_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_throttles_expire(struct store_tx *tx, uint64_t before_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM throttle WHERE last_at_ns < $before AND blocked_until_ns < $before",
                   &q));
    query_bind_integer(q, "$before", (int64_t)before_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
