/* store/key_grants.h: elevated scopes that an operator granted, each until its end (D5) */
#ifndef STORE_KEY_GRANTS_H
#define STORE_KEY_GRANTS_H

#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "keys/scope.h"
#include "store/store.h"

struct store_key_grant {
    char key[RECORD_KEY_SIZE];
    enum scope scope;
    uint64_t granted_at_ns;
    uint64_t ends_at_ns;
    uint64_t review; /* that decided so; 0: none */
};

/* Replaces the grant of the same scope. */
must_use enum err store_key_grant_set(struct store_tx *tx, const struct store_key_grant *grant);

/* Deletes it; nothing happens where there is none. */
must_use enum err store_key_grant_delete(struct store_tx *tx, const char *key, enum scope scope);

/* Of one key; *count of them, at most SCOPE_COUNT. */
must_use enum err store_key_grants_get(struct store_tx *tx, const char *key,
                                       struct store_key_grant grants[SCOPE_COUNT], size_t *count);

/* Up to `capacity` grants that end at `now_ns` or before, the earliest first. */
must_use enum err store_key_grants_ended(struct store_tx *tx, uint64_t now_ns,
                                         struct store_key_grant *grants, size_t capacity,
                                         size_t *count);

#endif
