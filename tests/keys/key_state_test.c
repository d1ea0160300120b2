#include "keys/key_state.h"

#include "../test.h"

TEST(states_survive_the_round_trip)
{
    for (unsigned i = KEY_ACTIVE; i <= KEY_EXPIRED; i++) {
        enum key_state found;

        assert_true(key_state_parse(slice_of(key_state_text((enum key_state)i)), &found));
        assert_int_equal(found, i);
    }
}

TEST(reasons_survive_the_round_trip)
{
    for (unsigned i = 0; i < KEY_REASON_COUNT; i++) {
        enum key_reason reason;

        assert_true(key_reason_parse(slice_of(key_reason_text((enum key_reason)i)), &reason));
        assert_int_equal(reason, i);
    }
}

TEST(a_number_from_a_newer_table_has_words_too)
{
    assert_string_equal(key_reason_words((enum key_reason)200), "no reason given");
}

TEST(other_words_are_no_state)
{
    enum key_state found;
    enum key_reason reason;

    assert_false(key_state_parse(SLICE("Active"), &found));
    assert_false(key_reason_parse(SLICE(""), &reason));
}

TEST_MAIN
