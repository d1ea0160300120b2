/* store/sealed.h: what the master key has sealed in the database, kind by kind
 *
 * For replacing that key (authority/reseal.h): a walk over all rows of a kind in the order of their
 * keys, which may end and go on in another transaction.  The bytes are opaque here.
 */
#ifndef STORE_SEALED_H
#define STORE_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/environment.h"
#include "keys/key_text.h"
#include "store/mails.h"
#include "store/store.h"

enum store_sealed_kind {
    STORE_SEALED_KEY,     /* the secret of an API key */
    STORE_SEALED_TOTP,    /* the seed of an authenticator */
    STORE_SEALED_WEBHOOK, /* its secret */
    STORE_SEALED_MAIL,    /* its text, while it waits */
    STORE_SEALED_ALERT,   /* the key of an alert's body */
    STORE_SEALED_OBJECT,  /* the key of an object in which a key was found */
    STORE_SEALED_KINDS,
};

/* Of all kinds mails are the largest. */
enum { STORE_SEALED_MOST = MAIL_SEALED_MOST };

struct store_sealed {
    char key[KEY_RANDOM_SIZE + 1]; /* of STORE_SEALED_KEY; "": before the first */
    enum environment environment;  /* the key's */
    uint64_t id;                   /* of the others, TOTP: the account's; 0: before the first */
    uint8_t bytes[STORE_SEALED_MOST];
    size_t size; /* 0: erased */
};

/* The row behind that of `row`, into it; zeros begin. */
must_use enum err store_sealed_next(struct store_tx *tx, enum store_sealed_kind kind,
                                    struct store_sealed *row, bool *present);

/* Other bytes for this row.  ERR_MISSING: there is none any more. */
must_use enum err store_sealed_set(struct store_tx *tx, enum store_sealed_kind kind,
                                   const struct store_sealed *row);

/* How many rows a walk passes; erased ones count. */
must_use enum err store_sealed_count(struct store_tx *tx, enum store_sealed_kind kind,
                                     uint64_t *count);

#endif
