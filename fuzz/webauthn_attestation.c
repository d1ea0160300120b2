/* fuzz/webauthn_attestation.c: a passkey that is taken has an id, a key and an algorithm of ours
 *
 * The same bytes are also judged as authenticator data of an assertion, whose signature they cannot
 * have made.
 */
#include <fido.h>
#include <stdint.h>
#include <stdlib.h>

#include "authority/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct webauthn_credential credential;
    const struct webauthn_client client = { .challenge = { 0 } };
    struct slice bytes = { (const char *)data, size };
    uint32_t counter;

    if (webauthn_attestation_verify("localhost", &client, bytes, &credential) == WEBAUTHN_FINE &&
        (credential.id_size == 0 || credential.id_size > sizeof credential.id ||
         credential.key_size == 0 || credential.key_size > sizeof credential.key ||
         (credential.algorithm != COSE_ES256 && credential.algorithm != COSE_EDDSA &&
          credential.algorithm != COSE_RS256)))
        abort();
    credential = (struct webauthn_credential){ .algorithm = COSE_EDDSA, .key_size = 32 };
    credential.key[0] = 9; /* some point */
    if (webauthn_assertion_verify("localhost", &client, bytes, bytes, &credential, &counter) ==
        WEBAUTHN_FINE)
        abort();
    return 0;
}
