#include "authority/vault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum {
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_SIZE = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
};
static_assert(NONCE_SIZE + TAG_SIZE == VAULT_OVERHEAD, "said in the header");

struct vault {
    uint8_t key[KEY_SIZE];
};

static enum err key_make(const char *path, uint8_t *key)
{
    randombytes_buf(key, KEY_SIZE);
    return file_write_atomic(path, 0600, (struct slice){ (const char *)key, KEY_SIZE });
}

static enum err key_read(int fd, const char *path, uint8_t *key, char *problem)
{
    struct stat about;
    uint8_t more;

    if (fstat(fd, &about) != 0)
        return ERR_IO;
    if ((about.st_mode & 077) != 0) {
        snprintf(problem, VAULT_PROBLEM_SIZE,
                 "%s is open to group or others (mode %04o): find out who read it, then chmod 0600",
                 path, (unsigned)about.st_mode & 07777);
        return ERR_DENIED;
    }
    if (read(fd, key, KEY_SIZE) != KEY_SIZE || read(fd, &more, 1) != 0) {
        snprintf(problem, VAULT_PROBLEM_SIZE,
                 "%s is not a master key of %d bytes: put the backup of it in its place", path,
                 KEY_SIZE);
        return ERR_CORRUPT;
    }
    return OK;
}

enum err vault_open(const char *path, struct vault **vault, char problem[VAULT_PROBLEM_SIZE])
{
    struct vault *v = NULL;
    enum err e = ERR_CRYPTO;
    int fd = -1;

    *vault = NULL;
    problem[0] = '\0';
    if (sodium_init() < 0)
        goto out;
    /* Guard pages, mlock (best effort), out of core dumps. */
    v = sodium_malloc(sizeof *v);
    if (v == NULL) {
        e = ERR_MEMORY;
        goto out;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0)
        e = key_read(fd, path, v->key, problem);
    else
        e = errno == ENOENT ? key_make(path, v->key) : ERR_IO;
    if (e != OK)
        goto out;
    sodium_mprotect_readonly(v);
    *vault = v;
    v = NULL;
out:
    if (e != OK && problem[0] == '\0')
        snprintf(problem, VAULT_PROBLEM_SIZE, "cannot open %s: %s", path, err_text(e));
    if (fd >= 0)
        close(fd);
    vault_close(&v);
    return e;
}

void vault_close(struct vault **vault)
{
    sodium_free(*vault); /* wipes */
    *vault = NULL;
}

size_t vault_seal(const struct vault *vault, struct slice about, struct slice plain,
                  uint8_t *sealed)
{
    unsigned long long size;

    randombytes_buf(sealed, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + NONCE_SIZE, &size, (const uint8_t *)plain.at, plain.size,
        (const uint8_t *)about.at, about.size, NULL, sealed, vault->key);
    return NONCE_SIZE + (size_t)size;
}

enum err vault_unseal(const struct vault *vault, struct slice about, struct slice sealed,
                      uint8_t *plain, size_t *size)
{
    const uint8_t *at = (const uint8_t *)sealed.at;
    unsigned long long plain_size;

    if (sealed.size < VAULT_OVERHEAD ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, &plain_size, NULL, at + NONCE_SIZE, sealed.size - NONCE_SIZE,
            (const uint8_t *)about.at, about.size, at, vault->key) != 0) {
        log_error("vault", "what is sealed about \"%.*s\" does not open with this master key",
                  (int)about.size, about.at);
        return ERR_CRYPTO;
    }
    *size = (size_t)plain_size;
    return OK;
}
