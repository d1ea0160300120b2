/* authority/envelope.h: many bytes at rest, under a key of their own that the vault seals
 *
 * XSalsa20-Poly1305 of libsodium (crypto_secretbox) with a key that is drawn for these bytes and
 * used once.  A new master key (authority/reseal.h) then seals 32 bytes anew, not all of them.
 *
 *     0        24
 *     nonce    tag and ciphertext
 */
#ifndef AUTHORITY_ENVELOPE_H
#define AUTHORITY_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "authority/vault.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

enum { ENVELOPE_KEY_SIZE = 32, ENVELOPE_KEY_SEALED_SIZE = ENVELOPE_KEY_SIZE + VAULT_OVERHEAD };

struct envelope {
    uint8_t key[ENVELOPE_KEY_SIZE];
    uint8_t *bytes; /* nonce, tag and ciphertext */
    size_t size;
};

/* Encrypts with a new key; ERR_MEMORY.  envelope_wipe undoes it, and accepts one of zeros. */
must_use enum err envelope_close(struct slice plain, struct envelope *envelope);
void envelope_wipe(struct envelope *envelope);

/* Within the transaction that stores it (authority/vault.h).  `sealed` has room for
 * ENVELOPE_KEY_SEALED_SIZE; returns that size. */
size_t envelope_key_seal(const struct vault *vault, struct slice about,
                         const struct envelope *envelope, uint8_t *sealed);

/* Appends the plain bytes to an initialised buffer, which clears what it lets go.
 * ERR_CRYPTO, ERR_CORRUPT: this is not what was sealed.  ERR_MEMORY. */
must_use enum err envelope_open(const struct vault *vault, struct slice about,
                                struct slice key_sealed, struct slice bytes, struct buffer *plain);

#endif
