/* authority/key_grant.h: elevated scopes that an operator has granted, and their end (D5) */
#ifndef AUTHORITY_KEY_GRANT_H
#define AUTHORITY_KEY_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "store/store.h"

/* In the caller's transaction, which publishes the key after its commit.  `scopes`: elevated ones.
 * Granted again, the later end counts.  ERR_MISSING: no such key. */
must_use enum err key_grant_give(struct authority *a, struct store_tx *tx, const char *who,
                                 const char *key, uint32_t scopes, uint64_t ends_at_ns,
                                 uint64_t review);

/* Takes them away before their end, in the caller's transaction, as above. */
must_use enum err key_grant_take(struct authority *a, struct store_tx *tx, const char *who,
                                 const char *key, uint32_t scopes);

/* Takes away some of what has ended.  *more: there is more. */
must_use enum err key_grants_sweep(struct authority *a, bool *more);

#endif
