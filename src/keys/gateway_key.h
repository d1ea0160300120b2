/* keys/gateway_key.h: the key with which the gateway signs its refusals
 *
 * An Ed25519 key that belongs to the gateway alone.  Its file is the PKCS#8 text that `openssl
 * genpkey -algorithm ed25519` writes too, so that no other key of an installation (master.key and
 * audit.key are 32 bare bytes) can be taken for it by mistake.  It is known to others by its
 * thumbprint.
 *
 * Sources: RFC 8410 (the file), RFC 8037 (the key as a JWK), RFC 7638 (its thumbprint).
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef KEYS_GATEWAY_KEY_H
#define KEYS_GATEWAY_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    GATEWAY_KEY_SEED_SIZE = 32,
    GATEWAY_KEY_SIGNATURE_SIZE = 64,
    GATEWAY_KEY_FILE_SIZE = 120,  /* with the zero */
    GATEWAY_KEY_ID_SIZE = 44,     /* base64url of a SHA-256, with the zero */
    GATEWAY_KEY_JWK_SIZE = 192,   /* with the zero */
};

struct gateway_key {
    uint8_t seed[GATEWAY_KEY_SEED_SIZE]; /* the secret half */
    uint8_t public_key[32];
    char id[GATEWAY_KEY_ID_SIZE]; /* thumbprint */
};

void gateway_key_init(struct gateway_key *key, const uint8_t seed[GATEWAY_KEY_SEED_SIZE]);
void gateway_key_wipe(struct gateway_key *key);

/* The key's file: parse accepts exactly what format writes; the last newline may be missing.
 * Returns its size; the text is as secret as the key. */
size_t gateway_key_format(const struct gateway_key *key, char text[GATEWAY_KEY_FILE_SIZE]);
bool gateway_key_parse(struct slice text, struct gateway_key *key);

/* The public half as a JSON Web Key; returns its size. */
size_t gateway_key_jwk_format(const struct gateway_key *key, char jwk[GATEWAY_KEY_JWK_SIZE]);

void gateway_key_sign(const struct gateway_key *key, struct slice message,
                      uint8_t signature[GATEWAY_KEY_SIGNATURE_SIZE]);

#endif
