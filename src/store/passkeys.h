/* store/passkeys.h: security keys and passkeys of an account (WebAuthn credentials) */
#ifndef STORE_PASSKEYS_H
#define STORE_PASSKEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/store.h"

enum {
    STORE_PASSKEY_ID_SIZE = 17,         /* 16 hexadecimal digits and the zero */
    STORE_PASSKEY_NAME_SIZE = 65,
    STORE_PASSKEY_CREDENTIAL_MOST = 1023, /* WebAuthn 2, 6.5.1 */
    STORE_PASSKEY_KEY_MOST = 1024,      /* RSA of up to 4096 bits has 516 */
    STORE_PASSKEY_TRANSPORTS_SIZE = 65,
    STORE_PASSKEYS_MOST = 16,           /* of an account */
};

struct store_passkey {
    char id[STORE_PASSKEY_ID_SIZE];
    uint64_t account;
    char name[STORE_PASSKEY_NAME_SIZE];
    uint8_t credential[STORE_PASSKEY_CREDENTIAL_MOST];
    size_t credential_size;
    int algorithm; /* COSE */
    uint8_t public_key[STORE_PASSKEY_KEY_MOST];
    size_t public_key_size;
    char transports[STORE_PASSKEY_TRANSPORTS_SIZE]; /* one space between */
    uint32_t counter;
    uint64_t created_at_ns;
    uint64_t last_used_at_ns;  /* 0: never */
    uint64_t suspicious_at_ns; /* 0: not; else it confirms nothing any more */
};

/* ERR_EXISTS: somebody has this credential. */
must_use enum err store_passkey_insert(struct store_tx *tx, const struct store_passkey *passkey);

/* Writes counter, last_used_at_ns and suspicious_at_ns. */
must_use enum err store_passkey_update(struct store_tx *tx, const struct store_passkey *passkey);

must_use enum err store_passkey_delete(struct store_tx *tx, const char *id);

/* By the authenticator's id of it, among those of the account; 0: of all accounts. */
must_use enum err store_passkey_find(struct store_tx *tx, uint64_t account,
                                     struct slice credential, struct store_passkey *passkey,
                                     bool *present);

/* All of the account, the oldest first. */
must_use enum err store_passkeys_list(struct store_tx *tx, uint64_t account,
                                      struct store_passkey passkeys[STORE_PASSKEYS_MOST],
                                      size_t *count);

/* Those that confirm something: not the suspicious ones. */
must_use enum err store_passkeys_count(struct store_tx *tx, uint64_t account, uint64_t *count);

#endif
