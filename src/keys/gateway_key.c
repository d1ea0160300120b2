#include "keys/gateway_key.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "keys/secret.h"

static const struct slice FIRST_LINE = SLICE("-----BEGIN PRIVATE KEY-----\n");
static const struct slice LAST_LINE = SLICE("\n-----END PRIVATE KEY-----");

/* What RFC 8410 has before the seed: version 0, id-Ed25519, an octet string in an octet string. */
static const uint8_t DER_START[] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                     0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
enum {
    DER_SIZE = sizeof DER_START + GATEWAY_KEY_SEED_SIZE,
    DER_TEXT_SIZE = sodium_base64_ENCODED_LEN(DER_SIZE, sodium_base64_VARIANT_ORIGINAL),
};
static_assert(sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING) ==
                  GATEWAY_KEY_ID_SIZE,
              "a thumbprint and a public key have 32 bytes");

static void url_text_format(const uint8_t bytes[32], char text[GATEWAY_KEY_ID_SIZE])
{
    sodium_bin2base64(text, GATEWAY_KEY_ID_SIZE, bytes, 32,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* The members that RFC 8037 asks for, in the order and spelling of RFC 7638. */
static void thumbprint_format(const uint8_t public_key[32], char id[GATEWAY_KEY_ID_SIZE])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char x[GATEWAY_KEY_ID_SIZE], members[128];
    int size;

    url_text_format(public_key, x);
    size = snprintf(members, sizeof members,
                    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    crypto_hash_sha256(hash, (const uint8_t *)members, (unsigned long long)size);
    url_text_format(hash, id);
}

void gateway_key_init(struct gateway_key *key, const uint8_t seed[GATEWAY_KEY_SEED_SIZE])
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES];

    memcpy(key->seed, seed, sizeof key->seed);
    crypto_sign_seed_keypair(key->public_key, pair, seed);
    secret_wipe_bytes(pair, sizeof pair);
    thumbprint_format(key->public_key, key->id);
}

void gateway_key_wipe(struct gateway_key *key)
{
    secret_wipe_bytes(key, sizeof *key);
}

size_t gateway_key_format(const struct gateway_key *key, char text[GATEWAY_KEY_FILE_SIZE])
{
    uint8_t der[DER_SIZE];
    char base64[DER_TEXT_SIZE];
    int size;

    memcpy(der, DER_START, sizeof DER_START);
    memcpy(der + sizeof DER_START, key->seed, sizeof key->seed);
    sodium_bin2base64(base64, sizeof base64, der, sizeof der, sodium_base64_VARIANT_ORIGINAL);
    size = snprintf(text, GATEWAY_KEY_FILE_SIZE, "%s%s%s\n", FIRST_LINE.at, base64, LAST_LINE.at);
    secret_wipe_bytes(der, sizeof der);
    secret_wipe_bytes(base64, sizeof base64);
    return (size_t)size;
}

bool gateway_key_parse(struct slice text, struct gateway_key *key)
{
    size_t middle = DER_TEXT_SIZE - 1, whole = FIRST_LINE.size + middle + LAST_LINE.size, size;
    uint8_t der[DER_SIZE];
    char base64[DER_TEXT_SIZE];
    bool good;

    if (text.size == whole + 1 && text.at[whole] == '\n')
        text.size--;
    if (text.size != whole || !slice_starts(text, FIRST_LINE) ||
        !slice_is(slice_from(text, FIRST_LINE.size + middle), LAST_LINE))
        return false;
    good = sodium_base642bin(der, sizeof der, text.at + FIRST_LINE.size, middle, NULL, &size, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           size == sizeof der && sodium_memcmp(der, DER_START, sizeof DER_START) == 0;
    if (good) {
        /* libsodium takes some bytes above 0x7f for digits: one value has one text. */
        sodium_bin2base64(base64, sizeof base64, der, sizeof der, sodium_base64_VARIANT_ORIGINAL);
        good = sodium_memcmp(base64, text.at + FIRST_LINE.size, middle) == 0;
        secret_wipe_bytes(base64, sizeof base64);
    }
    if (good)
        gateway_key_init(key, der + sizeof DER_START);
    secret_wipe_bytes(der, sizeof der);
    return good;
}

size_t gateway_key_jwk_format(const struct gateway_key *key, char jwk[GATEWAY_KEY_JWK_SIZE])
{
    char x[GATEWAY_KEY_ID_SIZE];

    url_text_format(key->public_key, x);
    return (size_t)snprintf(jwk, GATEWAY_KEY_JWK_SIZE,
                            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%s\","
                            "\"use\":\"sig\"}",
                            key->id, x);
}

void gateway_key_sign(const struct gateway_key *key, struct slice message,
                      uint8_t signature[GATEWAY_KEY_SIGNATURE_SIZE])
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES];

    /* libsodium's form of a secret key: RFC 8032's seed, then the public key. */
    memcpy(pair, key->seed, sizeof key->seed);
    memcpy(pair + sizeof key->seed, key->public_key, sizeof key->public_key);
    crypto_sign_detached(signature, NULL, (const uint8_t *)message.at, message.size, pair);
    secret_wipe_bytes(pair, sizeof pair);
}
