#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "portal/qr_svg.h"

TEST(a_code_is_one_svg_with_a_quiet_zone)
{
    struct buffer svg;

    buffer_init(&svg);
    assert_int_equal(qr_svg_format("HELLO", &svg), OK);
    /* Version 1 has 21 modules a side, and 4 on each side are quiet; the finder pattern starts. */
    assert_int_equal(strncmp(svg.at, "<svg ", 5), 0);
    assert_non_null(strstr(svg.at, "viewBox=\"0 0 29 29\""));
    assert_non_null(strstr(svg.at, " d=\"M4 4h1v1h-1zM5 4h1v1h-1z"));
    assert_null(strstr(svg.at, "M3 "));
    assert_string_equal(svg.at + svg.size - 6, "</svg>");
    buffer_wipe(&svg);
}

TEST(a_text_that_no_code_holds_is_an_error)
{
    char *text = malloc(4001);
    struct buffer svg;

    assert_non_null(text);
    memset(text, 'a', 4000);
    text[4000] = '\0';
    buffer_init(&svg);
    assert_int_equal(qr_svg_format(text, &svg), ERR_FULL);
    buffer_wipe(&svg);
    free(text);
}

TEST_MAIN
