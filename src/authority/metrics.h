/* authority/metrics.h: decisions and latencies, counted as their records reach the log
 *
 * Counted by the collector, so the gateways spend nothing on it and a number stands for records
 * that are on disk.  They begin at 0 with the process, as Prometheus expects of counters.
 */
#ifndef AUTHORITY_METRICS_H
#define AUTHORITY_METRICS_H

#include <stdint.h>

#include "audit/record.h"
#include "gate/verdict.h"
#include "keys/environment.h"

enum {
    METRICS_BUCKET_COUNT = 16, /* and one more for what is longer than all of them */
};

enum metrics_outcome { METRICS_PASSED, METRICS_REFUSED, METRICS_OUTCOME_COUNT };

struct metrics_latency {
    uint64_t counts[METRICS_BUCKET_COUNT + 1]; /* each request in one bucket only */
    uint64_t sum_us;
};

struct metrics {
    uint64_t decisions[ENVIRONMENT_COUNT][VERDICT_COUNT];
    struct metrics_latency latency[ENVIRONMENT_COUNT][METRICS_OUTCOME_COUNT];
    uint64_t unknown[ENVIRONMENT_COUNT]; /* answers that a dead worker left open; no latency */
};

/* Upper bounds of the buckets, microseconds, rising. */
extern const uint32_t metrics_bounds_us[METRICS_BUCKET_COUNT];

/* Counts a record of a request; others are passed over. */
void metrics_count(struct metrics *m, const struct audit_record *record);

void metrics_add(struct metrics *m, const struct metrics *more);

#endif
