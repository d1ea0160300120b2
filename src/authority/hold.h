/* authority/hold.h: why a key that exists is not active
 *
 * A key is suspended as long as it has a hold, whatever the hold's reason is: a flag of the account
 * (A3), an application from another country (A5), signatories who have not approved yet (A4), its
 * id found in public (E1).  It is active again when the last one is lifted.  What its state says is
 * the oldest of them.
 */
#ifndef AUTHORITY_HOLD_H
#define AUTHORITY_HOLD_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/key_life.h"
#include "keys/key_state.h"
#include "store/holds.h"

/* In the caller's transaction, which publishes the key after its commit.  A hold that the key has
 * already changes nothing, nor does one for a key that has ended.  `key`: KEY_RANDOM_SIZE
 * characters.  ERR_MISSING: no such key. */
must_use enum err hold_add(struct authority *a, struct store_tx *tx, const char *who,
                           const char *key, enum key_reason reason);

/* `moved`: the key is added when it is active again, or has another reason now. */
must_use enum err hold_lift(struct authority *a, struct store_tx *tx, const char *who,
                            const char *key, enum key_reason reason, struct key_list *moved);

/* What follows once it is decided about a held key, in the transaction that closed the review:
 * accepted lifts the hold, anything else revokes the key with these words.  Its owner's webhooks
 * and notices hear of it, the mail is the review's. */
must_use enum err hold_settle(struct authority *a, struct store_tx *tx, const char *who,
                              const char *key, enum key_reason reason, bool accepted,
                              struct slice words, struct key_list *moved);

#endif
