/* store/keys.h: API keys at rest
 *
 * A usable key is active or suspended; the database itself refuses two usable keys of one account
 * with the same folded label or the same set of IP rules (B7), but for a rotated key, which ends
 * beside its successor.  Revoked and expired keys stay, so that a request with one can be told when
 * and why it ended.  How many keys there are is kept, not counted.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/slice.h"
#include "keys/environment.h"
#include "keys/key_state.h"
#include "store/store.h"

enum {
    STORE_KEY_LABEL_SIZE = 65,      /* 64 bytes of UTF-8 and the zero */
    STORE_KEY_RULES_SIZE = 50 * 51, /* 50 rules, each with the space after it */
    STORE_KEY_WORDS_SIZE = 256,
    STORE_KEY_SEALED_MOST = 128,
    STORE_SHA256_SIZE = 32,
    STORE_KEY_ADDRESS_SIZE = 46, /* IP_ADDRESS_TEXT_SIZE */
};

struct store_key {
    char id[RECORD_KEY_SIZE]; /* not terminated */
    enum environment environment;
    enum key_state state;
    enum key_reason reason; /* KEY_REASON_NONE while active */
    uint64_t account;
    uint32_t scopes;
    uint32_t scopes_waiting; /* asked for, off until confirmed by mail; not in scopes (C2) */
    uint64_t state_at_ns;
    uint64_t created_at_ns;
    uint64_t cooling_until_ns; /* 0: does not cool */
    uint64_t wallets_at_ns;    /* 0: not called yet */
    uint64_t ends_at_ns;       /* announced end; 0: none */
    enum key_reason ends_reason;
    bool nonce_window; /* nonces may come out of order (C6) */
    uint32_t public_per_s;
    uint32_t private_per_s;
    char label[STORE_KEY_LABEL_SIZE];
    char label_folded[STORE_KEY_LABEL_SIZE];
    char words[STORE_KEY_WORDS_SIZE]; /* of whoever ended or suspended it */
    char ip_rules[STORE_KEY_RULES_SIZE]; /* canonical, sorted, one space between */
    uint8_t ip_rules_sha256[STORE_SHA256_SIZE];
    uint8_t secret_sha256[STORE_SHA256_SIZE];
    uint8_t secret_sealed[STORE_KEY_SEALED_MOST];
    size_t secret_sealed_size;
    char replaces[RECORD_KEY_SIZE];    /* key it took over from; zeros: none */
    char replaced_by[RECORD_KEY_SIZE]; /* its successor; zeros: none */
    char created_from[STORE_KEY_ADDRESS_SIZE]; /* address of whoever asked; "": unknown */
    char created_country[3];
};

/* ERR_EXISTS: id, secret, label or rules are taken. */
must_use enum err store_key_insert(struct store_tx *tx, const struct store_key *key);

/* `id`: RECORD_KEY_SIZE characters.  ERR_MISSING: no such key. */
must_use enum err store_key_get(struct store_tx *tx, const char *id, struct store_key *key);

/* *present: whether a usable key of the account that was not rotated has the label, or the rules.
 * `key` is that key. */
must_use enum err store_key_find_label(struct store_tx *tx, uint64_t account,
                                       struct slice label_folded, struct store_key *key,
                                       bool *present);
must_use enum err store_key_find_rules(struct store_tx *tx, uint64_t account,
                                       const uint8_t sha256[STORE_SHA256_SIZE],
                                       struct store_key *key, bool *present);

/* The key, usable or not, whose secret has this SHA-256 (E1). */
must_use enum err store_key_find_secret(struct store_tx *tx,
                                        const uint8_t sha256[STORE_SHA256_SIZE],
                                        struct store_key *key, bool *present);

/* Calls `each` for the keys of an account in the order of their making, or for all keys when
 * `account` is 0 in the order of their ids, until it returns false.  `each` may read other rows
 * within the transaction. */
must_use enum err store_keys_each(struct store_tx *tx, uint64_t account,
                                  bool (*each)(void *context, const struct store_key *key),
                                  void *context);

/* The same from behind the key `after` on (RECORD_KEY_SIZE characters; NULL: from the first), so
 * that a walk of any length can be done in pieces.  Behind a key that is not there, or is another
 * account's, there is nothing. */
must_use enum err store_keys_after(struct store_tx *tx, uint64_t account, const char *after,
                                   bool (*each)(void *context, const struct store_key *key),
                                   void *context);

/* Keys of the account; of all accounts when it is 0. */
must_use enum err store_keys_count(struct store_tx *tx, uint64_t account, uint64_t *count);

/* Moves a key to a state.  *changed: false when it was revoked or expired, which is for ever. */
must_use enum err store_key_state_set(struct store_tx *tx, const char *id, enum key_state to,
                                      enum key_reason reason, struct slice words, uint64_t at_ns,
                                      bool *changed);

/* Stores rates, nonce window and announced end of key->id. */
must_use enum err store_key_terms_set(struct store_tx *tx, const struct store_key *key);

/* Stores label, IP rules, scopes, those that wait for mail, cooling, rates and announced end of
 * key->id.  ERR_EXISTS: label or rules are taken. */
must_use enum err store_key_change(struct store_tx *tx, const struct store_key *key);

/* Of two keys whose rows are there: the first one's label and rules may then be its successor's. */
must_use enum err store_key_successor_set(struct store_tx *tx, const char *id,
                                          const char *replaced_by);

/* Keeps the first moment only.  *changed: whether this was the first. */
must_use enum err store_key_wallets_set(struct store_tx *tx, const char *id, uint64_t at_ns,
                                        bool *changed);

#endif
