#include "test.h"

#include "../trail/fixture.h"
#include "portal/chart.h"

/* Records of fixture.h: 100 us apart, every third of account 1, every tenth refused. */
#define BEGIN_US UINT64_C(1795392000000000)
static const struct trail_query mine = { .by_account = true, .account = 1 };

static void records_append(struct trail *trail)
{
    for (uint64_t from = 0; from < 3000; from += 100)
        assert_int_equal(fixture_append(trail, from, 100), OK);
}

TEST(a_point_counts_its_own_stretch_and_account)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    struct chart_point point = { .from_us = BEGIN_US, .until_us = BEGIN_US + 100000 };

    records_append(trail);
    assert_int_equal(chart_point_read(trail, &mine, &point), OK);
    assert_false(point.is_estimated);
    assert_int_equal(point.requests, 334);
    assert_int_equal(point.refused, 34);
    assert_int_equal(point.server_errors, 0);
    assert_in_range(point.p50_us, 240, 260);
    assert_in_range(point.p99_us, 485, 499);
    point.from_us = point.until_us = BEGIN_US - 1;
    assert_int_equal(chart_point_read(trail, &mine, &point), OK);
    assert_int_equal(point.requests, 0);
    assert_int_equal(point.p99_us, 0);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(of_too_many_records_a_sample_tells_how_many_there_are_about)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    struct chart_point point = { .from_us = BEGIN_US, .until_us = BEGIN_US + 300000 };

    records_append(trail);
    assert_int_equal(chart_point_read(trail, &mine, &point), OK);
    assert_true(point.is_estimated);
    assert_in_range(point.requests, 990, 1010);
    assert_in_range(point.refused, 90, 110);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST_MAIN
