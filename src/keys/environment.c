#include "keys/environment.h"

static const char *const texts[ENVIRONMENT_COUNT] = {
    [ENVIRONMENT_LIVE] = "live",
    [ENVIRONMENT_SANDBOX] = "sandbox",
};

const char *environment_text(enum environment environment)
{
    return texts[environment];
}

bool environment_parse(struct slice text, enum environment *environment)
{
    for (int i = 0; i < ENVIRONMENT_COUNT; i++) {
        if (slice_is(text, slice_of(texts[i]))) {
            *environment = (enum environment)i;
            return true;
        }
    }
    return false;
}
