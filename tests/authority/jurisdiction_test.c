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

TEST(countries_are_listed_with_their_names)
{
    const struct jurisdiction *country;
    size_t count = 0;
    char code[3];

    for (; (country = jurisdiction_at(count)) != NULL; count++) {
        assert_true(jurisdiction_parse(slice_of(country->code), code));
        assert_true(country->name[0] != '\0');
    }
    assert_int_equal(count, 250);
}

TEST_MAIN
