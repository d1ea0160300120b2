/* authority/totp.h: the authenticator app as second factor (A2, B5)
 *
 * RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what every app understands; one
 * step of drift either way.  Codes come from liboath.  An accepted code's step is remembered and
 * only later steps are accepted after it, so a code works once, whatever it was used for.
 * Guessing is limited by authority/guess.h.
 */
#ifndef AUTHORITY_TOTP_H
#define AUTHORITY_TOTP_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/store.h"

enum {
    TOTP_SEED_SIZE = 20,   /* RFC 4226 section 4: 160 bits recommended */
    TOTP_SECRET_SIZE = 33, /* 32 base32 characters and the zero */
    TOTP_URI_SIZE = 512,
};

/* What the owner puts into the app; wipe it after telling. */
struct totp_grant {
    char secret[TOTP_SECRET_SIZE];
    char uri[TOTP_URI_SIZE]; /* otpauth://totp/... */
};

enum totp_state { TOTP_NONE, TOTP_PENDING, TOTP_ENROLLED };

const char *totp_state_text(enum totp_state state); /* "none", "pending", "enrolled" */

/* Draws a new seed, pending until a first code confirms it.  A pending one is replaced; an enrolled
 * one is not, else whoever gets hold of a session could swap the factor. */
must_use enum err totp_enrol(struct authority *a, const char *who, uint64_t account,
                             struct totp_grant *grant, struct refusal *refusal);
must_use enum err totp_confirm(struct authority *a, const char *who, uint64_t account,
                               struct slice code, struct refusal *refusal);

/* The same two within the caller's transaction, which is committed also when the code is refused:
 * wrong ones count. */
must_use enum err totp_draw(struct authority *a, struct store_tx *tx, const char *who,
                            uint64_t account, struct totp_grant *grant, struct refusal *refusal);
must_use enum err totp_accept(struct authority *a, struct store_tx *tx, const char *who,
                              uint64_t account, struct slice code, struct refusal *refusal);

must_use enum err totp_state_get(struct store_tx *tx, uint64_t account, enum totp_state *state);

/* Spends a code of an enrolled factor inside the caller's transaction.  The caller commits also
 * when it is refused: the count of failures is part of the transaction. */
must_use enum err totp_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                             struct slice code, struct refusal *refusal);

#endif
