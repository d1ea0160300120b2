/* authority/vault.h: the master key, and what it seals
 *
 * XChaCha20-Poly1305-IETF of libsodium: 24 random bytes of nonce, the ciphertext, 16 bytes of tag.
 * The associated data says what the sealed bytes belong to, so that a row copied onto another one
 * does not open.  The key lies in guarded, locked memory and never leaves this module.
 */
#ifndef AUTHORITY_VAULT_H
#define AUTHORITY_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    VAULT_OVERHEAD = 24 + 16,
    VAULT_PROBLEM_SIZE = 512,
};

struct vault;

/* Reads the master key from a file of 32 bytes; makes it, mode 0600, when it is not there.
 *   ERR_DENIED   group or others may read the file: whoever could has the key already
 *   ERR_CORRUPT  not 32 bytes
 *   ERR_IO, ERR_MEMORY, ERR_CRYPTO */
must_use enum err vault_open(const char *path, struct vault **vault,
                             char problem[VAULT_PROBLEM_SIZE]);

/* Wipes the key.  Accepts NULL in *vault and sets it. */
void vault_close(struct vault **vault);

/* Seals into `sealed` (room for plain.size + VAULT_OVERHEAD); returns that size. */
size_t vault_seal(const struct vault *vault, struct slice about, struct slice plain,
                  uint8_t *sealed);

/* Opens into `plain` (room for sealed.size - VAULT_OVERHEAD); the caller wipes it.
 * ERR_CRYPTO: sealed with another key, about something else, or altered. */
must_use enum err vault_unseal(const struct vault *vault, struct slice about, struct slice sealed,
                               uint8_t *plain, size_t *size);

#endif
