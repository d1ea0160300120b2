#include "../test.h"

#include "base/program.h"

TEST(a_program_has_an_id_and_it_stays)
{
    static const uint8_t none[PROGRAM_ID_SIZE];
    uint8_t first[PROGRAM_ID_SIZE] = { 0 }, second[PROGRAM_ID_SIZE];

    assert_true(program_id(first));
    assert_true(program_id(second));
    assert_memory_equal(first, second, sizeof first);
    assert_memory_not_equal(first, none, sizeof first);
}

TEST_MAIN
