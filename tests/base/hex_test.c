#include "base/hex.h"

#include "../test.h"

TEST(bytes_survive_the_round_trip)
{
    const uint8_t bytes[] = { 0x00, 0x7f, 0xff, 0x10 };
    uint8_t back[sizeof bytes];
    char text[2 * sizeof bytes + 1];

    hex_format(bytes, sizeof bytes, text);
    assert_string_equal(text, "007fff10");
    assert_true(hex_parse(slice_of(text), back, sizeof back));
    assert_memory_equal(bytes, back, sizeof bytes);
    assert_true(hex_parse(SLICE("007FFF10"), back, sizeof back));
    assert_memory_equal(bytes, back, sizeof bytes);
}

TEST(refuses_other_lengths_and_other_characters)
{
    uint8_t bytes[2];

    assert_false(hex_parse(SLICE("00f"), bytes, 2));
    assert_false(hex_parse(SLICE("00ff0"), bytes, 2));
    assert_false(hex_parse(SLICE("00fg"), bytes, 2));
    assert_false(hex_parse(SLICE(""), bytes, 2));
}

TEST_MAIN
