#include "../test.h"

#include <string.h>

#include "base/fixed.h"
#include "venue/scenario.h"

static char wrong[SCENARIO_WRONG_SIZE];

static struct scenario *parse(const char *text)
{
    struct scenario *scenario;

    return scenario_parse(slice_of(text), &scenario, wrong) ? scenario : NULL;
}

TEST(a_scenario_is_read_as_it_stands)
{
    struct scenario *s = parse("name: a bad morning\n"
                               "steps:\n"
                               "  - do: shock\n"
                               "    symbol: tBTCUSD\n"
                               "    percent: -8.5\n"
                               "    after: 10\n"
                               "    for: 600\n"
                               "  - { do: reject, cid: 77, reason: size }\n"
                               "  - { do: latency, ms: 250, uses: 3 }\n");
    struct injection_ask ask;

    assert_non_null(s);
    assert_string_equal(s->name, "a bad morning");
    assert_int_equal(s->steps_count, 3);
    ask = scenario_ask(&s->steps[0]);
    assert_string_equal(ask.kind, "shock");
    assert_string_equal(ask.symbol, "tBTCUSD");
    assert_int_equal(ask.percent, -850000000);
    assert_int_equal(ask.after_ms, 10000);
    assert_int_equal(ask.for_ms, 600000);
    ask = scenario_ask(&s->steps[1]);
    assert_int_equal(ask.cid, 77);
    assert_string_equal(ask.reason, "size");
    assert_false(ask.has_percent);
    ask = scenario_ask(&s->steps[2]);
    assert_int_equal(ask.ms, 250);
    assert_int_equal(ask.uses, 3);
    scenario_free(&s);
    assert_null(s);
}

/* The last column: what the sentence must contain. */
static const char *const wrongs[][2] = {
    { "", "bytes" },
    { "steps: []\n", "steps" },
    { "name: nothing\n", "steps" },
    { "steps:\n  - do: halt\n    symbool: tBTCUSD\n", "line: 2" },
    { "steps:\n  - do: halt\n  - do: [\n", "line" },
    { "steps:\n  - do: halt\n  - do: fire\n", "step 2" },
    { "steps:\n  - { do: shock, symbol: tBTCUSD, percent: much }\n", "percent" },
    { "steps:\n  - { do: latency, ms: -4 }\n", "ms" },
    { "steps:\n  - { do: latency, ms: 99999999999 }\n", "ms" },
    { "a: &a [x]\nsteps: *a\n", "" },
};

TEST(what_is_wrong_is_said_with_its_line)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        assert_null(parse(wrongs[i][0]));
        assert_int_equal(strncmp(wrong, "yaml: ", 6), 0);
        assert_non_null(strstr(wrong, wrongs[i][1]));
    }
}

TEST(a_scenario_has_a_bounded_number_of_steps)
{
    char text[4096] = "steps:\n";

    for (unsigned i = 0; i < SCENARIO_STEPS_MOST; i++)
        strncat(text, "  - do: halt\n", sizeof text - strlen(text) - 1);
    {
        struct scenario *s = parse(text);

        assert_non_null(s);
        scenario_free(&s);
    }
    strncat(text, "  - do: halt\n", sizeof text - strlen(text) - 1);
    assert_null(parse(text));
}

TEST_MAIN
