/* authority/leak_self.h: whoever holds a secret may end it (E1)
 *
 * No login: who has seen a secret in public, or lost a laptop, gives it here and it is dead.  That
 * proves that they hold it, and what they hold could do worse.  The answer is the same whether
 * there is such a key or not, so the door tells nothing to who guesses; it is throttled by address.
 */
#ifndef AUTHORITY_LEAK_SELF_H
#define AUTHORITY_LEAK_SELF_H

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/err.h"
#include "base/slice.h"

/* Refusals: secret-malformed (form and checksum are public), revoke-throttled. */
must_use enum err leak_self_revoke(struct authority *a, struct slice text, struct slice address,
                                   struct refusal *refusal);

#endif
