#include "keys/scope.h"

#include "../test.h"

TEST(every_scope_is_found_by_its_text)
{
    for (unsigned i = 0; i < SCOPE_COUNT; i++) {
        enum scope scope;

        assert_non_null(scope_get((enum scope)i)->text);
        assert_true(scope_find(slice_of(scope_get((enum scope)i)->text), &scope));
        assert_int_equal(scope, i);
    }
}

TEST(every_scope_stands_in_exactly_one_group)
{
    uint32_t all = 0;

    for (unsigned i = 0; i < SCOPE_GROUP_COUNT; i++) {
        enum scope_group group;

        assert_int_equal(all & scopes_of_group((enum scope_group)i), 0);
        all |= scopes_of_group((enum scope_group)i);
        assert_true(scope_group_find(slice_of(scope_group_text((enum scope_group)i)), &group));
        assert_int_equal(group, i);
    }
    assert_int_equal(all, SCOPE_BIT(SCOPE_COUNT) - 1);
}

TEST(a_full_access_key_still_has_no_margin_positions)
{
    uint32_t full = scopes_of_group(SCOPE_GROUP_READ) | scopes_of_group(SCOPE_GROUP_TRADE) |
                    scopes_of_group(SCOPE_GROUP_WALLET) | scopes_of_group(SCOPE_GROUP_LENDING);

    assert_int_equal(full & SCOPE_BIT(SCOPE_POSITIONS_READ), 0);
    assert_int_equal(full & SCOPE_BIT(SCOPE_POSITIONS_WRITE), 0);
    assert_int_equal(scopes_with(SCOPE_IS_ELEVATED), scopes_of_group(SCOPE_GROUP_ELEVATED));
}

TEST(only_withdrawals_wait_for_a_mail)
{
    assert_int_equal(scopes_with(SCOPE_NEEDS_MAIL), SCOPE_BIT(SCOPE_WITHDRAW_WRITE));
}

TEST(texts_of_a_set_stand_in_the_order_of_the_bits)
{
    char text[SCOPES_TEXT_SIZE];

    assert_int_equal(scopes_format(0, text), 0);
    assert_string_equal(text, "");
    scopes_format(SCOPE_BIT(SCOPE_ORDERS_WRITE) | SCOPE_BIT(SCOPE_ORDERS_READ), text);
    assert_string_equal(text, "orders:read orders:write");
    assert_true(scopes_format(UINT32_MAX, text) < SCOPES_TEXT_SIZE);
}

TEST_MAIN
