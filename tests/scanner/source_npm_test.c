#include "../test.h"

#include "scanner/source_npm.h"

TEST(a_page_has_each_name_once)
{
    struct npm_changes page;

    assert_int_equal(
        npm_changes_parse(SLICE("{\"results\":[{\"seq\":1,\"id\":\"a\"},"
                                "{\"seq\":2,\"id\":\"@s/b\"},"
                                "{\"seq\":3,\"id\":\"a\",\"deleted\":true},{\"id\":\"../x\"},{}],"
                                "\"last_seq\":3}"),
                          &page),
        OK);
    assert_int_equal(json_array_size(page.names), 2);
    assert_string_equal(json_string_value(json_array_get(page.names, 1)), "@s/b");
    assert_int_equal(page.count, 5);
    assert_string_equal(page.next, "3");
    npm_changes_wipe(&page);
    assert_int_equal(
        npm_changes_parse(SLICE("{\"results\":[],\"last_seq\":\"12-g1AAAA_x\"}"), &page), OK);
    assert_string_equal(page.next, "12-g1AAAA_x");
    npm_changes_wipe(&page);
}

TEST(what_is_no_page_is_refused)
{
    static const char *const others[] = {
        "",
        "[]",
        "{}",
        "{\"results\":[]}",
        "{\"results\":{},\"last_seq\":1}",
        "{\"results\":[],\"last_seq\":\"1&limit=9\"}",
        "{\"results\":[],\"last_seq\":\"\"}",
    };
    struct npm_changes page;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(npm_changes_parse(slice_of(others[i]), &page), ERR_MALFORMED);
        assert_null(page.names);
    }
}

TEST(a_sequence_that_went_back_is_noticed)
{
    assert_true(npm_sequence_is_reset("100", "7"));
    assert_true(npm_sequence_is_reset("100-abc", "7-def"));
    assert_false(npm_sequence_is_reset("7", "7"));
    assert_false(npm_sequence_is_reset("7-x", "100-a"));
}

TEST_MAIN
