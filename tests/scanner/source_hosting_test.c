#include "../test.h"

#include <stdio.h>
#include <string.h>

#include "scanner/source_hosting.h"

/* Whole organisations: tests/scenarios/scanner.test.mjs. */

TEST(a_page_of_either_hosting_gives_addresses_and_times)
{
    json_t *found = json_object();
    size_t count;

    assert_int_equal(
        hosting_page_parse(SOURCE_GITHUB,
                           SLICE("[{\"full_name\":\"o/a\",\"clone_url\":\"https://h/o/a.git\","
                                 "\"pushed_at\":\"2026-01-01T00:00:00Z\"},"
                                 "{\"full_name\":\"o/b\",\"clone_url\":\"https://h/o/b.git\","
                                 "\"pushed_at\":null},"
                                 "{\"full_name\":\"o/c\",\"clone_url\":\"file:///etc\"},"
                                 "{\"full_name\":\"o/d\",\"clone_url\":\"https://u@h/o.git\"},"
                                 "{\"full_name\":\"o /e\",\"clone_url\":\"https://h/e.git\"},7]"),
                           found, &count),
        OK);
    assert_int_equal(count, 6);
    assert_int_equal(json_object_size(found), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(found, "o/a"), 1)),
                        "2026-01-01T00:00:00Z");
    json_object_clear(found);
    assert_int_equal(hosting_page_parse(SOURCE_GITLAB,
                                        SLICE("[{\"path_with_namespace\":\"g/s/a\","
                                              "\"http_url_to_repo\":\"https://h/g/s/a.git\","
                                              "\"last_activity_at\":\"x\"}]"),
                                        found, &count),
                     OK);
    assert_string_equal(json_string_value(json_array_get(json_object_get(found, "g/s/a"), 0)),
                        "https://h/g/s/a.git");
    assert_int_equal(hosting_page_parse(SOURCE_GITLAB, SLICE("{}"), found, &count), ERR_MALFORMED);
    json_decref(found);
}

TEST(addresses_are_those_of_the_hostings)
{
    struct source_settings settings = { .kind = SOURCE_GITHUB,
                                        .api = "https://api.h/",
                                        .owner = "venue" };
    char url[256];

    assert_true(hosting_page_url(&settings, 2, url, sizeof url));
    assert_string_equal(url, "https://api.h/orgs/venue/repos?per_page=100&page=2");
    settings = (struct source_settings){ .kind = SOURCE_GITLAB,
                                         .api = "https://h/api/v4",
                                         .owner = "venue/bots" };
    assert_true(hosting_page_url(&settings, 1, url, sizeof url));
    assert_string_equal(url, "https://h/api/v4/groups/venue%2Fbots/projects?include_subgroups=true"
                             "&per_page=100&page=1");
    assert_false(hosting_page_url(&settings, 1, url, 40));
}

TEST_MAIN
