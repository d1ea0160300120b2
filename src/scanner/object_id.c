#include "scanner/object_id.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static const EVP_MD *hash_of(size_t id_bytes)
{
    return id_bytes == OBJECT_ID_SHA1 ? EVP_sha1() : EVP_sha256();
}

enum err object_id(size_t id_bytes, enum pack_type type, struct slice content,
                   uint8_t id[OBJECT_ID_MOST])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    char head[32];
    int size = snprintf(head, sizeof head, "%s %zu", pack_type_text(type), content.size);
    enum err e = ERR_CRYPTO;

    if (context != NULL && EVP_DigestInit_ex(context, hash_of(id_bytes), NULL) == 1 &&
        EVP_DigestUpdate(context, head, (size_t)size + 1) == 1 &&
        EVP_DigestUpdate(context, content.at, content.size) == 1 &&
        EVP_DigestFinal_ex(context, id, NULL) == 1)
        e = OK;
    EVP_MD_CTX_free(context);
    return e;
}

static bool ends_with_hash(struct slice bytes, size_t id_bytes)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    size_t size = bytes.size - id_bytes;

    return bytes.size > id_bytes &&
           EVP_Digest(bytes.at, size, hash, NULL, hash_of(id_bytes), NULL) == 1 &&
           memcmp(hash, bytes.at + size, id_bytes) == 0;
}

size_t object_id_of_file(struct slice bytes)
{
    return ends_with_hash(bytes, OBJECT_ID_SHA1)     ? OBJECT_ID_SHA1
           : ends_with_hash(bytes, OBJECT_ID_SHA256) ? OBJECT_ID_SHA256
                                                     : 0;
}
