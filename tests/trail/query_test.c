#include "trail/query.h"

#include "fixture.h"

/* Rows of the filters; the last column says whether the first record of the fixture passes. */
TEST(each_filter_lets_through_its_own)
{
    const struct audit_record record = fixture_record(0);
    const uint64_t at_us = record.received_at_us;
    const struct {
        struct trail_query query;
        bool matches;
    } rows[] = {
        { { .limit = 0 }, true },
        { { .by_key = true, .key = "key0000000000000" }, true },
        { { .by_key = true, .key = "key0000000000001" }, false },
        { { .by_account = true, .account = 1 }, true },
        { { .by_account = true, .account = 0 }, false },
        { { .by_environment = true, .environment = 0 }, true },
        { { .by_environment = true, .environment = 1 }, false },
        { { .by_status = true, .status = 200 }, true },
        { { .by_status = true, .status = 500 }, false },
        { { .by_verdict = true, .verdict = 0 }, true },
        { { .by_verdict = true, .verdict = 18 }, false },
        { { .since_us = at_us }, true },
        { { .since_us = at_us + 1 }, false },
        { { .until_us = at_us + 1 }, true },
        { { .until_us = at_us }, false },
        { { .path = SLICE("/v2/auth/r/wallets") }, true },
        { { .path = SLICE("/v2/auth/r/") }, false },
        { { .path = SLICE("/v2/auth/r/"), .path_is_prefix = true }, true },
        { { .path = SLICE("/v2/auth/w/"), .path_is_prefix = true }, false },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(query_matches(&rows[i].query, &record), rows[i].matches);
}

TEST(values_of_a_mask_are_63_bits)
{
    assert_int_equal(query_mask_bit(0), 1);
    assert_int_equal(query_mask_bit(62), UINT64_C(1) << 62);
    assert_int_equal(query_mask_bit(63), 1);
}

TEST_MAIN
