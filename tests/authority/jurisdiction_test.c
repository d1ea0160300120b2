#include "test.h"

#include "authority/jurisdiction.h"

TEST(countries_are_assigned_codes_in_either_case)
{
    char code[3];

    assert_true(jurisdiction_parse(SLICE("ch"), code));
    assert_string_equal(code, "CH");
    assert_true(jurisdiction_parse(SLICE("AD"), code));
    assert_true(jurisdiction_parse(SLICE("ZW"), code));
    assert_false(jurisdiction_parse(SLICE("ZZ"), code));
    assert_false(jurisdiction_parse(SLICE("D "), code));
    assert_false(jurisdiction_parse(SLICE("CHE"), code));
    assert_false(jurisdiction_parse(SLICE(""), code));
}

TEST_MAIN
