/* fuzz/scenario.c: a scenario that is taken has steps that can be injected; what is refused says
 * why */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "venue/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char wrong[SCENARIO_WRONG_SIZE];
    struct scenario *scenario;

    if (!scenario_parse((struct slice){ (const char *)data, size }, &scenario, wrong)) {
        if (scenario != NULL || memchr(wrong, '\0', sizeof wrong) == NULL || *wrong == '\0')
            abort();
        return 0;
    }
    for (unsigned i = 0; i < scenario->steps_count; i++) {
        struct injection_ask ask = scenario_ask(&scenario->steps[i]);
        struct injection injection, back;
        struct command command = { 0 };

        if (injection_make(&ask, 1, &injection) != NULL)
            abort();
        injection_encode(&injection, &command);
        if (!injection_decode(&command, &back) || back.value != injection.value)
            abort();
    }
    scenario_free(&scenario);
    return 0;
}
