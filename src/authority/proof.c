#include "authority/proof.h"

#include <assert.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

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

enum err proof_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                     const char *session, const uint8_t operation[OPERATION_SIZE],
                     const struct proof *proof, struct refusal *refusal)
{
    (void)session, (void)operation;
    if (proof->kind == PROOF_CODE)
        return totp_spend(a, tx, account, proof->code, refusal);
    refusal_add(refusal, REFUSAL_RULE, "proof-missing",
                "this needs the second factor: a code of the authenticator or a passkey");
    return OK;
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
