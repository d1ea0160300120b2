#include "authority/metrics.h"

#include "../test.h"

static struct audit_record request_of(enum verdict verdict, uint32_t latency_us)
{
    return (struct audit_record){ .kind = RECORD_REQUEST, .environment = ENVIRONMENT_SANDBOX,
                                  .verdict = (uint16_t)verdict, .latency_us = latency_us };
}

TEST(requests_are_counted_by_verdict_and_latency)
{
    struct audit_record passed = request_of(VERDICT_PASS, 100), longer = passed,
                        refused = request_of(VERDICT_NONCE_SMALL, UINT32_MAX);
    struct metrics m = { 0 };

    longer.latency_us = 101;
    metrics_count(&m, &passed);
    metrics_count(&m, &longer);
    metrics_count(&m, &refused);
    assert_int_equal(m.decisions[ENVIRONMENT_SANDBOX][VERDICT_PASS], 2);
    assert_int_equal(m.decisions[ENVIRONMENT_SANDBOX][VERDICT_NONCE_SMALL], 1);
    assert_int_equal(m.decisions[ENVIRONMENT_LIVE][VERDICT_PASS], 0);
    assert_int_equal(m.latency[ENVIRONMENT_SANDBOX][METRICS_PASSED].counts[1], 1);
    assert_int_equal(m.latency[ENVIRONMENT_SANDBOX][METRICS_PASSED].counts[2], 1);
    assert_int_equal(m.latency[ENVIRONMENT_SANDBOX][METRICS_PASSED].sum_us, 201);
    assert_int_equal(
        m.latency[ENVIRONMENT_SANDBOX][METRICS_REFUSED].counts[METRICS_BUCKET_COUNT], 1);
}

TEST(an_answer_left_open_has_no_latency)
{
    struct audit_record open = request_of(VERDICT_PASS, 0);
    struct metrics m = { 0 };

    open.flags = RECORD_OUTCOME_UNKNOWN;
    metrics_count(&m, &open);
    assert_int_equal(m.unknown[ENVIRONMENT_SANDBOX], 1);
    assert_int_equal(m.decisions[ENVIRONMENT_SANDBOX][VERDICT_PASS], 1);
    assert_int_equal(m.latency[ENVIRONMENT_SANDBOX][METRICS_PASSED].counts[0], 0);
}

TEST(what_a_newer_release_or_a_change_wrote_is_passed_over)
{
    struct audit_record record = request_of(VERDICT_PASS, 1);
    struct metrics m = { 0 }, none = { 0 };

    record.verdict = VERDICT_COUNT;
    metrics_count(&m, &record);
    record = request_of(VERDICT_PASS, 1);
    record.environment = ENVIRONMENT_COUNT;
    metrics_count(&m, &record);
    record = request_of(VERDICT_PASS, 1);
    record.kind = RECORD_CHANGE;
    metrics_count(&m, &record);
    assert_memory_equal(&m, &none, sizeof m);
}

TEST(batches_add_up)
{
    struct audit_record record = request_of(VERDICT_PASS, 7);
    struct metrics total = { 0 }, batch = { 0 };

    metrics_count(&batch, &record);
    metrics_add(&total, &batch);
    metrics_add(&total, &batch);
    assert_int_equal(total.decisions[ENVIRONMENT_SANDBOX][VERDICT_PASS], 2);
    assert_int_equal(total.latency[ENVIRONMENT_SANDBOX][METRICS_PASSED].sum_us, 14);
}

TEST_MAIN
