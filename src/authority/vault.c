#include "authority/vault.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"

enum {
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_SIZE = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    NUMBER_SIZE = 4,
    FORM_SIZE = 1 + NUMBER_SIZE,
    FORM_NUMBERED = 1, /* first byte */
    MASTERS_MOST = 8,
    EXACT_MOST = 64,
};
static_assert(FORM_SIZE + NONCE_SIZE + TAG_SIZE == VAULT_OVERHEAD, "said in the header");
static_assert(NONCE_SIZE + TAG_SIZE == VAULT_OVERHEAD_LEAST, "said in the header");

/* In memory of libsodium: guard pages, mlock (best effort), out of core dumps. */
struct master {
    uint8_t key[KEY_SIZE];
    uint8_t number[NUMBER_SIZE];
};

/* Masters are added and stay until the vault is closed, so whoever reads needs no lock: the last
 * one seals. */
struct vault {
    struct master *masters[MASTERS_MOST];
    atomic_size_t count;
    atomic_bool rotating;
    char path[FILE_PATH_SIZE], next_path[FILE_PATH_SIZE];
};

static void number_fill(struct master *m)
{
    static const uint8_t purpose[] = "latchkey master key number";

    crypto_generichash(m->number, sizeof m->number, purpose, sizeof purpose - 1, m->key,
                       sizeof m->key);
}

static enum err key_read(const char *path, uint8_t key[KEY_SIZE], char *problem)
{
    uint8_t content[KEY_SIZE + 2];
    size_t size = 0;
    enum err e = file_read_private(path, content, sizeof content, &size);

    if (e == OK && size == KEY_SIZE)
        memcpy(key, content, KEY_SIZE);
    sodium_memzero(content, sizeof content);
    if (e == ERR_DENIED)
        snprintf(problem, VAULT_PROBLEM_SIZE,
                 "%.300s is open to group or others: find out who read it, then chmod 0600", path);
    if (e != ERR_FULL && (e != OK || size == KEY_SIZE))
        return e;
    snprintf(problem, VAULT_PROBLEM_SIZE,
             "%.300s is not a master key of %d bytes: put the backup of it in its place", path,
             KEY_SIZE);
    return ERR_CORRUPT;
}

/* Reads the file, or makes it with `draw`; then it seals. */
static enum err master_add(struct vault *v, const char *path, bool draw, char *problem)
{
    struct master *m = NULL;
    enum err e = ERR_RANGE;
    size_t count = v->count;

    if (count == MASTERS_MOST)
        goto out;
    m = sodium_malloc(sizeof *m);
    e = ERR_MEMORY;
    if (m == NULL)
        goto out;
    if (draw) {
        randombytes_buf(m->key, KEY_SIZE);
        TRY(file_write_atomic(path, 0600, (struct slice){ (const char *)m->key, KEY_SIZE }));
    } else {
        TRY(key_read(path, m->key, problem));
    }
    number_fill(m);
    sodium_mprotect_readonly(m);
    v->masters[count] = m;
    v->count = count + 1;
    m = NULL;
    e = OK;
out:
    sodium_free(m); /* wipes */
    return e;
}

static enum err masters_read(struct vault *v, char *problem)
{
    enum err e = master_add(v, v->path, false, problem);

    if (e == ERR_MISSING && access(v->next_path, F_OK) == 0) {
        snprintf(problem, VAULT_PROBLEM_SIZE,
                 "%.300s is not there, but the key that was replacing it is: put the backup of it "
                 "in its place, or give that one its name if everything was sealed anew",
                 v->path);
        e = ERR_CORRUPT;
    }
    if (e == ERR_MISSING)
        e = master_add(v, v->path, true, problem);
    TRY(e);
    e = master_add(v, v->next_path, false, problem);
    v->rotating = e == OK;
    if (e == ERR_MISSING)
        e = OK;
out:
    return e;
}

enum err vault_open(const char *path, struct vault **vault, char problem[VAULT_PROBLEM_SIZE])
{
    struct vault *v = calloc(1, sizeof *v);
    enum err e = ERR_MEMORY;

    *vault = NULL;
    problem[0] = '\0';
    if (v == NULL)
        goto out;
    e = ERR_CRYPTO;
    if (sodium_init() < 0)
        goto out;
    e = ERR_RANGE;
    if (snprintf(v->path, sizeof v->path, "%s", path) >= (int)sizeof v->path ||
        snprintf(v->next_path, sizeof v->next_path, "%s.next", path) >= (int)sizeof v->next_path)
        goto out;
    TRY(masters_read(v, problem));
    *vault = v;
    v = NULL;
out:
    if (e != OK && problem[0] == '\0')
        snprintf(problem, VAULT_PROBLEM_SIZE, "cannot open %.300s: %s", path, err_text(e));
    vault_close(&v);
    return e;
}

void vault_close(struct vault **vault)
{
    struct vault *v = *vault;

    *vault = NULL;
    if (v == NULL)
        return;
    for (size_t i = 0; i < v->count; i++)
        sodium_free(v->masters[i]); /* wipes */
    free(v);
}

static const struct master *newest(const struct vault *v)
{
    return v->masters[v->count - 1];
}

size_t vault_seal(const struct vault *vault, struct slice about, struct slice plain,
                  uint8_t *sealed)
{
    const struct master *m = newest(vault);
    uint8_t *nonce = sealed + FORM_SIZE;
    unsigned long long size;

    sealed[0] = FORM_NUMBERED;
    memcpy(sealed + 1, m->number, NUMBER_SIZE);
    randombytes_buf(nonce, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        nonce + NONCE_SIZE, &size, (const uint8_t *)plain.at, plain.size,
        (const uint8_t *)about.at, about.size, NULL, nonce, m->key);
    return FORM_SIZE + NONCE_SIZE + (size_t)size;
}

static bool carries(struct slice sealed, const struct master *m)
{
    return sealed.size >= VAULT_OVERHEAD && sealed.at[0] == FORM_NUMBERED &&
           memcmp(sealed.at + 1, m->number, NUMBER_SIZE) == 0;
}

/* `sealed` begins with the nonce. */
static bool bare_open(const struct master *m, struct slice about, struct slice sealed,
                      uint8_t *plain, size_t *size)
{
    const uint8_t *at = (const uint8_t *)sealed.at;
    unsigned long long plain_size;

    if (sealed.size < NONCE_SIZE + TAG_SIZE ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, &plain_size, NULL, at + NONCE_SIZE, sealed.size - NONCE_SIZE,
            (const uint8_t *)about.at, about.size, at, m->key) != 0)
        return false;
    *size = (size_t)plain_size;
    return true;
}

enum err vault_unseal(const struct vault *vault, struct slice about, struct slice sealed,
                      uint8_t *plain, size_t *size)
{
    for (size_t i = vault->count; i-- > 0;)
        if (carries(sealed, vault->masters[i]) &&
            bare_open(vault->masters[i], about, slice_from(sealed, FORM_SIZE), plain, size))
            return OK;
    for (size_t i = 0; i < vault->count; i++)
        if (bare_open(vault->masters[i], about, sealed, plain, size))
            return OK;
    log_error("vault", "what is sealed about \"%.*s\" does not open with this master key",
              (int)about.size, about.at);
    return ERR_CRYPTO;
}

enum err vault_unseal_exact(const struct vault *vault, struct slice about, struct slice sealed,
                            uint8_t *plain, size_t size)
{
    uint8_t room[EXACT_MOST + VAULT_OVERHEAD - VAULT_OVERHEAD_LEAST];
    size_t got = 0;
    enum err e = ERR_CORRUPT;

    if (size > EXACT_MOST ||
        (sealed.size != size + VAULT_OVERHEAD && sealed.size != size + VAULT_OVERHEAD_LEAST))
        return ERR_CORRUPT;
    TRY(vault_unseal(vault, about, sealed, room, &got));
    e = got == size ? OK : ERR_CORRUPT;
    if (e == OK)
        memcpy(plain, room, size);
out:
    sodium_memzero(room, sizeof room);
    return e;
}

enum err vault_rotate_begin(struct vault *vault)
{
    char problem[VAULT_PROBLEM_SIZE];
    enum err e = ERR_EXISTS;

    if (vault->rotating)
        goto out;
    TRY(master_add(vault, vault->next_path, true, problem));
    vault->rotating = true;
out:
    return e;
}

bool vault_is_rotating(const struct vault *vault)
{
    return vault->rotating;
}

void vault_numbers_get(const struct vault *vault, char seals[VAULT_NUMBER_SIZE],
                       char replaced[VAULT_NUMBER_SIZE])
{
    static_assert(2 * NUMBER_SIZE + 1 == VAULT_NUMBER_SIZE, "said in the header");

    hex_format(newest(vault)->number, NUMBER_SIZE, seals);
    replaced[0] = '\0';
    if (vault->rotating)
        hex_format(vault->masters[vault->count - 2]->number, NUMBER_SIZE, replaced);
}

bool vault_is_newest(const struct vault *vault, struct slice sealed)
{
    return carries(sealed, newest(vault));
}

enum err vault_rotate_end(struct vault *vault)
{
    enum err e = OK;

    if (rename(vault->next_path, vault->path) != 0) {
        e = errno == EROFS || errno == EACCES || errno == EPERM ? ERR_DENIED : ERR_IO;
        log_error("vault", "%s cannot take the place of %s: %s", vault->next_path, vault->path,
                  strerror(errno));
        goto out;
    }
    vault->rotating = false;
    if (file_parent_sync(vault->path) != OK)
        log_error("vault", "after a power cut %s may be there again, and is replaced once more",
                  vault->next_path);
out:
    return e;
}
