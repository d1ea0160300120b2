#include "authority/metrics.h"

#include <stddef.h>

const uint32_t metrics_bounds_us[METRICS_BUCKET_COUNT] = {
    50,    100,   250,   500,    1000,   2500,   5000,    10000,
    25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000,
};

void metrics_count(struct metrics *m, const struct audit_record *record)
{
    struct metrics_latency *latency;
    unsigned bucket = 0;

    if (record->kind != RECORD_REQUEST || record->environment >= ENVIRONMENT_COUNT ||
        record->verdict >= VERDICT_COUNT)
        return;
    m->decisions[record->environment][record->verdict]++;
    if ((record->flags & RECORD_OUTCOME_UNKNOWN) != 0) {
        m->unknown[record->environment]++;
        return;
    }
    latency = &m->latency[record->environment]
                         [record->verdict == VERDICT_PASS ? METRICS_PASSED : METRICS_REFUSED];
    while (bucket < METRICS_BUCKET_COUNT && record->latency_us > metrics_bounds_us[bucket])
        bucket++;
    latency->counts[bucket]++;
    latency->sum_us += record->latency_us;
}

/* Nothing but counters in it. */
void metrics_add(struct metrics *m, const struct metrics *more)
{
    uint64_t *to = (uint64_t *)m;
    const uint64_t *from = (const uint64_t *)more;

    for (size_t i = 0; i < sizeof *m / sizeof *to; i++)
        to[i] += from[i];
}
