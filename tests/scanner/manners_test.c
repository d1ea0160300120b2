#include "../test.h"

#include "base/clock.h"
#include "scanner/manners.h"

TEST(a_pause_grows_up_to_an_hour)
{
    assert_int_equal(manners_pause_ns(1), 5 * NS_PER_S);
    assert_int_equal(manners_pause_ns(2), 10 * NS_PER_S);
    assert_int_equal(manners_pause_ns(5), 80 * NS_PER_S);
    assert_int_equal(manners_pause_ns(1000000), 3600 * NS_PER_S);
}

TEST(retry_after_is_seconds_or_a_date_and_a_day_at_most)
{
    const uint64_t now_s = 1700000000; /* Tue, 14 Nov 2023 22:13:20 GMT */

    assert_int_equal(manners_retry_after_s("120", now_s), 120);
    assert_int_equal(manners_retry_after_s("Tue, 14 Nov 2023 22:14:20 GMT", now_s), 60);
    assert_int_equal(manners_retry_after_s("Tue, 14 Nov 2023 22:12:20 GMT", now_s), 0);
    assert_int_equal(manners_retry_after_s("99999999999999999999", now_s), 86400);
    assert_int_equal(manners_retry_after_s("-5", now_s), 0);
    assert_int_equal(manners_retry_after_s("soon", now_s), 0);
    assert_int_equal(manners_retry_after_s("", now_s), 0);
}

TEST(a_budget_that_is_used_up_asks_nobody)
{
    struct manners m = { .agent = "a", .stop = -1, .requests_per_minute = 1 };
    struct buffer content;
    bool changed;

    buffer_init(&content);
    assert_int_equal(manners_get(&m, "http://127.0.0.1:1/", 10, NULL, &content, &changed), ERR_IO);
    assert_int_not_equal(m.why[0], '\0');
    assert_int_equal(manners_get(&m, "http://127.0.0.1:1/", 10, NULL, &content, &changed),
                     ERR_CONFLICT);
    assert_true(m.not_before_ns > clock_mono_ns());
    assert_int_equal(m.requests_all, 1);
    assert_int_equal(manners_get(&m, "file:///etc/passwd", 10, NULL, &content, &changed),
                     ERR_CONFLICT);
    manners_end(&m);
    buffer_wipe(&content);
}

TEST_MAIN
