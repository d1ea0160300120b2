/* keys/environment.h: the two worlds a key can belong to
 *
 * A key belongs to one of them for life; its text says which ("lki_live_", "lki_test_").
 * Numbers are written to disk and to shared memory: never reused.
 */
#ifndef KEYS_ENVIRONMENT_H
#define KEYS_ENVIRONMENT_H

#include "base/slice.h"

enum environment {
    ENVIRONMENT_LIVE = 0,
    ENVIRONMENT_SANDBOX = 1,
    ENVIRONMENT_COUNT
};

/* "live" or "sandbox"; static. */
const char *environment_text(enum environment environment);

/* Accepts exactly the two words above. */
bool environment_parse(struct slice text, enum environment *environment);

#endif
