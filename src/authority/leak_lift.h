/* authority/leak_lift.h: the owner says that a published key id does no harm (E1) */
#ifndef AUTHORITY_LEAK_LIFT_H
#define AUTHORITY_LEAK_LIFT_H

#include "authority/key_asker.h"

/* Lifts the suspension with the owner's second factor; the key is active again unless something
 * else holds it.  A revocation is for ever and refused, as is a key that no leak suspends.
 * ERR_MISSING: no such key in reach. */
must_use enum err leak_lift(struct authority *a, const struct key_asker *asker, const char *id,
                            struct refusal *refusal);

#endif
