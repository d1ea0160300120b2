/* authority/key_view.h: what there is to tell about a key; never its secret (B6, D6, E4) */
#ifndef AUTHORITY_KEY_VIEW_H
#define AUTHORITY_KEY_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "base/slice.h"
#include "gate/readiness.h"
#include "keys/key_text.h"
#include "store/accounts.h"
#include "store/holds.h"
#include "store/key_grants.h"
#include "store/keys.h"

struct key_view {
    struct store_key key; /* without what is sealed; state and reason as the gateways see them */
    char id[KEY_ID_TEXT_SIZE];
    char email[ACCOUNT_EMAIL_SIZE];
    uint64_t last_used_at_ns; /* 0: never */
    struct readiness readiness;
    uint64_t unused_end_ns; /* when 90 days without use end it (C4); 0: it has ended */
    struct store_hold holds[KEY_REASON_COUNT];
    size_t hold_count;
    struct store_key_grant grants[SCOPE_COUNT];
    size_t grant_count;
    uint32_t scopes_requested; /* elevated ones that wait for an operator (D5); of one key only */
};

/* The id of a key from its full text, or from its 16 random characters.  False: neither. */
bool key_name_parse(struct slice name, char id[KEY_RANDOM_SIZE]);

/* ERR_MISSING: no such key. */
must_use enum err key_view_get(struct authority *a, const char *id, struct key_view *view);

/* The same within the caller's transaction. */
must_use enum err key_view_read(struct authority *a, struct store_tx *tx, const char *id,
                                struct key_view *view);

/* The keys of an account in the order of their making, or all keys (account 0) in the order of
 * their ids, behind the key `after` (NULL: from the first), until `each` returns false; `each` may
 * not use the store.  scopes_requested stays 0 here. */
must_use enum err key_views_each(struct authority *a, uint64_t account, const char *after,
                                 bool (*each)(void *context, const struct key_view *view),
                                 void *context);

#endif
