#include "cli/moment.h"

#include "base/clock.h"
#include "test.h"

/* 2026-11-23T10:00:00Z */
static const uint64_t now_ns = UINT64_C(1795428000) * NS_PER_S;

TEST(each_form_says_the_same_moment)
{
    static const struct {
        const char *text;
        uint64_t wall_ns;
    } rows[] = {
        { "2026-11-23", UINT64_C(1795392000) * NS_PER_S },
        { "2026-11-23Z", UINT64_C(1795392000) * NS_PER_S },
        { "2026-11-23T10:00", UINT64_C(1795428000) * NS_PER_S },
        { "2026-11-23T10:00:05Z", UINT64_C(1795428005) * NS_PER_S },
        { "2026-11-23T10:00:05.25Z", UINT64_C(1795428005) * NS_PER_S + 250 * NS_PER_MS },
        { "90s", UINT64_C(1795427910) * NS_PER_S },
        { "15m", UINT64_C(1795427100) * NS_PER_S },
        { "2h", UINT64_C(1795420800) * NS_PER_S },
        { "3d", UINT64_C(1795168800) * NS_PER_S },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t wall_ns = 0;

        assert_true(moment_parse(rows[i].text, now_ns, &wall_ns));
        assert_int_equal(wall_ns, rows[i].wall_ns);
    }
}

TEST(anything_else_is_no_moment)
{
    static const char *const rows[] = {
        "",           "yesterday",  "2026",      "15",  "-5m",           "15 m",
        "2026-13-01", "1969-12-31", "99999999d", "5mm", "2026-11-23T10", "2026-11-23x",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t wall_ns = 7;

        assert_false(moment_parse(rows[i], now_ns, &wall_ns));
        assert_int_equal(wall_ns, 7);
    }
}

TEST_MAIN
