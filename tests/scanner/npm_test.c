#include "../test.h"

#include "scanner/npm.h"

TEST(names_are_those_that_can_be)
{
    static const char *const others[] = {
        "",    "@",      "@scope", "@scope/", "a b",        "a/b",  "../a", "a@",       "a@1@2",
        "@/a", "a@../1", ".a",     "a%2fb",   "a?b@latest", "a\nb", "a@\n", "@a/b@c/d", "@a/b/c",
    };
    struct npm_name name;

    assert_true(npm_name_parse(SLICE("ccxt"), &name));
    assert_string_equal(name.name, "ccxt");
    assert_string_equal(name.version, "latest");
    assert_true(npm_name_parse(SLICE("@scope/some.name@1.2.3-rc.1+b"), &name));
    assert_string_equal(name.name, "@scope/some.name");
    assert_string_equal(name.version, "1.2.3-rc.1+b");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (npm_name_parse(slice_of(others[i]), &name))
            fail_msg("\"%s\" was taken", others[i]);
}

TEST_MAIN
