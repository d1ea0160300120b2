/* authority/key_asker.h: who asks for something to be done with a key, and how far they reach */
#ifndef AUTHORITY_KEY_ASKER_H
#define AUTHORITY_KEY_ASKER_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "store/keys.h"

/* Borrowed. */
struct key_asker {
    const char *who;     /* for the change log: "account 1001", "operator uid 0" */
    uint64_t account;    /* whose keys are in reach; 0: an operator's, who reaches all */
    const char *session; /* authority/proof.h; NULL: not over a session */
    uint8_t operation[OPERATION_SIZE];
    struct proof proof;  /* where one is needed */
    const char *address; /* of the request; NULL: of no request */
    struct slice agent;  /* what its browser calls itself; empty: not said */
};

/* The key, if it is in reach and has not ended; one that has is refused.  ERR_MISSING: no such key,
 * or somebody else's, which is told to nobody apart. */
must_use enum err key_asker_get(struct store_tx *tx, const struct key_asker *asker, const char *id,
                                struct store_key *key, struct refusal *refusal);

/* Spends the proof of the key's owner, in the caller's transaction, which commits also when it is
 * refused. */
must_use enum err key_asker_prove(struct authority *a, struct store_tx *tx,
                                  const struct key_asker *asker, uint64_t account,
                                  struct refusal *refusal);

#endif
