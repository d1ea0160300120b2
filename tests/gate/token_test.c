#include "gate/token.h"

#include <string.h>

#include "../test.h"

#define BIT(name) SCOPE_BIT(SCOPE_##name)

TEST(a_token_is_written_as_the_venue_writes_it)
{
    const uint8_t random[TOKEN_RANDOM_SIZE] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                                0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };
    char text[TOKEN_TEXT_SIZE];

    token_format(random, 1U << TOKEN_CAP_ORDERS | 1U << TOKEN_CAP_ACCOUNT, true, text);
    assert_string_equal(text, "pub:api:01234567-89ab-cdef-fedc-ba9876543210-caps:a:o-write");
    token_format(random, 0, false, text);
    assert_string_equal(text, "pub:api:01234567-89ab-cdef-fedc-ba9876543210-read");
    token_format(random, (1U << TOKEN_CAP_COUNT) - 1, true, text);
    assert_string_equal(text, "pub:api:01234567-89ab-cdef-fedc-ba9876543210"
                              "-caps:a:o:f:s:w:wd:bp-write");
}

TEST(caps_are_found_by_their_letters)
{
    enum token_cap cap;

    assert_true(token_cap_find(SLICE("wd"), &cap));
    assert_int_equal(cap, TOKEN_CAP_WITHDRAW);
    assert_true(token_cap_find(SLICE("w"), &cap));
    assert_int_equal(cap, TOKEN_CAP_WALLETS);
    assert_false(token_cap_find(SLICE(""), &cap));
    assert_false(token_cap_find(SLICE("x"), &cap));
}

TEST(without_permission_to_write_nothing_can_be_written)
{
    const uint32_t writes = BIT(ORDERS_WRITE) | BIT(SETTINGS_WRITE) | BIT(ACCOUNT_WRITE) |
                            BIT(WALLETS_WRITE) | BIT(WITHDRAW_WRITE) | BIT(FUNDING_WRITE);
    const unsigned all = (1U << TOKEN_CAP_COUNT) - 1;

    assert_int_equal(token_scopes(all, false) & writes, 0);
    assert_int_equal(token_scopes(all, true) & writes, writes);
    assert_int_equal(token_scopes(1U << TOKEN_CAP_ORDERS, true),
                     BIT(DEPTH_READ) | BIT(ORDERS_READ) | BIT(ORDERS_WRITE));
}

TEST(no_cap_reaches_positions)
{
    assert_int_equal(token_scopes((1U << TOKEN_CAP_COUNT) - 1, true) &
                         scopes_of_group(SCOPE_GROUP_ELEVATED), 0);
}

TEST(digests_tell_texts_apart)
{
    uint64_t one[2], other[2];

    token_digest(SLICE("pub:api:a-read"), one);
    token_digest(SLICE("pub:api:b-read"), other);
    assert_true(one[0] > 1);
    assert_memory_not_equal(one, other, sizeof one);
    token_digest(SLICE("pub:api:a-read"), other);
    assert_memory_equal(one, other, sizeof one);
}

TEST_MAIN
