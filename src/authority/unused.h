/* authority/unused.h: keys that end because nobody uses them (C4), before they do
 *
 * The last use of a key is in the gate segment alone; each use puts the end off.
 */
#ifndef AUTHORITY_UNUSED_H
#define AUTHORITY_UNUSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "keys/environment.h"

/* When a usable key ends if it is not used until then; 0: never, or not published.  `id`:
 * KEY_RANDOM_SIZE characters. */
uint64_t unused_end_get(const struct authority *a, enum environment environment, const char *id);

/* Where unused_each goes on; zeros: from the start. */
struct unused_place {
    enum environment environment;
    uint32_t slot;
};

/* Looks at up to `slots_most` keys and calls `each`, at most `most` times, for the usable ones that
 * end by `until_ns` if they are not used, and for which nothing earlier is announced.  False: all
 * keys were looked at.  Not inside a transaction, and `each` must not publish. */
bool unused_each(struct authority *a, struct unused_place *place, uint32_t slots_most,
                 uint64_t until_ns, size_t most,
                 void (*each)(void *context, const char *id, uint64_t account,
                              uint64_t ends_at_ns),
                 void *context);

#endif
