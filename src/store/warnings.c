#include "store/warnings.h"

#include <string.h>

#include "store/transaction.h"

enum err store_endings_each(struct store_tx *tx, const struct store_ending *after,
                            uint64_t until_ns, size_t most,
                            bool (*each)(void *context, const struct store_ending *ending),
                            void *context)
{
    struct store_ending ending;
    struct query *q = NULL;
    struct slice id;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT k.id, k.account, k.ends_at_ns, k.ends_reason, "
                   "COALESCE(w.ends_at_ns, 0), COALESCE(w.days, 0) FROM api_key AS k "
                   "LEFT JOIN key_warning AS w ON w.api_key = k.id "
                   "WHERE k.state <= 2 AND k.ends_at_ns > 0 AND k.ends_at_ns <= $until "
                   "AND (k.ends_at_ns > $ends OR (k.ends_at_ns = $ends AND k.id > $id)) "
                   "ORDER BY k.ends_at_ns, k.id LIMIT $most",
                   &q));
    query_bind_integer(q, "$until", (int64_t)until_ns);
    query_bind_integer(q, "$ends", (int64_t)after->ends_at_ns);
    query_bind_text(q, "$id", (struct slice){ after->key, strnlen(after->key, sizeof after->key) });
    query_bind_integer(q, "$most", (int64_t)most);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        ending = (struct store_ending){
            .account = (uint64_t)query_integer(q, 1),
            .ends_at_ns = (uint64_t)query_integer(q, 2),
            .reason = (enum key_reason)query_integer(q, 3),
            .warned_ends_at_ns = (uint64_t)query_integer(q, 4),
            .warned_days = (uint32_t)query_integer(q, 5),
        };
        id = query_text(q, 0);
        TRY(id.size == sizeof ending.key ? OK : ERR_CORRUPT);
        memcpy(ending.key, id.at, id.size);
        if (!each(context, &ending))
            break;
    }
out:
    query_close(&q);
    return e;
}

enum err store_warning_get(struct store_tx *tx, struct store_ending *ending)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    ending->warned_ends_at_ns = 0;
    ending->warned_days = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT ends_at_ns, days FROM key_warning WHERE api_key = $key", &q));
    query_bind_text(q, "$key", (struct slice){ ending->key, sizeof ending->key });
    TRY(query_step(q, &row));
    if (row) {
        ending->warned_ends_at_ns = (uint64_t)query_integer(q, 0);
        ending->warned_days = (uint32_t)query_integer(q, 1);
    }
out:
    query_close(&q);
    return e;
}

enum err store_warning_set(struct store_tx *tx, const struct store_ending *ending)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO key_warning (api_key, ends_at_ns, days) "
                   "VALUES ($key, $ends, $days) ON CONFLICT (api_key) DO UPDATE SET "
                   "ends_at_ns = excluded.ends_at_ns, days = excluded.days",
                   &q));
    query_bind_text(q, "$key", (struct slice){ ending->key, sizeof ending->key });
    query_bind_integer(q, "$ends", (int64_t)ending->warned_ends_at_ns);
    query_bind_integer(q, "$days", ending->warned_days);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
