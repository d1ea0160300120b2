#include "gate/verdict.h"

#include "../test.h"

TEST(every_verdict_is_found_by_its_name)
{
    for (unsigned i = 0; i < VERDICT_COUNT; i++) {
        enum verdict verdict;

        assert_true(verdict_status(i) >= 200 && verdict_status(i) < 600);
        assert_true(verdict_find(slice_of(verdict_text(i)), &verdict));
        assert_int_equal(verdict, i);
    }
}

TEST(a_number_of_a_newer_table_is_unknown)
{
    assert_int_equal(verdict_status(60000), 0);
    assert_string_equal(verdict_text(60000), "unknown");
    assert_string_equal(verdict_words(60000), "unknown");
}

TEST_MAIN
