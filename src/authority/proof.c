#include "authority/proof.h"

#include <assert.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "authority/passkey.h"
#include "authority/recovery.h"
#include "store/passkeys.h"
#include "store/recovery.h"

static_assert(OPERATION_SIZE == SHA256_DIGEST_LENGTH, "said in the header");

enum err operation_hash(const char *method, struct slice path, const json_t *body,
                        uint8_t operation[OPERATION_SIZE])
{
    json_t *confirmed = json_copy((json_t *)body), *whole = NULL; /* a shallow copy: not altered */
    char *text = NULL;
    enum err e = ERR_MEMORY;

    if (confirmed == NULL)
        goto out;
    json_object_del(confirmed, "proof");
    whole = json_pack("{s:O, s:s, s:s%}", "body", confirmed, "method", method, "path", path.at,
                      path.size);
    text = whole == NULL ? NULL : json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        goto out;
    SHA256((const uint8_t *)text, strlen(text), operation);
    e = OK;
out:
    free(text);
    json_decref(whole);
    json_decref(confirmed);
    return e;
}

/* A recovery code stands in for a lost factor where that opens no door but the owner's own: to log
 * in, and to add another factor. */
static enum err recovery_is_meant(const uint8_t operation[OPERATION_SIZE], bool *meant)
{
    static const char *const paths[] = { "/login/factor", "/factors/totp",
                                         "/factors/passkeys/options" };
    uint8_t allowed[OPERATION_SIZE];
    json_t *body = json_object();
    enum err e = OK;

    *meant = false;
    for (size_t i = 0; !*meant && i < sizeof paths / sizeof *paths; i++) {
        TRY(operation_hash("POST", slice_of(paths[i]), body, allowed));
        *meant = sodium_memcmp(allowed, operation, sizeof allowed) == 0;
    }
out:
    json_decref(body);
    return e;
}

enum err proof_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                     const char *session, const uint8_t operation[OPERATION_SIZE],
                     const struct proof *proof, struct refusal *refusal)
{
    bool meant = false;
    enum err e;

    if (proof->kind == PROOF_CODE)
        return totp_spend(a, tx, account, proof->code, refusal);
    if (proof->kind == PROOF_ASSERTION && session != NULL)
        return passkey_spend(a, tx, account, session, operation, proof->assertion, refusal);
    if (proof->kind == PROOF_RECOVERY) {
        TRY(recovery_is_meant(operation, &meant));
        if (meant)
            return recovery_spend(a, tx, account, proof->code, refusal);
        refusal_add(refusal, REFUSAL_RULE, "recovery-login-only",
                    "a recovery code is for logging in and for adding a new factor; this needs a "
                    "code of the authenticator or a passkey");
        return OK;
    }
    refusal_add(refusal, REFUSAL_RULE, "proof-missing",
                "this needs the second factor: a code of the authenticator or a passkey");
    e = OK;
out:
    return e;
}

enum err factors_count(struct store_tx *tx, uint64_t account, struct factors *factors)
{
    enum err e;

    *factors = (struct factors){ .totp = TOTP_NONE };
    TRY(totp_state_get(tx, account, &factors->totp));
    TRY(store_passkeys_count(tx, account, &factors->passkeys));
    TRY(store_recovery_count(tx, account, &factors->recovery_codes));
out:
    return e;
}
