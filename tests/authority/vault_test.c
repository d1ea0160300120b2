#include "test.h"

#include <fcntl.h>
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
    unlink(p->path);
    rmdir(p->folder);
}

TEST(what_is_sealed_opens_after_a_restart_and_only_about_the_same_thing)
{
    struct place p = place_made();
    char problem[VAULT_PROBLEM_SIZE];
    uint8_t sealed[6 + VAULT_OVERHEAD], plain[6];
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

TEST_MAIN
