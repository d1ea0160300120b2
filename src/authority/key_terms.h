/* authority/key_terms.h: what an operator sets for one key apart from its scopes (C1, C6)
 *
 * Its rates, whether its nonces may come out of order, and the moment at which it ends.  One row of
 * the change log in the same transaction; the gateways follow before the caller hears of it.
 */
#ifndef AUTHORITY_KEY_TERMS_H
#define AUTHORITY_KEY_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "keys/key_text.h"

enum { KEY_RATE_MOST = 100000 }; /* a second */

/* Each member has a switch beside it, except the rates, where 0 leaves things as they are. */
struct key_terms {
    uint64_t public_per_s; /* 1 to KEY_RATE_MOST */
    uint64_t private_per_s;
    bool nonce_window_given, nonce_window;
    bool ends_at_given;
    uint64_t ends_at_ns; /* in the future; 0: no end */
};

/* `id`: KEY_RANDOM_SIZE characters.  ERR_MISSING: no such key.  Refused: a rate out of range, an
 * end in the past, a key that has ended, nothing to set. */
must_use enum err key_terms_set(struct authority *a, const char *who, const char *id,
                                const struct key_terms *terms, struct refusal *refusal);

#endif
