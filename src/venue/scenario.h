/* venue/scenario.h: a file that says what shall happen, and when
 *
 *     name: a bad morning
 *     steps:
 *       - do: shock
 *         symbol: tBTCUSD
 *         percent: -8
 *         after: 10
 *         for: 600
 *       - do: maintenance
 *         after: 60
 *         for: 30
 *
 * A step is what venue/injection.h can inject; `after` and `for` are seconds of the exchange's
 * clock, counted from the moment at which the scenario is started.
 */
#ifndef VENUE_SCENARIO_H
#define VENUE_SCENARIO_H

#include "venue/injection.h"

#define SCENARIO_MOST_BYTES (32 * 1024)
#define SCENARIO_STEPS_MOST 32
#define SCENARIO_WRONG_SIZE 256

/* As it is read; fields that are not given are 0 or NULL. */
struct scenario_step {
    char *kind, *symbol, *percent, *reason, *label;
    uint32_t after_s, for_s, ms, status, uses;
    uint64_t cid;
};

struct scenario {
    char *name;
    struct scenario_step *steps;
    unsigned steps_count;
};

/* False: `wrong` says in one sentence what, and in which line.  A scenario that was parsed has only
 * steps that injection_make() takes. */
bool scenario_parse(struct slice text, struct scenario **scenario, char wrong[SCENARIO_WRONG_SIZE]);
void scenario_free(struct scenario **scenario);

struct injection_ask scenario_ask(const struct scenario_step *step);

#endif
