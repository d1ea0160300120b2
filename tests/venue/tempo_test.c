#include "../test.h"

#include "venue/tempo.h"

#define NOW UINT64_C(1764000000000)

TEST(the_real_tempo_is_the_wall_clock)
{
    assert_int_equal(tempo_time_ms(tempo_real(), NOW), NOW);
    assert_int_equal(tempo_wall_ms(tempo_real(), NOW + 5), NOW + 5);
    assert_int_equal(tempo_wall_ms(tempo_real(), UINT64_MAX), UINT64_MAX);
}

TEST(a_clock_that_stands_still_reaches_nothing)
{
    struct tempo still = { .wall_ms = NOW, .time_ms = 1000 };

    assert_int_equal(tempo_time_ms(still, NOW + 99999), 1000);
    assert_int_equal(tempo_wall_ms(still, 1001), UINT64_MAX);
    assert_true(tempo_wall_ms(still, 1000) <= NOW);
}

TEST(a_faster_clock_reaches_a_moment_sooner_and_never_too_soon)
{
    static const uint64_t rates[] = { 1, 500, 1000, 3000, 7777, TEMPO_RATE_MOST };

    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct tempo tempo = { .wall_ms = NOW, .time_ms = 5000, .rate_milli = rates[i] };

        for (uint64_t time_ms = 5000; time_ms < 5100; time_ms++) {
            uint64_t wall_ms = tempo_wall_ms(tempo, time_ms);

            assert_true(tempo_time_ms(tempo, wall_ms) >= time_ms);
            assert_true(wall_ms == NOW || tempo_time_ms(tempo, wall_ms - 1) < time_ms);
        }
    }
}

TEST(a_wall_clock_that_was_set_back_takes_no_time_with_it)
{
    struct tempo twice = { .wall_ms = NOW, .time_ms = NOW, .rate_milli = 2000 };

    assert_int_equal(tempo_time_ms(twice, NOW + 10), NOW + 20);
    assert_int_equal(tempo_time_ms(twice, NOW - 3600000), NOW);
}

TEST_MAIN
