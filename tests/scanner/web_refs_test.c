#include "../test.h"

#include <stdio.h>
#include <string.h>

#include "scanner/web_refs.h"

static char told[2000];

static bool note(void *context, struct slice reference)
{
    unsigned *left = context;

    snprintf(told + strlen(told), sizeof told - strlen(told), "%.*s|", (int)reference.size,
             reference.at);
    return left == NULL || --*left > 0;
}

static const char *refs(const char *text, bool is_page)
{
    told[0] = '\0';
    web_refs_each(slice_of(text), is_page, note, NULL);
    return told;
}

TEST(scripts_and_modules_of_a_page)
{
    assert_string_equal(refs("<script src='a.js'></script><SCRIPT defer SRC = \"b.js\">", true),
                        "a.js|b.js|");
    assert_string_equal(refs("<script\nsrc=c.js async><script data-src=d.js>", true), "c.js|");
    assert_string_equal(refs("<link rel=modulepreload href=e.js><link rel=icon href=f.ico>", true),
                        "e.js|");
    assert_string_equal(refs("<link href=g.js rel=preload as=script>", true), "g.js|");
    assert_string_equal(refs("<script src=\"a.js\">", false), "");
    assert_string_equal(refs("<script src=\"a.js", true), "");
    assert_string_equal(refs("<script src=a.js", true), "a.js|");
    assert_string_equal(refs("<script src=>< script src=x><", true), "");
}

TEST(imports_and_maps_of_a_script)
{
    assert_string_equal(refs("import a from './a.js';import\"./b.js\";export*from`/c.js`", false),
                        "./b.js|./a.js|/c.js|");
    assert_string_equal(refs("import ( '../d.js' ) import('react')", false), "../d.js|");
    assert_string_equal(refs("import x from 'https://cdn.example/e.js'", false),
                        "https://cdn.example/e.js|");
    assert_string_equal(refs("//# sourceMappingURL=a.js.map\n/*# sourceMappingURL=b.map*/", false),
                        "a.js.map|b.map|");
    assert_string_equal(refs("//# sourceMappingURL=data:application/json,{}", false), "");
    assert_string_equal(refs("import './unfinished", false), "");
    assert_string_equal(refs("", true), "");
}

TEST(who_wants_no_more_gets_no_more)
{
    unsigned left = 2;

    told[0] = '\0';
    web_refs_each(SLICE("<script src=a><script src=b><script src=c> import './d'"), true, note,
                  &left);
    assert_string_equal(told, "a|b|");
}

TEST(pages_begin_as_pages_do)
{
    assert_true(web_is_page(SLICE("\n <!DOCTYPE html>")));
    assert_true(web_is_page(SLICE("<html>")));
    assert_false(web_is_page(SLICE("let a = '<html>'")));
    assert_false(web_is_page(SLICE_EMPTY));
}

TEST_MAIN
