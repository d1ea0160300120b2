#include "store/links.h"

#include <string.h>

#include "store/transaction.h"

static struct slice key_slice(const struct store_link *link)
{
    return (struct slice){ link->key, link->key[0] == '\0' ? 0 : sizeof link->key };
}

enum err store_link_insert(struct store_tx *tx, const struct store_link *link)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO link (token_sha256, purpose, account, api_key, subject, "
                   "made_at_ns, expires_at_ns, used_at_ns) "
                   "VALUES ($token, $purpose, $account, $key, $subject, $made, $expires, $used)",
                   &q));
    query_bind_bytes(q, "$token", link->token_sha256, sizeof link->token_sha256);
    query_bind_integer(q, "$purpose", link->purpose);
    query_bind_integer(q, "$account", (int64_t)link->account);
    query_bind_text(q, "$key", key_slice(link));
    query_bind_integer(q, "$subject", (int64_t)link->subject);
    query_bind_integer(q, "$made", (int64_t)link->made_at_ns);
    query_bind_integer(q, "$expires", (int64_t)link->expires_at_ns);
    query_bind_integer(q, "$used", (int64_t)link->used_at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_link_find(struct store_tx *tx, struct store_link *link, bool *present)
{
    struct query *q = NULL;
    struct slice key;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT purpose, account, api_key, subject, made_at_ns, expires_at_ns, "
                   "used_at_ns FROM link WHERE token_sha256 = $token",
                   &q));
    query_bind_bytes(q, "$token", link->token_sha256, sizeof link->token_sha256);
    TRY(query_step(q, present));
    if (!*present)
        goto out;
    link->purpose = (uint32_t)query_integer(q, 0);
    link->account = (uint64_t)query_integer(q, 1);
    key = query_text(q, 2);
    memset(link->key, 0, sizeof link->key);
    if (key.size == sizeof link->key)
        memcpy(link->key, key.at, key.size);
    link->subject = (uint64_t)query_integer(q, 3);
    link->made_at_ns = (uint64_t)query_integer(q, 4);
    link->expires_at_ns = (uint64_t)query_integer(q, 5);
    link->used_at_ns = (uint64_t)query_integer(q, 6);
out:
    query_close(&q);
    return e;
}

enum err store_link_use(struct store_tx *tx, const struct store_link *link, uint64_t at_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE link SET used_at_ns = $at WHERE used_at_ns = 0 AND account = $account "
                   "AND purpose = $purpose AND api_key = $key AND subject = $subject",
                   &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_integer(q, "$account", (int64_t)link->account);
    query_bind_integer(q, "$purpose", link->purpose);
    query_bind_text(q, "$key", key_slice(link));
    query_bind_integer(q, "$subject", (int64_t)link->subject);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_links_forget(struct store_tx *tx, uint64_t before_ns, uint64_t most)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "DELETE FROM link WHERE token_sha256 IN (SELECT token_sha256 FROM link "
                   "WHERE expires_at_ns < $before ORDER BY expires_at_ns LIMIT $most)",
                   &q));
    query_bind_integer(q, "$before", (int64_t)before_ns);
    query_bind_integer(q, "$most", (int64_t)most);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}
