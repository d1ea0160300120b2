/* gate/token.h: what an auth token of the venue says
 *
 * A token stands for a key for a while, with some of its scopes and without a signature:
 *
 *     pub:api:<uuid>-caps:a:o:f-write        or ...-read
 *
 * The text is what the client keeps; gateways keep a digest of it (shm/tokens.h), so nothing that
 * they hold can be used as a token.  The words behind the uuid are for people: what counts is what
 * was kept with the digest.  Caps and the shape of the text are the venue's (docs of "Generate
 * Token"; the order of the caps is the caller's there and ours here).
 *
 * Pure: randomness comes from the caller.
 */
#ifndef GATE_TOKEN_H
#define GATE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "keys/scope.h"

enum {
    TOKEN_RANDOM_SIZE = 16,
    TOKEN_TEXT_SIZE = 80, /* with the zero */
    TOKEN_TTL_DEFAULT_S = 120,
    TOKEN_TTL_MOST_S = 86400,
};

enum token_cap {
    TOKEN_CAP_ACCOUNT,
    TOKEN_CAP_ORDERS,
    TOKEN_CAP_FUNDING,
    TOKEN_CAP_SETTINGS,
    TOKEN_CAP_WALLETS,
    TOKEN_CAP_WITHDRAW, /* only with permission to write */
    TOKEN_CAP_PAY,
    TOKEN_CAP_COUNT
};

/* "a", "o", "f", "s", "w", "wd", "bp". */
bool token_cap_find(struct slice text, enum token_cap *cap);

/* The most that a token with these caps (bits 1 << cap) may do; its key may do less.  No cap
 * reaches positions, which are granted one by one (D5). */
uint32_t token_scopes(unsigned caps, bool may_write);

void token_format(const uint8_t random[TOKEN_RANDOM_SIZE], unsigned caps, bool may_write,
                  char text[TOKEN_TEXT_SIZE]);

/* 128 bits of SHA-256; the first word is never 0 or 1. */
void token_digest(struct slice text, uint64_t digest[2]);

#endif
