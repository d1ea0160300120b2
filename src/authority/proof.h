/* authority/proof.h: the second factor, whatever it is (A2, B1, B5)
 *
 * A proof shows that the owner is there and means this very operation.  A code of the authenticator
 * app confirms whatever it is typed for; a passkey signs a challenge made for the operation
 * (authority/challenge.h), so its signature confirms nothing else; a recovery code stands in for
 * both to log in and to add a factor for a lost one, never for a key, nor for removing anything.
 */
#ifndef AUTHORITY_PROOF_H
#define AUTHORITY_PROOF_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "authority/totp.h"
#include "base/slice.h"
#include "store/store.h"

enum proof_kind { PROOF_NONE, PROOF_CODE, PROOF_ASSERTION, PROOF_RECOVERY };

/* Borrowed. */
struct proof {
    enum proof_kind kind;
    struct slice code;       /* PROOF_CODE, PROOF_RECOVERY */
    const json_t *assertion; /* PROOF_ASSERTION: WebAuthn's AuthenticationResponseJSON */
};

enum { OPERATION_SIZE = 32 };

/* What is confirmed: SHA-256 of the canonical JSON of {"body", "method", "path"}, where `body` is
 * without its "proof" and `path` without /console/api.  ERR_MEMORY. */
must_use enum err operation_hash(const char *method, struct slice path, const json_t *body,
                                 uint8_t operation[OPERATION_SIZE]);

/* Spends the proof inside the caller's transaction.  The caller commits also when it is refused:
 * failures count, and a challenge is gone once it was answered.
 *
 *   session    the caller's, whose challenges alone are good; NULL: not over a session, so no
 *              challenge can have been made
 *   operation  what is confirmed; only POST /login/factor, /factors/totp and
 *              /factors/passkeys/options, each with the body {}, take a recovery code */
must_use enum err proof_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                              const char *session, const uint8_t operation[OPERATION_SIZE],
                              const struct proof *proof, struct refusal *refusal);

struct factors {
    enum totp_state totp;
    uint64_t passkeys;       /* that confirm something */
    uint64_t recovery_codes; /* left */
};

must_use enum err factors_count(struct store_tx *tx, uint64_t account, struct factors *factors);

/* Whether there is a factor that confirms (A2); recovery codes are none. */
static inline bool factors_has(const struct factors *factors)
{
    return factors->totp == TOTP_ENROLLED || factors->passkeys > 0;
}

#endif
