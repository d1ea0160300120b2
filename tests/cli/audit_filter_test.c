#include "cli/audit_filter.h"

#include <string.h>

#include "test.h"

TEST(only_the_filters_that_were_given_stand_in_the_query)
{
    const struct audit_filter all = { .key = "lki_test_x", .account = "a@b", .environment = "live",
                                      .since = "2026-11-23T10:00", .until = "2026-11-24",
                                      .path = "/v2/*", .verdict = "pass", .status = 200 };
    const struct audit_filter none = { 0 };
    struct buffer path;

    buffer_init(&path);
    buffer_append(&path, SLICE("/audit"));
    assert_true(audit_filter_append(&none, "latchkey test", &path));
    assert_string_equal(path.at, "/audit");
    assert_true(audit_filter_append(&all, "latchkey test", &path));
    assert_string_equal(path.at, "/audit?key=lki_test_x&account=a%40b&environment=live&status=200"
                                 "&path=%2Fv2%2F%2A&verdict=pass&since=2026-11-23T10%3A00%3A00.000Z"
                                 "&until=2026-11-24T00%3A00%3A00.000Z");
    buffer_wipe(&path);
}

TEST(a_moment_that_is_none_is_refused)
{
    const struct audit_filter filter = { .since = "yesterday" };
    FILE *before = stderr, *caught = tmpfile();
    struct buffer path;

    buffer_init(&path);
    stderr = caught;
    assert_false(audit_filter_append(&filter, "latchkey test", &path));
    stderr = before;
    assert_true(ftell(caught) > 0);
    fclose(caught);
    buffer_wipe(&path);
}

TEST(a_change_of_the_authority_fits_among_requests)
{
    json_t *change = json_pack("{s:i,s:s,s:s,s:s}", "index", 7, "kind", "change", "who",
                               "operator", "what", "key.create");
    json_t *request = json_pack("{s:i,s:s,s:s,s:i}", "index", 8, "path", "/v2/auth/r/wallets",
                                "verdict", "pass", "status", 200);
    struct table t;

    records_table_init(&t);
    records_table_add(&t, change);
    records_table_add(&t, request);
    assert_int_equal(t.count, 18);
    assert_string_equal(t.cells[8].text, "key.create");
    assert_string_equal(t.cells[17].text, "/v2/auth/r/wallets");
    assert_int_equal(t.cells[15].tone, TONE_GOOD);
    table_wipe(&t);
    json_decref(change);
    json_decref(request);
}

TEST_MAIN
