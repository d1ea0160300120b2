/* authority/factor.h: what an owner does with the second factors of the account (A2)
 *
 * The first factor needs nothing but the session: there is nothing to prove it with yet.  From then
 * on adding, removing and drawing recovery codes need a proof, so that whoever got hold of a
 * session or of the password cannot change the locks.  A new passkey is proved for when it is
 * offered; its challenge stands for that proof when it is registered.
 *
 * The last factor stays while the account has usable keys, which are worth nothing less than it.
 * Recovery codes come with the first factor and go with the last.  The session that adds the first
 * factor has shown it, and rises.
 *
 * Each service tells the owner by an event and writes the change log.
 */
#ifndef AUTHORITY_FACTOR_H
#define AUTHORITY_FACTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/proof.h"
#include "authority/recovery.h"
#include "authority/refusal.h"
#include "authority/session.h"
#include "authority/totp.h"
#include "base/slice.h"
#include "store/passkeys.h"

/* Who asks, and what confirms it. */
struct factor_call {
    const char *who; /* for the change log */
    uint64_t account;
    const char *session;
    const char *address; /* NULL: not known */
    uint8_t operation[OPERATION_SIZE];
    struct proof proof;
};

/* What the first factor of an account brings besides itself; wipe it after telling. */
struct factor_gain {
    bool first;
    struct recovery_codes codes;
    char token[SESSION_TOKEN_SIZE]; /* of the session, which has risen */
};

struct factor_view {
    enum totp_state totp;
    uint64_t totp_enrolled_at_ns; /* 0: not yet */
    uint64_t recovery_codes;      /* left */
    size_t passkey_count;
    struct store_passkey passkeys[STORE_PASSKEYS_MOST];
};

must_use enum err factor_view_get(struct authority *a, uint64_t account, struct factor_view *view);

must_use enum err factor_totp_draw(struct authority *a, const struct factor_call *call,
                                   struct totp_grant *grant, struct refusal *refusal);
must_use enum err factor_totp_confirm(struct authority *a, const struct factor_call *call,
                                      struct slice code, struct factor_gain *gain,
                                      struct refusal *refusal);
must_use enum err factor_totp_remove(struct authority *a, const struct factor_call *call,
                                     struct refusal *refusal);

/* PublicKeyCredentialCreationOptionsJSON, to be freed by the caller. */
must_use enum err factor_passkey_offer(struct authority *a, const struct factor_call *call,
                                       json_t **options, struct refusal *refusal);
/* `registration` is a RegistrationResponseJSON; an empty name becomes "Passkey". */
must_use enum err factor_passkey_add(struct authority *a, const struct factor_call *call,
                                     struct slice name, const json_t *registration,
                                     struct store_passkey *passkey, struct factor_gain *gain,
                                     struct refusal *refusal);
must_use enum err factor_passkey_remove(struct authority *a, const struct factor_call *call,
                                        struct slice id, struct refusal *refusal);

must_use enum err factor_recovery_draw(struct authority *a, const struct factor_call *call,
                                       struct recovery_codes *codes, struct refusal *refusal);

/* PublicKeyCredentialRequestOptionsJSON that confirms call->operation, to be freed by the caller.
 */
must_use enum err factor_challenge(struct authority *a, const struct factor_call *call,
                                   json_t **options, struct refusal *refusal);

#endif
