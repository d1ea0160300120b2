/* gate/meter.h: how often a key may call
 *
 * A meter is one number: the moment at which its bucket is full again.  One number fits one
 * atomic word, so workers share meters without a lock.
 *
 * Source: generic cell rate algorithm, virtual scheduling form, ITU-T I.371.
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_METER_H
#define GATE_METER_H

#include <stdbool.h>
#include <stdint.h>

#define METER_NEVER UINT64_MAX

struct meter_rate {
    uint64_t step_ns;  /* time in which one unit grows back, > 0 */
    uint64_t burst_ns; /* depth of the bucket: units at once x step_ns, >= step_ns */
};

/* `units` (> 0) a second, of which `burst` (> 0) may come at once. */
struct meter_rate meter_rate_of(uint32_t units, uint32_t burst);

/* Takes `cost` units (> 0) at `now_ns`; says whether the call may pass.  Cannot fail.
 *
 *   full_at_ns  in/out, monotonic clock; 0 for a meter never used; untouched on refusal
 *   retry_ns    out, wait until the same call would pass: 0 if it passed,
 *               METER_NEVER if the cost is deeper than the bucket
 */
bool meter_take(uint64_t *full_at_ns, struct meter_rate rate, uint64_t now_ns, uint32_t cost,
                uint64_t *retry_ns);

/* For a call that meter_take has refused: goes `owed_ns` into debt, to at most `most_ns` in all.
 * Returns the debt, which is how much longer the meter stays empty.  A debt is paid by waiting, as
 * an empty bucket fills. */
uint64_t meter_owe(uint64_t *full_at_ns, struct meter_rate rate, uint64_t now_ns, uint64_t owed_ns,
                   uint64_t most_ns);

/* Units that would pass at once at `now_ns`. */
uint32_t meter_remaining(uint64_t full_at_ns, struct meter_rate rate, uint64_t now_ns);

#endif
