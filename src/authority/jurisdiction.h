/* authority/jurisdiction.h: the countries an account can be of (ISO 3166-1 alpha-2) */
#ifndef AUTHORITY_JURISDICTION_H
#define AUTHORITY_JURISDICTION_H

#include <stdbool.h>

#include "base/slice.h"

/* Accepts an assigned code in either case; writes it in capitals. */
bool jurisdiction_parse(struct slice text, char code[3]);

struct jurisdiction {
    const char *code, *name; /* "CH", "Switzerland" */
};

/* In the order of their codes, `index` from 0; NULL behind the last. */
const struct jurisdiction *jurisdiction_at(size_t index);

#endif
