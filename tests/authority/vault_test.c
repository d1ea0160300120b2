#include "test.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/vault.h"

struct place {
    char folder[32], path[48];
};

static struct place place_made(void)
{
    struct place p = { .folder = "/tmp/latchkey-vault-XXXXXX" };

    assert_non_null(mkdtemp(p.folder));
    snprintf(p.path, sizeof p.path, "%s/master.key", p.folder);
    return p;
}

static void place_removed(struct place *p)
{
    char next[64];

    snprintf(next, sizeof next, "%s.next", p->path);
    unlink(next);
    unlink(p->path);
    rmdir(p->folder);
}

TEST(what_is_sealed_opens_after_a_restart_and_only_about_the_same_thing)
{
    struct place p = place_made();
    char problem[VAULT_PROBLEM_SIZE];
    uint8_t sealed[6 + VAULT_OVERHEAD];
    uint8_t plain[sizeof sealed - VAULT_OVERHEAD_LEAST];
    struct vault *v;
    struct stat about;
    size_t size;

    assert_int_equal(vault_open(p.path, &v, problem), OK);
    assert_int_equal(stat(p.path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(about.st_size, 32);
    assert_int_equal(vault_seal(v, SLICE("key a"), SLICE("secret"), sealed), sizeof sealed);
    vault_close(&v);
    assert_null(v);

    assert_int_equal(vault_open(p.path, &v, problem), OK);
    assert_int_equal(vault_unseal(v, SLICE("key a"),
                                  (struct slice){ (char *)sealed, sizeof sealed },
                                  plain, &size),
                     OK);
    assert_int_equal(size, 6);
    assert_memory_equal(plain, "secret", 6);
    assert_int_equal(vault_unseal(v, SLICE("key b"),
                                  (struct slice){ (char *)sealed, sizeof sealed },
                                  plain, &size),
                     ERR_CRYPTO);
    sealed[30] ^= 1;
    assert_int_equal(vault_unseal(v, SLICE("key a"),
                                  (struct slice){ (char *)sealed, sizeof sealed },
                                  plain, &size),
                     ERR_CRYPTO);
    assert_int_equal(vault_unseal(v, SLICE("key a"), (struct slice){ (char *)sealed, 39 }, plain,
                                  &size),
                     ERR_CRYPTO);
    vault_close(&v);
    place_removed(&p);
}

TEST(a_master_key_that_others_may_read_is_refused)
{
    struct place p = place_made();
    char problem[VAULT_PROBLEM_SIZE];
    struct vault *v;

    assert_int_equal(vault_open(p.path, &v, problem), OK);
    vault_close(&v);
    for (mode_t bit = 1; bit < 0100; bit <<= 1) {
        assert_int_equal(chmod(p.path, 0600 | bit), 0);
        assert_int_equal(vault_open(p.path, &v, problem), ERR_DENIED);
        assert_null(v);
        assert_non_null(strstr(problem, "chmod 0600"));
    }
    place_removed(&p);
}

TEST(a_cut_or_longer_master_key_is_refused_and_left_alone)
{
    static const off_t sizes[] = { 0, 31, 33 };
    struct place p = place_made();
    char problem[VAULT_PROBLEM_SIZE];
    struct vault *v;
    struct stat about;

    for (size_t i = 0; i < 3; i++) {
        close(open(p.path, O_CREAT | O_WRONLY, 0600));
        assert_int_equal(truncate(p.path, sizes[i]), 0);
        assert_int_equal(vault_open(p.path, &v, problem), ERR_CORRUPT);
        assert_int_equal(stat(p.path, &about), 0);
        assert_int_equal(about.st_size, sizes[i]);
    }
    place_removed(&p);
}

static struct slice bytes_of(const uint8_t *bytes, size_t size)
{
    return (struct slice){ (const char *)bytes, size };
}

/* Nonce, ciphertext and tag, without the number of a key. */
TEST(only_the_key_that_was_replacing_another_is_refused_with_a_sentence)
{
    struct place p = place_made();
    char problem[VAULT_PROBLEM_SIZE];
    struct vault *v;

    assert_int_equal(vault_open(p.path, &v, problem), OK);
    assert_int_equal(vault_rotate_begin(v), OK);
    vault_close(&v);
    assert_int_equal(unlink(p.path), 0);
    assert_int_equal(vault_open(p.path, &v, problem), ERR_CORRUPT);
    assert_non_null(strstr(problem, "put the backup of it in its place"));
    assert_int_equal(access(p.path, F_OK), -1);
    place_removed(&p);
}

TEST(what_release_0_1_sealed_still_opens)
{
    struct place p = place_made();
    char problem[VAULT_PROBLEM_SIZE];
    uint8_t sealed[6 + VAULT_OVERHEAD_LEAST], plain[6], key[32];
    struct vault *v;
    int fd;

    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t i = 0; i < crypto_aead_xchacha20poly1305_ietf_NPUBBYTES; i++)
        sealed[i] = (uint8_t)(1 + i); /* begins as the numbered form does */
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 24, NULL, (const uint8_t *)"secret", 6,
                                               (const uint8_t *)"key a", 5, NULL, sealed, key);
    fd = open(p.path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, key, sizeof key), sizeof key);
    close(fd);
    assert_int_equal(vault_open(p.path, &v, problem), OK);
    assert_false(vault_is_newest(v, bytes_of(sealed, sizeof sealed)));
    assert_int_equal(
        vault_unseal_exact(v, SLICE("key a"), bytes_of(sealed, sizeof sealed), plain, 6), OK);
    assert_memory_equal(plain, "secret", 6);
    assert_int_equal(
        vault_unseal_exact(v, SLICE("key a"), bytes_of(sealed, sizeof sealed), plain, 5),
        ERR_CORRUPT);
    vault_close(&v);
    place_removed(&p);
}

TEST(while_a_master_key_is_replaced_both_open_also_after_a_restart)
{
    struct place p = place_made();
    char problem[VAULT_PROBLEM_SIZE];
    uint8_t old[6 + VAULT_OVERHEAD], young[6 + VAULT_OVERHEAD], plain[6];
    struct vault *v;

    assert_int_equal(vault_open(p.path, &v, problem), OK);
    assert_false(vault_is_rotating(v));
    vault_seal(v, SLICE("a"), SLICE("secret"), old);
    assert_int_equal(vault_rotate_begin(v), OK);
    assert_int_equal(vault_rotate_begin(v), ERR_EXISTS);
    vault_seal(v, SLICE("a"), SLICE("secret"), young);
    vault_close(&v);

    assert_int_equal(vault_open(p.path, &v, problem), OK);
    assert_true(vault_is_rotating(v));
    assert_true(vault_is_newest(v, bytes_of(young, sizeof young)));
    assert_false(vault_is_newest(v, bytes_of(old, sizeof old)));
    assert_int_equal(vault_unseal_exact(v, SLICE("a"), bytes_of(young, sizeof young), plain, 6),
                     OK);
    assert_int_equal(vault_unseal_exact(v, SLICE("a"), bytes_of(old, sizeof old), plain, 6), OK);
    assert_int_equal(vault_rotate_end(v), OK);
    assert_false(vault_is_rotating(v));
    vault_close(&v);

    /* The old key is gone: what it sealed is lost. */
    assert_int_equal(vault_open(p.path, &v, problem), OK);
    assert_false(vault_is_rotating(v));
    assert_int_equal(vault_unseal_exact(v, SLICE("a"), bytes_of(young, sizeof young), plain, 6),
                     OK);
    assert_int_equal(vault_unseal_exact(v, SLICE("a"), bytes_of(old, sizeof old), plain, 6),
                     ERR_CRYPTO);
    vault_close(&v);
    place_removed(&p);
}

TEST_MAIN
