#include "store/passkeys.h"

#include <stdio.h>
#include <string.h>

#include "store/transaction.h"

#define PASSKEY_COLUMNS \
    "id, account, name, credential, algorithm, public_key, transports, counter, created_at_ns, " \
    "last_used_at_ns, suspicious_at_ns"

static void text_copy(const struct query *q, int column, char *to, size_t size)
{
    struct slice text = query_text(q, column);

    snprintf(to, size, "%.*s", (int)text.size, text.size == 0 ? "" : text.at);
}

static enum err bytes_copy(const struct query *q, int column, uint8_t *to, size_t most,
                           size_t *size)
{
    struct slice bytes = query_bytes(q, column);

    if (bytes.size == 0 || bytes.size > most)
        return ERR_CORRUPT;
    memcpy(to, bytes.at, bytes.size);
    *size = bytes.size;
    return OK;
}

static enum err passkey_of_row(const struct query *q, struct store_passkey *passkey)
{
    enum err e;

    *passkey = (struct store_passkey){
        .account = (uint64_t)query_integer(q, 1),
        .algorithm = (int)query_integer(q, 4),
        .counter = (uint32_t)query_integer(q, 7),
        .created_at_ns = (uint64_t)query_integer(q, 8),
        .last_used_at_ns = (uint64_t)query_integer(q, 9),
        .suspicious_at_ns = (uint64_t)query_integer(q, 10),
    };
    text_copy(q, 0, passkey->id, sizeof passkey->id);
    text_copy(q, 2, passkey->name, sizeof passkey->name);
    text_copy(q, 6, passkey->transports, sizeof passkey->transports);
    TRY(bytes_copy(q, 3, passkey->credential, sizeof passkey->credential,
                   &passkey->credential_size));
    TRY(bytes_copy(q, 5, passkey->public_key, sizeof passkey->public_key,
                   &passkey->public_key_size));
out:
    return e;
}

enum err store_passkey_insert(struct store_tx *tx, const struct store_passkey *passkey)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO account_passkey (" PASSKEY_COLUMNS ") "
                   "VALUES ($id, $account, $name, $credential, $algorithm, $key, $transports, "
                   "$counter, $created, $used, $suspicious)",
                   &q));
    query_bind_text(q, "$id", slice_of(passkey->id));
    query_bind_integer(q, "$account", (int64_t)passkey->account);
    query_bind_text(q, "$name", slice_of(passkey->name));
    query_bind_bytes(q, "$credential", passkey->credential, passkey->credential_size);
    query_bind_integer(q, "$algorithm", passkey->algorithm);
    query_bind_bytes(q, "$key", passkey->public_key, passkey->public_key_size);
    query_bind_text(q, "$transports", slice_of(passkey->transports));
    query_bind_integer(q, "$counter", passkey->counter);
    query_bind_integer(q, "$created", (int64_t)passkey->created_at_ns);
    query_bind_integer(q, "$used", (int64_t)passkey->last_used_at_ns);
    query_bind_integer(q, "$suspicious", (int64_t)passkey->suspicious_at_ns);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_passkey_update(struct store_tx *tx, const struct store_passkey *passkey)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE account_passkey SET counter = $counter, last_used_at_ns = $used, "
                   "suspicious_at_ns = $suspicious WHERE id = $id",
                   &q));
    query_bind_integer(q, "$counter", passkey->counter);
    query_bind_integer(q, "$used", (int64_t)passkey->last_used_at_ns);
    query_bind_integer(q, "$suspicious", (int64_t)passkey->suspicious_at_ns);
    query_bind_text(q, "$id", slice_of(passkey->id));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_passkey_delete(struct store_tx *tx, const char *id)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "DELETE FROM account_passkey WHERE id = $id", &q));
    query_bind_text(q, "$id", slice_of(id));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_passkey_find(struct store_tx *tx, uint64_t account, struct slice credential,
                            struct store_passkey *passkey, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " PASSKEY_COLUMNS " FROM account_passkey "
                   "WHERE credential = $credential AND (account = $account OR $account = 0)",
                   &q));
    query_bind_bytes(q, "$credential", credential.at, credential.size);
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, present));
    if (*present)
        e = passkey_of_row(q, passkey);
out:
    query_close(&q);
    return e;
}

enum err store_passkeys_list(struct store_tx *tx, uint64_t account,
                             struct store_passkey passkeys[STORE_PASSKEYS_MOST], size_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " PASSKEY_COLUMNS " FROM account_passkey WHERE account = $account "
                   "ORDER BY created_at_ns, id LIMIT $most",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$most", STORE_PASSKEYS_MOST);
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        TRY(passkey_of_row(q, &passkeys[*count]));
        (*count)++;
    }
out:
    query_close(&q);
    return e;
}

enum err store_passkeys_count(struct store_tx *tx, uint64_t account, uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    *count = 0;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT COUNT(*) FROM account_passkey "
                   "WHERE account = $account AND suspicious_at_ns = 0",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    TRY(query_step(q, &row));
    *count = row ? (uint64_t)query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}
