/* shm/tokens.h: auth tokens that are alive
 *
 * A fixed number of entries, each the digest of a token, the key it stands for, its scopes and its
 * end.  Made, found and dropped by gateways, on every worker at once.  A token dies with its key,
 * because every use asks for the key too, and with the segment, which is at most a reboot away.
 *
 * Lock-free: a maker claims an entry by compare-and-swap; one that dies in the middle costs that
 * entry until the segment is made anew.
 */
#ifndef SHM_TOKENS_H
#define SHM_TOKENS_H

#include <stdbool.h>

#include "shm/segment.h"

enum { TOKENS_OF_KEY_MOST = 32 }; /* alive at one time */

struct token_entry_content {
    uint32_t slot;   /* of the key, in the key table */
    uint32_t scopes; /* at most; the key's own count too */
    uint64_t ends_at_ns; /* monotonic clock */
    uint8_t address[IP_ADDRESS_SIZE]; /* the one it may come from; zeros: any that the key may */
};

/* ERR_FULL: the key has TOKENS_OF_KEY_MOST of them, or there is no room. */
must_use enum err tokens_add(struct segment *segment, const uint64_t digest[2],
                             const struct token_entry_content *content, uint64_t mono_ns);

/* False: there is none, or it has ended. */
bool tokens_find(const struct segment *segment, const uint64_t digest[2], uint64_t mono_ns,
                 struct token_entry_content *content);

/* Ends a token at once.  False: there is none of that key. */
bool tokens_drop(struct segment *segment, const uint64_t digest[2], uint32_t slot);

#endif
