#include "gate/readiness.h"

struct readiness readiness_decide(bool wallets_called, bool sandbox_order,
                                  uint64_t cooling_until_ns, uint64_t wall_ns)
{
    struct readiness readiness = {
        .wallets_called = wallets_called,
        .sandbox_order = sandbox_order,
        .cooling_over = wall_ns >= cooling_until_ns,
    };

    readiness.cooling_left_ns = readiness.cooling_over ? 0 : cooling_until_ns - wall_ns;
    readiness.ready = wallets_called && sandbox_order && readiness.cooling_over;
    return readiness;
}
