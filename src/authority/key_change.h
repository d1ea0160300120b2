/* authority/key_change.h: what an owner changes of a key that is in use (B3, B4, B7, C2, C3)
 *
 * Renaming and tightening happen at once: whoever took over a session gains nothing by them.  What
 * lets a key do more takes the second factor and is judged as for a new key: each added group is
 * confirmed on its own, orders cool for 72 hours from now on, withdrawals wait for the mail.
 */
#ifndef AUTHORITY_KEY_CHANGE_H
#define AUTHORITY_KEY_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/key_asker.h"
#include "authority/key_draft.h"

/* ERR_MISSING from any: no such key in reach. */

must_use enum err key_rename(struct authority *a, const struct key_asker *asker, const char *id,
                             struct slice label, struct refusal *refusal);

/* Each member has a switch beside it, except numbers, where 0 leaves things as they are. */
struct key_wish {
    bool scopes_given, ip_rules_given;
    struct key_application ask; /* scopes: all that the key shall have; groups; rules */
    uint64_t public_per_s, private_per_s, ends_at_ns; /* to tighten only */
};

/* What would be wrong with the scopes and rules of a wish, while a person still types it, and
 * whether it only takes away: key_tighten carries such a wish out, key_loosen any other. */
must_use enum err key_change_check(struct authority *a, const struct key_asker *asker,
                                   const char *id, const struct key_wish *wish, bool *tightens,
                                   struct refusal *problems);

/* At once.  Refused: a scope that the key has not, an address that its rules do not let in, a
 * higher rate, a later end; nothing to do. */
must_use enum err key_tighten(struct authority *a, const struct key_asker *asker, const char *id,
                              const struct key_wish *wish, struct refusal *refusal);

/* With asker->proof, which is looked at when nothing else is wrong. */
must_use enum err key_loosen(struct authority *a, const struct key_asker *asker, const char *id,
                             const struct key_wish *wish, struct refusal *refusal);

#endif
