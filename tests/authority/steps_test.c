#include "test.h"

#include "authority/steps.h"

TEST(individuals_owe_two_steps_and_companies_four)
{
    unsigned individual = 0, corporate = 0;
    enum step step, parsed;

    for (unsigned i = 0; (step = step_at(i)) != 0; i++) {
        individual += step_is_owed(step, ACCOUNT_INDIVIDUAL);
        corporate += step_is_owed(step, ACCOUNT_CORPORATE);
        assert_true(step_parse(slice_of(step_text(step)), &parsed));
        assert_int_equal(parsed, step);
        assert_true(strlen(step_words(step)) > 0);
    }
    assert_int_equal(individual, 2);
    assert_int_equal(corporate, 4);
    assert_false(step_parse(SLICE("all"), &parsed));
}

TEST_MAIN
