#include "../test.h"

#include <string.h>

#include "scanner/web.h"

/* Whole pages: tests/scenarios/scan.test.mjs. */
TEST(what_cannot_be_fetched_is_in_the_list)
{
    char address[WEB_URL_SIZE + 10];
    struct web web;

    assert_int_equal(web_fetch("http://127.0.0.1:1/", NULL, NULL, &web), OK);
    assert_int_equal(web.count, 1);
    assert_true(web.files[0].fd < 0);
    assert_non_null(strstr(web.files[0].why, "cannot be fetched"));
    web_wipe(&web);
    assert_int_equal(web_fetch("file:///etc/passwd", NULL, NULL, &web), OK);
    assert_true(web.files[0].fd < 0);
    web_wipe(&web);
    memset(address, 'a', sizeof address);
    address[sizeof address - 1] = '\0';
    assert_int_equal(web_fetch(address, NULL, NULL, &web), ERR_RANGE);
    web_wipe(&web);
}

TEST_MAIN
