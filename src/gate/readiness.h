/* gate/readiness.h: what stands between a key and its first live order (D6)
 *
 * One function for the gate, the command line, the HTTP API and the console, so that they agree.
 */
#ifndef GATE_READINESS_H
#define GATE_READINESS_H

#include <stdbool.h>
#include <stdint.h>

struct readiness {
    bool wallets_called;   /* D1 */
    bool sandbox_order;    /* D2: the account had an order accepted in the sandbox */
    bool cooling_over;     /* C3 */
    bool ready;            /* all of them */
    uint64_t cooling_left_ns; /* 0 when over */
};

/* `cooling_until_ns` is a moment of the wall clock, 0 for a key without trading permission. */
struct readiness readiness_decide(bool wallets_called, bool sandbox_order,
                                  uint64_t cooling_until_ns, uint64_t wall_ns);

#endif
