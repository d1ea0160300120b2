#include "cli/key_ask.h"

#include <string.h>

#include "test.h"

static bool has(const json_t *list, const char *text)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    return false;
}

TEST(everything_is_each_scope_of_the_four_groups_and_no_elevated_one)
{
    json_t *all = key_scopes_all(true), *unmailed = key_scopes_all(false);

    assert_true(has(all, "orders:write") && has(all, "depth:read") && has(all, "withdraw:write"));
    assert_false(has(all, "positions:read") || has(all, "positions:write"));
    assert_false(has(unmailed, "withdraw:write"));
    assert_int_equal(json_array_size(unmailed) + 1, json_array_size(all));
    json_decref(all);
    json_decref(unmailed);
}

TEST(the_groups_are_those_that_can_be_confirmed)
{
    json_t *groups = key_groups_all();

    assert_int_equal(json_array_size(groups), 4);
    assert_true(has(groups, "read") && has(groups, "trade") && has(groups, "wallet") &&
                has(groups, "lending"));
    json_decref(groups);
}

TEST(items_of_an_option_become_strings)
{
    const struct option_list list = { .items = { { "read,trade", 4 }, { "trade", 5 } },
                                      .count = 2 };
    json_t *items = key_list_json(&list);

    assert_int_equal(json_array_size(items), 2);
    assert_string_equal(json_string_value(json_array_get(items, 0)), "read");
    json_decref(items);
}

TEST_MAIN
