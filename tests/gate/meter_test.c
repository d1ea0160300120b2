#include "gate/meter.h"

#include "../test.h"

#define MS UINT64_C(1000000)

static const struct meter_rate ten_a_second = { 100 * MS, 300 * MS };

TEST(a_refusal_costs_nothing)
{
    uint64_t full_at_ns = 1300 * MS, retry_ns;

    assert_false(meter_take(&full_at_ns, ten_a_second, 1000 * MS, 1, &retry_ns));
    assert_int_equal(full_at_ns, 1300 * MS);
    assert_int_equal(retry_ns, 100 * MS);
}

TEST(the_call_passes_exactly_when_the_wait_is_over)
{
    uint64_t full_at_ns = 1300 * MS, retry_ns;

    assert_false(meter_take(&full_at_ns, ten_a_second, 1100 * MS - 1, 1, &retry_ns));
    assert_int_equal(retry_ns, 1);
    assert_true(meter_take(&full_at_ns, ten_a_second, 1100 * MS, 1, &retry_ns));
    assert_int_equal(retry_ns, 0);
}

TEST(a_burst_passes_at_once_and_no_more)
{
    struct meter_rate rate = meter_rate_of(15, 15);
    uint64_t full_at_ns = 0, retry_ns;

    for (uint32_t i = 0; i < 15; i++) {
        assert_int_equal(meter_remaining(full_at_ns, rate, 1000 * MS), 15 - i);
        assert_true(meter_take(&full_at_ns, rate, 1000 * MS, 1, &retry_ns));
    }
    assert_int_equal(meter_remaining(full_at_ns, rate, 1000 * MS), 0);
    assert_false(meter_take(&full_at_ns, rate, 1000 * MS, 1, &retry_ns));
}

TEST(over_ten_seconds_the_rate_is_kept_to_one_call)
{
    struct meter_rate rate = meter_rate_of(5, 5);
    uint64_t full_at_ns = 0, retry_ns;
    unsigned passed = 0;

    for (uint64_t now_ns = 1000 * MS; now_ns < 11000 * MS; now_ns += MS)
        passed += meter_take(&full_at_ns, rate, now_ns, 1, &retry_ns);
    assert_in_range(passed, 5 + 50 - 1, 5 + 50);
}

TEST(a_cost_deeper_than_the_bucket_never_passes)
{
    uint64_t full_at_ns = 0, retry_ns;

    assert_false(meter_take(&full_at_ns, ten_a_second, 1000 * MS, 4, &retry_ns));
    assert_int_equal(retry_ns, METER_NEVER);
    assert_false(meter_take(&full_at_ns, (struct meter_rate){ UINT64_MAX / 2, UINT64_MAX },
                            1000 * MS, 3, &retry_ns));
    assert_int_equal(retry_ns, METER_NEVER);
}

static uint64_t owe(uint64_t *full_at_ns, uint64_t now_ms, uint64_t owed_ms)
{
    return meter_owe(full_at_ns, ten_a_second, now_ms * MS, owed_ms * MS, 1000 * MS) / MS;
}

TEST(a_debt_grows_to_its_bound_and_is_paid_by_waiting)
{
    uint64_t full_at_ns = 1300 * MS, retry_ns;

    assert_int_equal(owe(&full_at_ns, 1000, 400), 400);
    assert_int_equal(full_at_ns, 1700 * MS);
    assert_int_equal(owe(&full_at_ns, 1100, 400), 700);
    assert_int_equal(owe(&full_at_ns, 1100, 400), 1000);
    assert_int_equal(owe(&full_at_ns, 1100, UINT64_MAX / MS), 1000);
    assert_false(meter_take(&full_at_ns, ten_a_second, 2200 * MS - 1, 1, &retry_ns));
    assert_int_equal(retry_ns, 1);
    assert_true(meter_take(&full_at_ns, ten_a_second, 2200 * MS, 1, &retry_ns));
}

TEST_MAIN
