/* authority/change.h: a line of the change log, written in the transaction that makes the change */
#ifndef AUTHORITY_CHANGE_H
#define AUTHORITY_CHANGE_H

#include <jansson.h>
#include <stdint.h>

#include "keys/environment.h"
#include "store/store.h"

struct change {
    const char *who;  /* "operator uid 0", "gateway", "authority" */
    const char *what; /* "key revoked" */
    uint64_t at_ns;
    uint64_t account; /* 0: none */
    const char *key;  /* RECORD_KEY_SIZE characters, or NULL */
    enum environment environment; /* of the key */
    json_t *before; /* taken over by change_write, also when it fails; NULL: nothing was there */
    json_t *after;
};

/* ERR_FULL: before and after do not fit into a record. */
must_use enum err change_write(struct store_tx *tx, struct change change);

/* The same in a transaction of its own: for what is changed elsewhere than in the store, so the
 * line is there before it happens.  ERR_CONFLICT: run it again. */
must_use enum err change_note(struct store *store, struct change change);

#endif
