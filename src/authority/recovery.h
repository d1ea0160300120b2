/* authority/recovery.h: codes on paper for the day the phone is lost (A2)
 *
 * Ten codes of 80 random bits, told once.  Each works once, to log in and to add a passkey or an
 * authenticator in place of the lost one; it never confirms a key or a removal.
 *
 * The store holds their plain SHA-256: salt and slowness protect what people choose, and nobody
 * searches 2^80 numbers, so a stolen store tells no code.
 */
#ifndef AUTHORITY_RECOVERY_H
#define AUTHORITY_RECOVERY_H

#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/store.h"

enum {
    RECOVERY_CODE_COUNT = 10,
    RECOVERY_TEXT_SIZE = 20, /* "0abc-1def-2ghj-3kmn" and the zero */
};

/* Wipe it after telling. */
struct recovery_codes {
    size_t count; /* 0: none were drawn */
    char text[RECOVERY_CODE_COUNT][RECOVERY_TEXT_SIZE];
};

/* Draws new ones; the old ones are void. */
must_use enum err recovery_draw(struct store_tx *tx, uint64_t account,
                                struct recovery_codes *codes);

/* Spends one inside the caller's transaction and tells the owner.  The caller commits also when it
 * is refused: wrong ones count (authority/guess.h).  Capitals, spaces and dashes do not matter, nor
 * whether somebody read 0 as O, or 1 as I or L. */
must_use enum err recovery_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                                 struct slice text, struct refusal *refusal);

#endif
