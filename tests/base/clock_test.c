#include "base/clock.h"

#include <string.h>

#include "../test.h"

TEST(moments_are_written_in_utc_with_milliseconds)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(UINT64_C(1795392000123456789), text);
    assert_string_equal(text, "2026-11-23T00:00:00.123Z");
    clock_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    clock_format(UINT64_MAX, text);
    assert_int_equal(strlen(text), CLOCK_TEXT_SIZE - 1);
}

TEST(the_monotonic_clock_does_not_go_back)
{
    uint64_t before = clock_mono_ns();

    assert_true(clock_mono_ns() >= before);
    assert_true(clock_wall_ns() > UINT64_C(1700000000) * NS_PER_S);
}

TEST_MAIN
