#include "store/keys.h"

#include <stdio.h>
#include <string.h>

#include "store/transaction.h"

#define KEY_COLUMNS                                                                      \
    "id, environment, account, label, label_folded, ip_rules, ip_rules_sha256, scopes, " \
    "scopes_waiting, state, reason, words, state_at_ns, created_at_ns, "                 \
    "cooling_until_ns, wallets_at_ns, public_per_s, private_per_s, secret_sealed, "      \
    "secret_sha256, nonce_window, ends_at_ns, ends_reason, replaces, replaced_by, "      \
    "created_from, created_country"

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

/* Zeros where there is none. */
static void name_copy(const struct query *q, int column, char name[RECORD_KEY_SIZE])
{
    struct slice text = query_text(q, column);

    memset(name, 0, RECORD_KEY_SIZE);
    if (text.size == RECORD_KEY_SIZE)
        memcpy(name, text.at, RECORD_KEY_SIZE);
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
    name_copy(q, 23, key->replaces);
    name_copy(q, 24, key->replaced_by);
    text_copy(q, 25, key->created_from, sizeof key->created_from);
    text_copy(q, 26, key->created_country, sizeof key->created_country);
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

static struct slice name_slice(const char name[RECORD_KEY_SIZE])
{
    return name[0] == '\0' ? SLICE("") : id_slice(name);
}

/* Adds to how many keys of the account are in the state. */
static enum err count_add(struct store_tx *tx, uint64_t account, enum environment environment,
                          enum key_state state, int64_t keys)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO api_key_count (account, environment, state, keys) "
                   "VALUES ($account, $environment, $state, $keys) "
                   "ON CONFLICT (account, environment, state) "
                   "DO UPDATE SET keys = api_key_count.keys + excluded.keys",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_integer(q, "$environment", environment);
    query_bind_integer(q, "$state", state);
    query_bind_integer(q, "$keys", keys);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

static void key_bind(struct query *q, const struct store_key *key)
{
    query_bind_text(q, "$id", id_slice(key->id));
    query_bind_integer(q, "$environment", key->environment);
    query_bind_integer(q, "$account", (int64_t)key->account);
    query_bind_integer(q, "$state", key->state);
    query_bind_integer(q, "$reason", key->reason);
    query_bind_text(q, "$words", slice_of(key->words));
    query_bind_integer(q, "$state_at", (int64_t)key->state_at_ns);
    query_bind_integer(q, "$created", (int64_t)key->created_at_ns);
    query_bind_integer(q, "$wallets", (int64_t)key->wallets_at_ns);
    query_bind_bytes(q, "$sealed", key->secret_sealed, key->secret_sealed_size);
    query_bind_bytes(q, "$sha256", key->secret_sha256, sizeof key->secret_sha256);
    query_bind_integer(q, "$window", key->nonce_window);
    query_bind_text(q, "$replaces", name_slice(key->replaces));
    query_bind_text(q, "$replaced_by", name_slice(key->replaced_by));
    query_bind_text(q, "$from", slice_of(key->created_from));
    query_bind_text(q, "$country", slice_of(key->created_country));
}

/* What can change of a key by its owner's or an operator's wish. */
static void wishes_bind(struct query *q, const struct store_key *key)
{
    query_bind_text(q, "$label", slice_of(key->label));
    query_bind_text(q, "$folded", slice_of(key->label_folded));
    query_bind_text(q, "$rules", slice_of(key->ip_rules));
    query_bind_bytes(q, "$rules_sha256", key->ip_rules_sha256, sizeof key->ip_rules_sha256);
    query_bind_integer(q, "$scopes", key->scopes);
    query_bind_integer(q, "$waiting", key->scopes_waiting);
    query_bind_integer(q, "$cooling", (int64_t)key->cooling_until_ns);
    query_bind_integer(q, "$public", key->public_per_s);
    query_bind_integer(q, "$private", key->private_per_s);
    query_bind_integer(q, "$ends_at", (int64_t)key->ends_at_ns);
    query_bind_integer(q, "$ends_reason", key->ends_reason);
}

enum err store_key_insert(struct store_tx *tx, const struct store_key *key)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "INSERT INTO api_key (" KEY_COLUMNS ") VALUES ($id, $environment, $account, "
                   "$label, $folded, $rules, $rules_sha256, $scopes, $waiting, $state, $reason, "
                   "$words, $state_at, $created, $cooling, $wallets, $public, $private, $sealed, "
                   "$sha256, $window, $ends_at, $ends_reason, $replaces, $replaced_by, $from, "
                   "$country)",
                   &q));
    key_bind(q, key);
    wishes_bind(q, key);
    TRY(query_run(q));
    e = count_add(tx, key->account, key->environment, key->state, 1);
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
                   "WHERE account = $account AND label_folded = $folded AND state <= 2 "
                   "AND replaced_by = ''",
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
                   "WHERE account = $account AND ip_rules_sha256 = $sha256 AND state <= 2 "
                   "AND replaced_by = ''",
                   &q));
    query_bind_integer(q, "$account", (int64_t)account);
    query_bind_bytes(q, "$sha256", sha256, STORE_SHA256_SIZE);
    e = key_find(q, key, present);
out:
    query_close(&q);
    return e;
}

enum err store_key_find_secret(struct store_tx *tx, const uint8_t sha256[STORE_SHA256_SIZE],
                               struct store_key *key, bool *present)
{
    struct query *q = NULL;
    enum err e;

    *present = false;
    TRY(query_open(store_tx_driver(tx),
                   "SELECT " KEY_COLUMNS " FROM api_key WHERE secret_sha256 = $sha256", &q));
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
        TRY(query_open_each(store_tx_driver(tx),
                       "SELECT " KEY_COLUMNS " FROM api_key WHERE id > $after ORDER BY id", &q));
    } else if (after == NULL) {
        TRY(query_open_each(store_tx_driver(tx),
                       "SELECT " KEY_COLUMNS " FROM api_key WHERE account = $account "
                       "ORDER BY created_at_ns, id",
                       &q));
    } else {
        TRY(query_open_each(store_tx_driver(tx),
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
        TRY(query_open(store_tx_driver(tx),
                       "SELECT CAST(COALESCE(SUM(keys), 0) AS BIGINT) FROM api_key_count", &q));
    } else {
        TRY(query_open(store_tx_driver(tx),
                       "SELECT CAST(COALESCE(SUM(keys), 0) AS BIGINT) FROM api_key_count "
                       "WHERE account = $account",
                       &q));
        query_bind_integer(q, "$account", (int64_t)account);
    }
    TRY(query_step(q, &row));
    *count = row ? (uint64_t)query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}

/* Of a key that has not ended, as a row of the counts. *present: false when it has. */
static enum err standing_get(struct store_tx *tx, const char *id, struct store_key *key,
                             bool *present)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "SELECT account, environment, state FROM api_key "
                   "WHERE id = $id AND state <= 2",
                   &q));
    query_bind_text(q, "$id", id_slice(id));
    TRY(query_step(q, present));
    if (*present) {
        key->account = (uint64_t)query_integer(q, 0);
        key->environment = (enum environment)query_integer(q, 1);
        key->state = (enum key_state)query_integer(q, 2);
    }
out:
    query_close(&q);
    return e;
}

enum err store_key_state_set(struct store_tx *tx, const char *id, enum key_state to,
                             enum key_reason reason, struct slice words, uint64_t at_ns,
                             bool *changed)
{
    struct store_key was = { .account = 0 };
    struct query *q = NULL;
    enum err e;

    TRY(standing_get(tx, id, &was, changed));
    if (!*changed)
        goto out;
    TRY(query_open(store_tx_driver(tx),
                   "UPDATE api_key SET state = $to, reason = $reason, words = $words, "
                   "state_at_ns = $at WHERE id = $id",
                   &q));
    query_bind_integer(q, "$to", to);
    query_bind_integer(q, "$reason", reason);
    query_bind_text(q, "$words", words);
    query_bind_integer(q, "$at", (int64_t)at_ns);
    query_bind_text(q, "$id", id_slice(id));
    TRY(query_run(q));
    TRY(count_add(tx, was.account, was.environment, was.state, -1));
    e = count_add(tx, was.account, was.environment, to, 1);
out:
    query_close(&q);
    return e;
}

enum err store_key_change(struct store_tx *tx, const struct store_key *key)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE api_key SET label = $label, label_folded = $folded, "
                   "ip_rules = $rules, ip_rules_sha256 = $rules_sha256, scopes = $scopes, "
                   "scopes_waiting = $waiting, cooling_until_ns = $cooling, "
                   "public_per_s = $public, private_per_s = $private, ends_at_ns = $ends_at, "
                   "ends_reason = $ends_reason WHERE id = $id",
                   &q));
    query_bind_text(q, "$id", id_slice(key->id));
    wishes_bind(q, key);
    e = query_run(q);
out:
    query_close(&q);
    return e;
}

enum err store_key_successor_set(struct store_tx *tx, const char *id, const char *replaced_by)
{
    struct query *q = NULL;
    enum err e;

    TRY(query_open(store_tx_driver(tx),
                   "UPDATE api_key SET replaced_by = $by WHERE id = $id", &q));
    query_bind_text(q, "$by", id_slice(replaced_by));
    query_bind_text(q, "$id", id_slice(id));
    e = query_run(q);
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
