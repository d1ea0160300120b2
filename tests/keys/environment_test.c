#include "keys/environment.h"

#include "../test.h"

TEST(each_word_means_its_environment_and_no_other_word_does)
{
    enum environment environment;

    assert_true(environment_parse(SLICE("live"), &environment));
    assert_int_equal(environment, ENVIRONMENT_LIVE);
    assert_true(environment_parse(slice_of(environment_text(ENVIRONMENT_SANDBOX)), &environment));
    assert_int_equal(environment, ENVIRONMENT_SANDBOX);
    assert_false(environment_parse(SLICE("test"), &environment));
    assert_false(environment_parse(SLICE("liv"), &environment));
    assert_false(environment_parse(SLICE_EMPTY, &environment));
}

TEST_MAIN
