#include "../test.h"

#include <stdio.h>
#include <string.h>

#include "scanner/cdn_listing.h"

static char texts[1024];

/* The list as words, parted by spaces, and how many were left out. */
static const char *words(enum err e, json_t *list, size_t left_out)
{
    size_t i, size = 0;
    json_t *each;

    if (e != OK)
        return "malformed";
    texts[0] = '\0';
    json_array_foreach(list, i, each) size +=
        (size_t)snprintf(texts + size, sizeof texts - size, "%s ", json_string_value(each));
    snprintf(texts + size, sizeof texts - size, "-%zu", left_out);
    json_decref(list);
    return texts;
}

static const char *versions_of(enum cdn cdn, const char *text)
{
    json_t *list;
    size_t left_out;
    enum err e = cdn_versions_parse(cdn, slice_of(text), &list, &left_out);

    return words(e, list, left_out);
}

static const char *files_of(enum cdn cdn, const char *text)
{
    json_t *list;
    size_t left_out;
    enum err e = cdn_files_parse(cdn, slice_of(text), &list, &left_out);

    return words(e, list, left_out);
}

TEST(versions_are_listed_in_each_cdns_way)
{
    assert_string_equal(
        versions_of(CDN_JSDELIVR,
                    "{\"type\":\"npm\",\"versions\":[{\"version\":\"1.0.0\"},"
                    "{\"version\":\"2.0.0-rc.1+x\"},{\"version\":\"../1\"},{},{\"version\":7}]}"),
        "1.0.0 2.0.0-rc.1+x -3");
    assert_string_equal(versions_of(CDN_UNPKG, "{\"name\":\"a\",\"version\":\"3.1.4\"}"),
                        "3.1.4 -0");
    assert_string_equal(versions_of(CDN_CDNJS, "{\"versions\":[\"1.0\",\"\",\"a b\",null]}"),
                        "1.0 -3");
}

TEST(files_are_listed_in_each_cdns_way)
{
    assert_string_equal(files_of(CDN_JSDELIVR,
                                 "{\"files\":[{\"name\":\"/a.js\",\"hash\":\"x\",\"size\":1},"
                                 "{\"name\":\"/b c.js\"},{\"name\":\"/../x\"}]}"),
                        "/a.js /b c.js -1");
    assert_string_equal(files_of(CDN_UNPKG, "{\"files\":[{\"path\":\"/a.js\"}]}"), "/a.js -0");
    assert_string_equal(
        files_of(CDN_UNPKG, "{\"path\":\"/\",\"type\":\"directory\",\"files\":["
                            "{\"path\":\"/a.js\",\"type\":\"file\"},{\"path\":\"/d\",\"files\":["
                            "{\"path\":\"/d/b.js\"}]}]}"),
        "/a.js /d/b.js -0");
    assert_string_equal(files_of(CDN_CDNJS, "{\"files\":[\"a.min.js\",\"d/b.js\",1,\"\"]}"),
                        "/a.min.js /d/b.js -2");
}

TEST(what_is_no_listing_is_refused)
{
    static const char *const others[] = { "", "[]", "{}", "{\"files\":{},\"versions\":{}}", "<p>" };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        for (enum cdn cdn = CDN_JSDELIVR; cdn <= CDN_CDNJS; cdn++) {
            assert_string_equal(versions_of(cdn, others[i]), "malformed");
            assert_string_equal(files_of(cdn, others[i]), "malformed");
        }
}

TEST(names_are_those_that_a_cdn_can_have)
{
    assert_true(cdn_package_is_good(CDN_JSDELIVR, "@venue/client"));
    assert_false(cdn_package_is_good(CDN_UNPKG, "a@1"));
    assert_false(cdn_package_is_good(CDN_UNPKG, "../a"));
    assert_true(cdn_package_is_good(CDN_CDNJS, "Chart.js"));
    assert_false(cdn_package_is_good(CDN_CDNJS, "a/b"));
    assert_false(cdn_package_is_good(CDN_CDNJS, ".a"));
}

TEST(addresses_are_those_of_the_cdns)
{
    const struct cdn_base jsdelivr = { CDN_JSDELIVR, "https://d.example", "https://c.example/" };
    const struct cdn_base unpkg = { CDN_UNPKG, NULL, "https://u.example" };
    const struct cdn_base cdnjs = { CDN_CDNJS, "https://a.example/", "https://f.example" };
    char url[CDN_URL_SIZE], name[CDN_URL_SIZE];

    assert_true(cdn_versions_url(&jsdelivr, "@v/a", url));
    assert_string_equal(url, "https://d.example/v1/packages/npm/@v/a");
    assert_true(cdn_files_url(&jsdelivr, "a", "1.0.0", url));
    assert_string_equal(url, "https://d.example/v1/packages/npm/a@1.0.0?structure=flat");
    assert_true(cdn_file_url(&jsdelivr, "a", "1.0.0", "/d/b c#.js", url));
    assert_string_equal(url, "https://c.example/npm/a@1.0.0/d/b%20c%23.js");
    assert_true(cdn_versions_url(&unpkg, "a", url));
    assert_string_equal(url, "https://u.example/a/package.json");
    assert_true(cdn_files_url(&unpkg, "a", "1.0.0", url));
    assert_string_equal(url, "https://u.example/a@1.0.0/?meta");
    assert_true(cdn_file_url(&unpkg, "a", "1.0.0", "/b.js", url));
    assert_string_equal(url, "https://u.example/a@1.0.0/b.js");
    assert_true(cdn_versions_url(&cdnjs, "a", url));
    assert_string_equal(url, "https://a.example/libraries/a?fields=versions");
    assert_true(cdn_files_url(&cdnjs, "a", "1", url));
    assert_string_equal(url, "https://a.example/libraries/a/1?fields=files");
    assert_true(cdn_file_url(&cdnjs, "a", "1", "/b.js", url));
    assert_string_equal(url, "https://f.example/ajax/libs/a/1/b.js");
    memset(name, ' ', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(cdn_file_url(&cdnjs, "a", "1", name, url));
}

TEST_MAIN
