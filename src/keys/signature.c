/* OpenSSL 3 deprecates the low-level SHA functions, and its replacement can neither hand out nor
 * take a midstate; only this file uses them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/signature.h"

#include <openssl/sha.h>
#include <string.h>

#include "base/hex.h"

#define BLOCK_SIZE SHA512_CBLOCK
static_assert(SIGNATURE_SIZE == SHA384_DIGEST_LENGTH, "HMAC-SHA384");

/* Hash state after one block: the padded key. */
static void pad_absorb(const uint8_t key[BLOCK_SIZE], uint8_t pad, uint64_t state[8])
{
    uint8_t block[BLOCK_SIZE];
    SHA512_CTX hash;

    for (size_t i = 0; i < BLOCK_SIZE; i++)
        block[i] = key[i] ^ pad;
    SHA384_Init(&hash);
    SHA384_Update(&hash, block, sizeof block);
    for (size_t i = 0; i < 8; i++)
        state[i] = hash.h[i];
    secret_wipe_bytes(block, sizeof block);
    secret_wipe_bytes(&hash, sizeof hash);
}

void midstate_init(struct midstate *midstate, const struct secret *secret)
{
    uint8_t key[BLOCK_SIZE] = { 0 };

    static_assert(SECRET_MOST <= BLOCK_SIZE, "longer keys would have to be hashed first");
    memcpy(key, secret->bytes, secret->size);
    pad_absorb(key, 0x36, midstate->inner);
    pad_absorb(key, 0x5c, midstate->outer);
    secret_wipe_bytes(key, sizeof key);
}

void midstate_wipe(struct midstate *midstate)
{
    secret_wipe_bytes(midstate, sizeof *midstate);
}

/* A SHA-384 that has absorbed one block and stands at `state`. */
static void hash_resume(SHA512_CTX *hash, const uint64_t state[8])
{
    for (size_t i = 0; i < 8; i++)
        hash->h[i] = state[i];
    hash->Nl = BLOCK_SIZE * 8;
    hash->Nh = 0;
    hash->num = 0;
    hash->md_len = SHA384_DIGEST_LENGTH;
}

void signature_compute(const struct midstate *midstate, const struct slice *parts, size_t count,
                       uint8_t signature[SIGNATURE_SIZE])
{
    uint8_t inner[SIGNATURE_SIZE];
    SHA512_CTX hash;

    hash_resume(&hash, midstate->inner);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0)
            SHA384_Update(&hash, parts[i].at, parts[i].size);
    }
    SHA384_Final(inner, &hash);
    hash_resume(&hash, midstate->outer);
    SHA384_Update(&hash, inner, sizeof inner);
    SHA384_Final(signature, &hash);
}

bool signature_parse(struct slice text, uint8_t signature[SIGNATURE_SIZE])
{
    return hex_parse(text, signature, SIGNATURE_SIZE);
}

bool signature_equal(const uint8_t a[SIGNATURE_SIZE], const uint8_t b[SIGNATURE_SIZE])
{
    return secret_equal_bytes(a, b, SIGNATURE_SIZE);
}
