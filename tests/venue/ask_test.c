#include "../test.h"

#include "base/fixed.h"
#include "venue/ask.h"

static json_t *body;

static struct ask of(const char *text)
{
    json_decref(body);
    body = json_loads(text, 0, NULL);
    assert_non_null(body);
    return (struct ask){ .body = body };
}

TEST(amounts_come_as_numbers_and_as_text)
{
    static const struct {
        const char *body;
        enum ask_answer answer;
        int64_t value;
    } cases[] = {
        { "{\"a\":\"0.1\"}", ASK_GOOD, 10000000 },
        { "{\"a\":0.1}", ASK_GOOD, 10000000 },
        { "{\"a\":1}", ASK_GOOD, FIXED_ONE },
        { "{\"a\":-2}", ASK_GOOD, -2 * FIXED_ONE },
        { "{\"a\":\"-0.10000000\"}", ASK_GOOD, -10000000 },
        { "{\"a\":\"1e-07\"}", ASK_GOOD, 10 },
        { "{\"a\":1e-8}", ASK_GOOD, 1 },
        { "{\"a\":\"10000.0\"}", ASK_GOOD, 10000 * FIXED_ONE },
        { "{\"a\":63394.12345678}", ASK_GOOD, INT64_C(6339412345678) },
        { "{\"a\":\"\"}", ASK_ABSENT, 0 },
        { "{\"a\":null}", ASK_ABSENT, 0 },
        { "{}", ASK_ABSENT, 0 },
        { "{\"a\":\"1,5\"}", ASK_BAD, 0 },
        { "{\"a\":\"NaN\"}", ASK_BAD, 0 },
        { "{\"a\":\"0x10\"}", ASK_BAD, 0 },
        { "{\"a\":\" 1\"}", ASK_BAD, 0 },
        { "{\"a\":true}", ASK_BAD, 0 },
        { "{\"a\":[1]}", ASK_BAD, 0 },
        { "{\"a\":1e300}", ASK_BAD, 0 },
        { "{\"a\":\"92233720369\"}", ASK_BAD, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 0;

        assert_int_equal(ask_fixed(of(cases[i].body), "a", &value), cases[i].answer);
        assert_int_equal(value, cases[i].value);
    }
}

TEST(ids_are_whole_numbers)
{
    static const struct {
        const char *body;
        enum ask_answer answer;
        uint64_t value;
    } cases[] = {
        { "{\"a\":77}", ASK_GOOD, 77 },
        { "{\"a\":\"77\"}", ASK_GOOD, 77 },
        { "{\"a\":1e12}", ASK_GOOD, UINT64_C(1000000000000) },
        { "{\"a\":true}", ASK_GOOD, 1 },
        { "{\"a\":0}", ASK_GOOD, 0 },
        { "{\"a\":-1}", ASK_BAD, 0 },
        { "{\"a\":1.5}", ASK_BAD, 0 },
        { "{\"a\":\"7 \"}", ASK_BAD, 0 },
        { "{\"a\":\"99999999999999999999\"}", ASK_BAD, 0 },
        { "{\"a\":{}}", ASK_BAD, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t value = 0;

        assert_int_equal(ask_number(of(cases[i].body), "a", &value), cases[i].answer);
        assert_int_equal(value, cases[i].value);
    }
}

TEST(a_list_holds_numbers_or_is_one)
{
    assert_int_equal(ask_lists(of("{\"id\":[1,\"2\"]}"), "id", 2), ASK_GOOD);
    assert_int_equal(ask_lists(of("{\"id\":[1,2]}"), "id", 3), ASK_ABSENT);
    assert_int_equal(ask_lists(of("{\"id\":3}"), "id", 3), ASK_GOOD);
    assert_int_equal(ask_lists(of("{\"id\":[]}"), "id", 3), ASK_ABSENT);
    assert_int_equal(ask_lists(of("{}"), "id", 3), ASK_GOOD);
    assert_int_equal(ask_lists(of("{\"id\":[1,{}]}"), "id", 1), ASK_BAD);
}

TEST(null_and_nothing_are_absent)
{
    assert_true(ask_has(of("{\"id\":0}"), "id"));
    assert_true(ask_has(of("{\"id\":[]}"), "id"));
    assert_false(ask_has(of("{\"id\":null}"), "id"));
    assert_false(ask_has(of("{\"id\":\"\"}"), "id"));
    assert_false(ask_has(of("{}"), "id"));
}

TEST(days_and_moments_are_utc)
{
    uint64_t day, time_ms;

    assert_int_equal(ask_day(of("{\"d\":\"1970-01-11\"}"), "d", &day), ASK_GOOD);
    assert_int_equal(day, 10);
    assert_int_equal(ask_day(of("{\"d\":\"1970-01-11x\"}"), "d", &day), ASK_BAD);
    assert_int_equal(ask_day(of("{\"d\":7}"), "d", &day), ASK_BAD);
    assert_int_equal(ask_moment(of("{\"t\":\"1970-01-02 00:00:01\"}"), "t", &time_ms), ASK_GOOD);
    assert_int_equal(time_ms, 86401000);
    assert_int_equal(ask_moment(of("{\"t\":\"soon\"}"), "t", &time_ms), ASK_BAD);
}

TEST(a_page_has_bounds)
{
    struct ask_page page;

    assert_null(ask_page(of("{}"), 25, 2500, &page));
    assert_int_equal(page.limit, 25);
    assert_true(page.newest_first);
    assert_null(
        ask_page(of("{\"start\":5,\"end\":\"9\",\"limit\":2500,\"sort\":\"1\"}"), 25, 2500, &page));
    assert_int_equal(page.start_ms, 5);
    assert_int_equal(page.end_ms, 9);
    assert_false(page.newest_first);
    assert_string_equal(ask_page(of("{\"limit\":2501}"), 25, 2500, &page), "limit: invalid");
    assert_string_equal(ask_page(of("{\"limit\":0}"), 25, 2500, &page), "limit: invalid");
    assert_string_equal(ask_page(of("{\"sort\":2}"), 25, 2500, &page), "sort: invalid");
    assert_string_equal(ask_page(of("{\"start\":9,\"end\":5}"), 25, 2500, &page),
                        "time_interval: invalid");
    json_decref(body);
    body = NULL;
}

TEST_MAIN
