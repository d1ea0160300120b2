#include "../test.h"

#include <string.h>

#include "scanner/web.h"

/* Whole pages: tests/scenarios/scan.test.mjs. */
TEST(what_cannot_be_fetched_is_in_the_list)
{
    char address[WEB_URL_SIZE + 10];
    struct web web;

    assert_int_equal(web_fetch("http://127.0.0.1:1/", NULL, &web), OK);
    assert_int_equal(web.count, 1);
    assert_true(web.files[0].fd < 0);
    assert_non_null(strstr(web.files[0].why, "cannot be fetched"));
    web_wipe(&web);
    assert_int_equal(web_fetch("file:///etc/passwd", NULL, &web), OK);
    assert_true(web.files[0].fd < 0);
    web_wipe(&web);
    memset(address, 'a', sizeof address);
    address[sizeof address - 1] = '\0';
    assert_int_equal(web_fetch(address, NULL, &web), ERR_RANGE);
    web_wipe(&web);
}

TEST(references_are_resolved_against_what_has_them)
{
    static const struct {
        const char *reference, *url;
    } rows[] = {
        { "app.js", "https://h.example/a/app.js" },
        { "/x?a=1&amp;b=2#top", "https://h.example/x?a=1&b=2" },
        { "//cdn.example/y.js", "https://cdn.example/y.js" },
        { "http://h.example/", "http://h.example/" },
        { "data:text/plain,x", NULL },
        { "javascript:void 0", NULL },
    };
    char url[WEB_URL_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is = web_reference_resolve("https://h.example/a/b", slice_of(rows[i].reference), url);

        assert_int_equal(is, rows[i].url != NULL);
        if (is)
            assert_string_equal(url, rows[i].url);
    }
}

TEST_MAIN
