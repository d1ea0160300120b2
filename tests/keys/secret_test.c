#include "keys/secret.h"

#include <string.h>

#include "../test.h"

TEST(one_differing_bit_is_noticed_wherever_it_stands)
{
    struct secret a = { .size = 55 }, b = { .size = 55 };

    assert_true(secret_equal(&a, &b));
    for (size_t i = 0; i < 55; i++) {
        b.bytes[i] ^= 1;
        assert_false(secret_equal(&a, &b));
        b.bytes[i] ^= 1;
    }
    b.size = 54;
    assert_false(secret_equal(&a, &b));
}

TEST(nothing_is_left_after_wiping)
{
    struct secret secret, zero;

    memset(&secret, 0xaa, sizeof secret);
    memset(&zero, 0, sizeof zero);
    secret_wipe(&secret);
    assert_memory_equal(&secret, &zero, sizeof secret);
}

TEST_MAIN
