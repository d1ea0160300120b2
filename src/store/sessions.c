#include "store/sessions.h"

#include "store/transaction.h"

#define SESSION_COLUMNS \
    "id, token_sha256, account, level, made_at_ns, used_at_ns, address, country, agent"

static void session_of_row(const struct query *q, struct store_session *session)
{
    struct slice token = query_bytes(q, 1);

    *session = (struct store_session){
        .account = (uint64_t)query_integer(q, 2),
        .level = (enum session_level)query_integer(q, 3),
        .made_at_ns = (uint64_t)query_integer(q, 4),
        .used_at_ns = (uint64_t)query_integer(q, 5),
    };
    if (token.size == sizeof session->token_sha256)
        memcpy(session->token_sha256, token.at, token.size);
    query_text_copy(q, 0, session->id, sizeof session->id);
    query_text_copy(q, 6, session->address, sizeof session->address);
    query_text_copy(q, 7, session->country, sizeof session->country);
    query_text_copy(q, 8, session->agent, sizeof session->agent);
}

enum err store_session_insert(struct store_tx *tx, const struct store_session *session)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO session (" SESSION_COLUMNS ") VALUES ($id, $token, $account, "
                   "$level, $made, $used, $address, $country, $agent)",
                   &q));
    query_bind_text(q, "$id", slice_of(session->id));
    query_bind_bytes(q, "$token", session->token_sha256, sizeof session->token_sha256);
    query_bind_integer(q, "$account", (int64_t)session->account);
    query_bind_integer(q, "$level", session->level);
    query_bind_integer(q, "$made", (int64_t)session->made_at_ns);
    query_bind_integer(q, "$used", (int64_t)session->used_at_ns);
    query_bind_text(q, "$address", slice_of(session->address));
    query_bind_text(q, "$country", slice_of(session->country));
    query_bind_text(q, "$agent", slice_of(session->agent));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_session_get(struct store_tx *tx, const uint8_t token_sha256[STORE_SHA256_SIZE],
                           struct store_session *session)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " SESSION_COLUMNS " FROM session WHERE token_sha256 = $token", &q));
    query_bind_bytes(q, "$token", token_sha256, STORE_SHA256_SIZE);
    TRY(query_step(q, &row));
    if (row)
        session_of_row(q, session);
    else
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_sessions_each(struct store_tx *tx, uint64_t account, uint64_t since_ns,
                             bool (*each)(void *context, const struct store_session *session),
                             void *context)
{
    struct store_session session;
    struct query *q = NULL;
    bool row;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT " SESSION_COLUMNS " FROM session "
                   "WHERE account = $account AND made_at_ns > $since "
                   "ORDER BY made_at_ns DESC, id",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$since", (int64_t)since_ns);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        session_of_row(q, &session);
        if (!each(context, &session))
            break;
    }
out:
    query_close(&q);
    return e;
}

enum err store_session_use(struct store_tx *tx, const char *id, uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "UPDATE session SET used_at_ns = $at WHERE id = $id", &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_text(q, "$id", slice_of(id));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_session_renew(struct store_tx *tx, const char *id,
                             const uint8_t token_sha256[STORE_SHA256_SIZE],
                             enum session_level level)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE session SET token_sha256 = $token, level = $level WHERE id = $id", &q));
    query_bind_bytes(q, "$token", token_sha256, STORE_SHA256_SIZE);
    query_bind_integer(q, "$level", level);
    query_bind_text(q, "$id", slice_of(id));
    TRY(query_run(q));
    if (query_changed(q) == 0)
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_session_delete(struct store_tx *tx, uint64_t account, const char *id, bool *changed)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM session WHERE account = $account AND id = $id", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_text(q, "$id", slice_of(id));
    TRY(query_run(q));
    *changed = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}

enum err store_sessions_delete(struct store_tx *tx, uint64_t account, const char *except,
                               uint64_t *count)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM session WHERE account = $account AND id <> $except", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_text(q, "$except", slice_of(except == NULL ? "" : except));
    TRY(query_run(q));
    *count = (uint64_t)query_changed(q);
out:
    query_close(&q);
    return e;
}

enum err store_sessions_expire(struct store_tx *tx, uint64_t before_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM session WHERE made_at_ns < $before", &q));
    query_bind_integer(q, "$before", (int64_t)before_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_device_find(struct store_tx *tx, uint64_t account,
                           const uint8_t token_sha256[STORE_SHA256_SIZE], bool *known)
{
    struct query *q = NULL;
    enum err e;

    *known = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT 1 FROM known_device WHERE token_sha256 = $token AND account = $account",
                   &q));
    query_bind_bytes(q, "$token", token_sha256, STORE_SHA256_SIZE);
    query_bind_integer(q, "$account", (int64_t)account);
    e = query_step(q, known);
out:
    query_close(&q);
    return e;
}

enum err store_devices_find(struct store_tx *tx, uint64_t account, bool *any)
{
    struct query *q = NULL;
    enum err e;

    *any = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT 1 FROM known_device WHERE account = $account LIMIT 1", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    e = query_step(q, any);
out:
    query_close(&q);
    return e;
}

enum err store_device_insert(struct store_tx *tx, uint64_t account,
                             const uint8_t token_sha256[STORE_SHA256_SIZE], uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO known_device (token_sha256, account, made_at_ns) "
                   "VALUES ($token, $account, $at) ON CONFLICT (token_sha256, account) DO NOTHING",
                   &q));
    query_bind_bytes(q, "$token", token_sha256, STORE_SHA256_SIZE);
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$at", (int64_t)at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_device_renew(struct store_tx *tx, const uint8_t before[STORE_SHA256_SIZE],
                            const uint8_t after[STORE_SHA256_SIZE])
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE known_device SET token_sha256 = $after WHERE token_sha256 = $before",
                   &q));
    query_bind_bytes(q, "$after", after, STORE_SHA256_SIZE);
    query_bind_bytes(q, "$before", before, STORE_SHA256_SIZE);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_devices_delete(struct store_tx *tx, uint64_t account)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM known_device WHERE account = $account", &q));
    query_bind_integer(q, "$account", (int64_t)account);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
