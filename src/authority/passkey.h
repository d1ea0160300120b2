/* authority/passkey.h: security keys and passkeys as second factor (A2, B5)
 *
 * JSON is WebAuthn Level 3's, as @simplewebauthn/browser and browsers themselves take and give it:
 * PublicKeyCredentialCreationOptionsJSON and RegistrationResponseJSON for a new passkey,
 * PublicKeyCredentialRequestOptionsJSON and AuthenticationResponseJSON for a signature.  Everything
 * happens inside the caller's transaction, which is committed also when it is refused.
 *
 * Signature counters: an authenticator that counts has to say more than the last time.  If it does
 * not, two devices sign with the same key, one of them copied.  Nobody can tell which is the
 * owner's, so the passkey confirms nothing any more and the owner is told.
 */
#ifndef AUTHORITY_PASSKEY_H
#define AUTHORITY_PASSKEY_H

#include <jansson.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/challenge.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/passkeys.h"

/* What a browser needs to make a passkey.  The user handle in it is random, so an authenticator
 * that is lost does not tell whose it was. */
must_use enum err passkey_offer(struct authority *a, struct store_tx *tx, uint64_t account,
                                const char *session, json_t **options, struct refusal *refusal);

/* Takes the browser's answer to such an offer of this session. */
must_use enum err passkey_register(struct authority *a, struct store_tx *tx, uint64_t account,
                                   const char *session, struct slice name,
                                   const json_t *registration, struct store_passkey *passkey,
                                   struct refusal *refusal);

/* What a browser needs to have the operation confirmed by one of the account's passkeys. */
must_use enum err passkey_ask(struct authority *a, struct store_tx *tx, uint64_t account,
                              const char *session,
                              const uint8_t operation[CHALLENGE_OPERATION_SIZE], json_t **options,
                              struct refusal *refusal);

/* Takes the browser's answer to that. */
must_use enum err passkey_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                                const char *session,
                                const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                                const json_t *assertion, struct refusal *refusal);

#endif
