/* console/number.h: ids in paths */
#ifndef CONSOLE_NUMBER_H
#define CONSOLE_NUMBER_H

#include <stdint.h>

#include "base/slice.h"

/* A number of 1 to 18 digits; 0, which nothing has, for anything else. */
static inline uint64_t number_of(struct slice text)
{
    uint64_t number = 0;

    if (text.size == 0 || text.size > 18)
        return 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        number = 10 * number + (uint64_t)(text.at[i] - '0');
    }
    return number;
}

#endif
