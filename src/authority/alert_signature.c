#include "authority/alert_signature.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <string.h>

enum { DER_MOST = 80 }; /* two integers of 33 bytes at most, with their headers */

/* NULL: no public key of P-256. */
static EVP_PKEY *signer_read(struct slice signer)
{
    BIO *bytes = BIO_new_mem_buf(signer.at, (int)signer.size);
    EVP_PKEY *key = bytes == NULL ? NULL : PEM_read_bio_PUBKEY(bytes, NULL, NULL, NULL);
    char curve[32];
    size_t size;

    BIO_free(bytes);
    if (key != NULL && EVP_PKEY_is_a(key, "EC") == 1 &&
        EVP_PKEY_get_group_name(key, curve, sizeof curve, &size) == 1 &&
        strcmp(curve, "prime256v1") == 0)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

bool alert_signature_holds(struct slice signer, struct slice body, struct slice signature)
{
    uint8_t der[DER_MOST];
    EVP_MD_CTX *context = NULL;
    EVP_PKEY *key = NULL;
    bool holds = false;
    size_t size;

    if (sodium_base642bin(der, sizeof der, signature.at, signature.size, NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    key = signer_read(signer);
    context = EVP_MD_CTX_new();
    if (key != NULL && context != NULL &&
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1)
        holds = EVP_DigestVerify(context, der, size, (const uint8_t *)body.at, body.size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return holds;
}
