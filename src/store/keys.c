#include "store/keys.h"

#include <stdio.h>
#include <string.h>

#include "store/transaction.h"

#define KEY_COLUMNS                                                                      \
    "id, environment, account, label, label_folded, ip_rules, ip_rules_sha256, scopes, " \
    "scopes_waiting, state, reason, words, state_at_ns, created_at_ns, "                 \
    "cooling_until_ns, wallets_at_ns, public_per_s, private_per_s, secret_sealed, "      \
    "secret_sha256, nonce_window, ends_at_ns, ends_reason"

static void text_copy(const struct query *q, int column, char *to, size_t size)
{
    struct slice text = query_text(q, column);

    snprintf(to, size, "%.*s", (int)text.size, text.at == NULL ? "" : text.at);
}

/* False: not a row that store_key_insert wrote. */
static bool bytes_copy(const struct query *q, int column, void *to, size_t size)
{
    struct slice bytes = query_bytes(q, column);

    if (bytes.size != size)
        return false;
    memcpy(to, bytes.at, size);
    return true;
}

static enum err key_of_row(const struct query *q, struct store_key *key)
{
    struct slice sealed;

    *key = (struct store_key){
        .environment = (enum environment)query_integer(q, 1),
        .account = (uint64_t)query_integer(q, 2),
        .scopes = (uint32_t)query_integer(q, 7),
        .scopes_waiting = (uint32_t)query_integer(q, 8),
        .state = (enum key_state)query_integer(q, 9),
        .reason = (enum key_reason)query_integer(q, 10),
        .state_at_ns = (uint64_t)query_integer(q, 12),
        .created_at_ns = (uint64_t)query_integer(q, 13),
        .cooling_until_ns = (uint64_t)query_integer(q, 14),
        .wallets_at_ns = (uint64_t)query_integer(q, 15),
        .public_per_s = (uint32_t)query_integer(q, 16),
        .private_per_s = (uint32_t)query_integer(q, 17),
        .nonce_window = query_integer(q, 20) != 0,
        .ends_at_ns = (uint64_t)query_integer(q, 21),
        .ends_reason = (enum key_reason)query_integer(q, 22),
    };
    text_copy(q, 3, key->label, sizeof key->label);
    text_copy(q, 4, key->label_folded, sizeof key->label_folded);
    text_copy(q, 5, key->ip_rules, sizeof key->ip_rules);
    text_copy(q, 11, key->words, sizeof key->words);
    sealed = query_bytes(q, 18);
    if (sealed.size > sizeof key->secret_sealed || query_text(q, 0).size != sizeof key->id)
        return ERR_CORRUPT;
    memcpy(key->id, query_text(q, 0).at, sizeof key->id);
    memcpy(key->secret_sealed, sealed.at, sealed.size);
    key->secret_sealed_size = sealed.size;
    return bytes_copy(q, 6, key->ip_rules_sha256, sizeof key->ip_rules_sha256) &&
                   bytes_copy(q, 19, key->secret_sha256, sizeof key->secret_sha256)
               ? OK
               : ERR_CORRUPT;
}

static struct slice id_slice(const char *id)
{
    return (struct slice){ id, RECORD_KEY_SIZE };
}

enum err store_key_insert(struct store_tx *tx, const struct store_key *key)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO api_key (" KEY_COLUMNS ") VALUES ($id, $environment, $account, "
                   "$label, $folded, $rules, $rules_sha256, $scopes, $waiting, $state, $reason, "
                   "$words, $state_at, $created, $cooling, $wallets, $public, $private, $sealed, "
                   "$sha256, $window, $ends_at, $ends_reason)",
                   &q));
    query_bind_text(q, "$id", id_slice(key->id));
    query_bind_integer(q, "$environment", key->environment);
    query_bind_integer(q, "$account", (int64_t)key->account);
    query_bind_text(q, "$label", slice_of(key->label));
    query_bind_text(q, "$folded", slice_of(key->label_folded));
    query_bind_text(q, "$rules", slice_of(key->ip_rules));
    query_bind_bytes(q, "$rules_sha256", key->ip_rules_sha256, sizeof key->ip_rules_sha256);
    query_bind_integer(q, "$scopes", key->scopes);
    query_bind_integer(q, "$waiting", key->scopes_waiting);
    query_bind_integer(q, "$state", key->state);
    query_bind_integer(q, "$reason", key->reason);
    query_bind_text(q, "$words", slice_of(key->words));
    query_bind_integer(q, "$state_at", (int64_t)key->state_at_ns);
    query_bind_integer(q, "$created", (int64_t)key->created_at_ns);
    query_bind_integer(q, "$cooling", (int64_t)key->cooling_until_ns);
    query_bind_integer(q, "$wallets", (int64_t)key->wallets_at_ns);
    query_bind_integer(q, "$public", key->public_per_s);
    query_bind_integer(q, "$private", key->private_per_s);
    query_bind_bytes(q, "$sealed", key->secret_sealed, key->secret_sealed_size);
    query_bind_bytes(q, "$sha256", key->secret_sha256, sizeof key->secret_sha256);
    query_bind_integer(q, "$window", key->nonce_window);
    query_bind_integer(q, "$ends_at", (int64_t)key->ends_at_ns);
    query_bind_integer(q, "$ends_reason", key->ends_reason);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static enum err key_find(struct query *q, struct store_key *key, bool *present)
{
    enum err e;

    TRY(query_step(q, present));
    if (*present)
        e = key_of_row(q, key);
out:
    return e;
}

enum err store_key_get(struct store_tx *tx, const char *id, struct store_key *key)
{
    struct query *q = NULL;
    bool present;
    enum err e;

    TRY(query_open(store_tx_driver(tx), "SELECT " KEY_COLUMNS " FROM api_key WHERE id = $id", &q));
    query_bind_text(q, "$id", id_slice(id));
    TRY(key_find(q, key, &present));
    if (!present)
        e = ERR_MISSING;
out:
    query_close(&q);
    return e;
}

enum err store_key_find_label(struct store_tx *tx, uint64_t account, struct slice label_folded,
                              struct store_key *key, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " KEY_COLUMNS " FROM api_key "
                   "WHERE account = $account AND label_folded = $folded AND state <= 2",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_text(q, "$folded", label_folded);
    e = key_find(q, key, present);
out:
    query_close(&q);
    return e;
}

enum err store_key_find_rules(struct store_tx *tx, uint64_t account,
                              const uint8_t sha256[STORE_SHA256_SIZE], struct store_key *key,
                              bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " KEY_COLUMNS " FROM api_key "
                   "WHERE account = $account AND ip_rules_sha256 = $sha256 AND state <= 2",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_bytes(q, "$sha256", sha256, STORE_SHA256_SIZE);
    e = key_find(q, key, present);
out:
    query_close(&q);
    return e;
}

enum err store_keys_after(struct store_tx *tx, uint64_t account, const char *after,
                          bool (*each)(void *context, const struct store_key *key), void *context)
{
    struct store_key key;
    struct query *q = NULL;
    bool row;
    enum err e;

    if (account == 0) {
        TRY(query_open(store_tx_driver(tx),
                       "SELECT " KEY_COLUMNS " FROM api_key WHERE id > $after ORDER BY id", &q));
    } else if (after == NULL) {
        TRY(query_open(store_tx_driver(tx),
                       "SELECT " KEY_COLUMNS " FROM api_key WHERE account = $account "
                       "ORDER BY created_at_ns, id",
                       &q));
    } else {
        TRY(query_open(store_tx_driver(tx),
                       "SELECT " KEY_COLUMNS " FROM api_key WHERE account = $account AND "
                       "(created_at_ns, id) > (SELECT created_at_ns, id FROM api_key "
                       "WHERE id = $after AND account = $account) ORDER BY created_at_ns, id",
                       &q));
    }
    if (account != 0)
        query_bind_integer(q, "$account", (int64_t)account);
    if (account == 0 || after != NULL)
        query_bind_text(q, "$after", after == NULL ? SLICE_EMPTY : id_slice(after));
    for (;;) {
        TRY(query_step(q, &row));
        if (!row)
            break;
        TRY(key_of_row(q, &key));
        if (!each(context, &key))
            break;
    }
out:
    query_close(&q);
    return e;
}

enum err store_keys_each(struct store_tx *tx, uint64_t account,
                         bool (*each)(void *context, const struct store_key *key), void *context)
{
    return store_keys_after(tx, account, NULL, each, context);
}

enum err store_keys_count(struct store_tx *tx, uint64_t account, uint64_t *count)
{
    struct query *q = NULL;
    bool row;
    enum err e;

    if (account == 0) {
        TRY(query_open(store_tx_driver(tx), "SELECT COUNT(*) FROM api_key", &q));
    } else {
        TRY(query_open(store_tx_driver(tx),
                       "SELECT COUNT(*) FROM api_key WHERE account = $account", &q));
        query_bind_integer(q, "$account", (int64_t)account);
    }
    TRY(query_step(q, &row));
    *count = row ? (uint64_t)query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}

enum err store_key_state_set(struct store_tx *tx, const char *id, enum key_state to,
                             enum key_reason reason, struct slice words, uint64_t at_ns,
                             bool *changed)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE api_key SET state = $to, reason = $reason, words = $words, "
                   "state_at_ns = $at WHERE id = $id AND state <= 2",
                   &q));
    query_bind_integer(q, "$to", to);
    query_bind_integer(q, "$reason", reason);
    query_bind_text(q, "$words", words);
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_text(q, "$id", id_slice(id));
    TRY(query_run(q));
    *changed = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}

enum err store_key_terms_set(struct store_tx *tx, const struct store_key *key)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE api_key SET public_per_s = $public, private_per_s = $private, "
                   "nonce_window = $window, ends_at_ns = $ends_at, ends_reason = $ends_reason "
                   "WHERE id = $id",
                   &q));
    query_bind_integer(q, "$public", key->public_per_s);
    query_bind_integer(q, "$private", key->private_per_s);
    query_bind_integer(q, "$window", key->nonce_window);
    query_bind_integer(q, "$ends_at", (int64_t)key->ends_at_ns);
    query_bind_integer(q, "$ends_reason", key->ends_reason);
    query_bind_text(q, "$id", id_slice(key->id));
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_key_wallets_set(struct store_tx *tx, const char *id, uint64_t at_ns, bool *changed)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE api_key SET wallets_at_ns = $at WHERE id = $id AND wallets_at_ns = 0",
                   &q));
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_text(q, "$id", id_slice(id));
    TRY(query_run(q));
    *changed = query_changed(q) > 0;
out:
    query_close(&q);
    return e;
}
