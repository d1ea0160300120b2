#include "cli/gateway_key.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../test.h"

TEST(a_key_is_made_once_and_for_its_owner_alone)
{
    char folder[] = "/tmp/latchkey-key-XXXXXX", path[128];
    struct gateway_key made, read, other;
    struct stat about;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/gateway.key", folder);
    umask(0);
    assert_int_equal(gateway_key_file_make(path, &made), OK);
    assert_true(sodium_is_zero(made.seed, sizeof made.seed));
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(gateway_key_file_read(path, &read), OK);
    assert_string_equal(read.id, made.id);
    assert_false(sodium_is_zero(read.seed, sizeof read.seed));

    assert_int_equal(gateway_key_file_make(path, &other), ERR_EXISTS);
    assert_int_equal(gateway_key_file_read(path, &other), OK);
    assert_string_equal(other.id, made.id);

    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(gateway_key_file_read(path, &read), ERR_DENIED);
    assert_int_equal(truncate(path, 32), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(gateway_key_file_read(path, &read), ERR_MALFORMED);
    assert_int_equal(truncate(path, 4096), 0);
    assert_int_equal(gateway_key_file_read(path, &read), ERR_MALFORMED);
    unlink(path);
    assert_int_equal(gateway_key_file_read(path, &read), ERR_MISSING);
    rmdir(folder);
    assert_int_equal(gateway_key_file_make(path, &made), ERR_MISSING);
}

TEST(two_keys_are_two)
{
    char folder[] = "/tmp/latchkey-key-XXXXXX", path[128], second[128];
    struct gateway_key one, two;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/one", folder);
    snprintf(second, sizeof second, "%s/two", folder);
    assert_int_equal(gateway_key_file_make(path, &one), OK);
    assert_int_equal(gateway_key_file_make(second, &two), OK);
    assert_string_not_equal(one.id, two.id);
    unlink(path);
    unlink(second);
    rmdir(folder);
}

TEST_MAIN
