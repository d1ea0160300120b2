#include "authority/envelope.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/cleared.h"

enum { NONCE_SIZE = crypto_secretbox_NONCEBYTES, TAG_SIZE = crypto_secretbox_MACBYTES };

static_assert((int)ENVELOPE_KEY_SIZE == (int)crypto_secretbox_KEYBYTES, "libsodium's");

enum err envelope_close(struct slice plain, struct envelope *envelope)
{
    uint8_t *bytes = malloc(NONCE_SIZE + TAG_SIZE + plain.size);

    *envelope = (struct envelope){ .bytes = bytes, .size = NONCE_SIZE + TAG_SIZE + plain.size };
    if (bytes == NULL)
        return ERR_MEMORY;
    randombytes_buf(envelope->key, sizeof envelope->key);
    randombytes_buf(bytes, NONCE_SIZE);
    crypto_secretbox_easy(bytes + NONCE_SIZE, (const uint8_t *)plain.at, plain.size, bytes,
                          envelope->key);
    return OK;
}

void envelope_wipe(struct envelope *envelope)
{
    free(envelope->bytes);
    sodium_memzero(envelope, sizeof *envelope);
}

size_t envelope_key_seal(const struct vault *vault, struct slice about,
                         const struct envelope *envelope, uint8_t *sealed)
{
    return vault_seal(vault, about,
                      (struct slice){ (const char *)envelope->key, sizeof envelope->key }, sealed);
}

static enum err bytes_open(struct slice sealed, const uint8_t key[ENVELOPE_KEY_SIZE],
                           struct buffer *plain)
{
    const uint8_t *bytes = (const uint8_t *)sealed.at;
    size_t size = sealed.size - NONCE_SIZE - TAG_SIZE;
    uint8_t *opened;

    if (sealed.size < NONCE_SIZE + TAG_SIZE)
        return ERR_CORRUPT;
    opened = malloc(size + 1);
    if (opened == NULL)
        return ERR_MEMORY;
    if (crypto_secretbox_open_easy(opened, bytes + NONCE_SIZE, sealed.size - NONCE_SIZE, bytes,
                                   key) != 0) {
        free(opened);
        return ERR_CRYPTO;
    }
    plain->is_cleared = true;
    buffer_append(plain, (struct slice){ (char *)opened, size });
    cleared_free(opened);
    return plain->failed ? ERR_MEMORY : OK;
}

enum err envelope_open(const struct vault *vault, struct slice about, struct slice key_sealed,
                       struct slice bytes, struct buffer *plain)
{
    uint8_t key[ENVELOPE_KEY_SIZE];
    enum err e = vault_unseal_exact(vault, about, key_sealed, key, sizeof key);

    if (e == OK)
        e = bytes_open(bytes, key, plain);
    sodium_memzero(key, sizeof key);
    return e;
}
