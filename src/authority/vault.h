/* authority/vault.h: the master key, and what it seals
 *
 * XChaCha20-Poly1305-IETF of libsodium.  The associated data says what the sealed bytes belong to,
 * so that a row copied onto another one does not open.  Keys lie in guarded, locked memory and
 * never leave this module.
 *
 *     0        1                5              29
 *     1        number of key    nonce          ciphertext and 16 bytes of tag
 *
 * The number is drawn from the key by BLAKE2b.  Release 0.1 wrote nonce, ciphertext and tag alone;
 * that opens too, by trying.
 *
 * While a master key is replaced, FILE.next holds the new one: it seals, and both open.  When
 * nothing is left of the old one, the file of the new takes its name and its place at once.  So
 * whatever stops in between, the files tell how far it has come.  Whoever seals does so within the
 * transaction that stores the bytes, or a rotation could end before they are stored.
 */
#ifndef AUTHORITY_VAULT_H
#define AUTHORITY_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    VAULT_OVERHEAD = 1 + 4 + 24 + 16,
    VAULT_OVERHEAD_LEAST = 24 + 16, /* of what release 0.1 sealed */
    VAULT_PROBLEM_SIZE = 512,
    VAULT_NUMBER_SIZE = 9, /* eight hexadecimal digits and the zero */
};

struct vault;

/* Reads the master key from a file of 32 bytes, and the one in "PATH.next" that is about to replace
 * it; makes the first, mode 0600, when it is not there.
 *   ERR_DENIED   group or others may read the file: whoever could has the key already
 *   ERR_CORRUPT  not 32 bytes, or only PATH.next is there
 *   ERR_IO, ERR_MEMORY, ERR_CRYPTO */
must_use enum err vault_open(const char *path, struct vault **vault,
                             char problem[VAULT_PROBLEM_SIZE]);

/* Wipes the key.  Accepts NULL in *vault and sets it. */
void vault_close(struct vault **vault);

/* Seals into `sealed` (room for plain.size + VAULT_OVERHEAD); returns that size. */
size_t vault_seal(const struct vault *vault, struct slice about, struct slice plain,
                  uint8_t *sealed);

/* Opens into `plain` (room for sealed.size - VAULT_OVERHEAD_LEAST); the caller wipes it.
 * ERR_CRYPTO: sealed with another key, about something else, or altered. */
must_use enum err vault_unseal(const struct vault *vault, struct slice about, struct slice sealed,
                               uint8_t *plain, size_t *size);

/* The same for what has exactly `size` bytes, at most 64; of another size it is ERR_CORRUPT. */
must_use enum err vault_unseal_exact(const struct vault *vault, struct slice about,
                                     struct slice sealed, uint8_t *plain, size_t size);

/* ---- replacing the master key ---- */

/* Draws a new key into PATH.next; from then on it seals.  ERR_EXISTS: one is there already.
 * ERR_RANGE: too often without a restart.  ERR_DENIED: the folder may not be written.  ERR_FULL,
 * ERR_IO, ERR_MEMORY. */
must_use enum err vault_rotate_begin(struct vault *vault);

/* Whether both are there. */
bool vault_is_rotating(const struct vault *vault);

/* How people call the keys: that which seals, and that which it replaces, "" when none is. */
void vault_numbers_get(const struct vault *vault, char seals[VAULT_NUMBER_SIZE],
                       char replaced[VAULT_NUMBER_SIZE]);

/* Whether the bytes carry the number of the key that seals now. */
bool vault_is_newest(const struct vault *vault, struct slice sealed);

/* The caller has found nothing any more that is not newest: the new one's file takes the name of
 * the old one's, which is unlinked.  ERR_DENIED: the folder may not be written, as that of
 * systemd's credentials: whoever made the files has to give PATH.next the name PATH.  ERR_IO: both
 * are still there. */
must_use enum err vault_rotate_end(struct vault *vault);

#endif
