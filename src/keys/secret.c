#include "keys/secret.h"

#include <openssl/crypto.h>

void secret_wipe_bytes(void *bytes, size_t size)
{
    OPENSSL_cleanse(bytes, size);
}

void secret_wipe(struct secret *secret)
{
    secret_wipe_bytes(secret, sizeof *secret);
}

bool secret_equal_bytes(const void *a, const void *b, size_t size)
{
    return CRYPTO_memcmp(a, b, size) == 0;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
    return a->size == b->size && secret_equal_bytes(a->bytes, b->bytes, a->size);
}
