#include "authority/jurisdiction.h"

#include <ctype.h>

static const struct jurisdiction countries[] = {
#define COUNTRY(code, name) { code, name },
#include "authority/jurisdiction.def"
#undef COUNTRY
};

enum { COUNTRY_COUNT = sizeof countries / sizeof *countries };

bool jurisdiction_parse(struct slice text, char code[3])
{
    if (text.size != 2)
        return false;
    code[0] = (char)toupper((unsigned char)text.at[0]);
    code[1] = (char)toupper((unsigned char)text.at[1]);
    code[2] = '\0';
    for (size_t i = 0; i < COUNTRY_COUNT; i++)
        if (countries[i].code[0] == code[0] && countries[i].code[1] == code[1])
            return true;
    return false;
}

const struct jurisdiction *jurisdiction_at(size_t index)
{
    return index < COUNTRY_COUNT ? &countries[index] : NULL;
}
