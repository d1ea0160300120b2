#include "gate/meter.h"

struct meter_rate meter_rate_of(uint32_t units, uint32_t burst)
{
    uint64_t step_ns = UINT64_C(1000000000) / units;

    if (step_ns == 0)
        step_ns = 1;
    return (struct meter_rate){ step_ns, step_ns * burst };
}

bool meter_take(uint64_t *full_at_ns, struct meter_rate rate, uint64_t now_ns, uint32_t cost,
                uint64_t *retry_ns)
{
    uint64_t from_ns = *full_at_ns > now_ns ? *full_at_ns : now_ns;
    uint64_t grows_ns;
    uint64_t left_ns;

    if (__builtin_mul_overflow(rate.step_ns, (uint64_t)cost, &grows_ns) ||
        grows_ns > rate.burst_ns) {
        *retry_ns = METER_NEVER;
        return false;
    }
    /* How far the bucket may still be emptied; written so that no sum can overflow. */
    left_ns = rate.burst_ns - grows_ns;
    if (from_ns - now_ns > left_ns) {
        *retry_ns = from_ns - now_ns - left_ns;
        return false;
    }
    *full_at_ns = from_ns + grows_ns;
    *retry_ns = 0;
    return true;
}

uint64_t meter_owe(uint64_t *full_at_ns, struct meter_rate rate, uint64_t now_ns, uint64_t owed_ns,
                   uint64_t most_ns)
{
    uint64_t used_ns = *full_at_ns > now_ns ? *full_at_ns - now_ns : 0;
    uint64_t debt_ns = used_ns > rate.burst_ns ? used_ns - rate.burst_ns : 0;

    debt_ns = owed_ns < most_ns && debt_ns < most_ns - owed_ns ? debt_ns + owed_ns : most_ns;
    *full_at_ns = now_ns + rate.burst_ns + debt_ns;
    return debt_ns;
}

uint32_t meter_remaining(uint64_t full_at_ns, struct meter_rate rate, uint64_t now_ns)
{
    uint64_t used_ns = full_at_ns > now_ns ? full_at_ns - now_ns : 0;

    return used_ns >= rate.burst_ns ? 0 : (uint32_t)((rate.burst_ns - used_ns) / rate.step_ns);
}
