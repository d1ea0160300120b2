#include "base/hex.h"

void hex_format(const void *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = bytes;

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[at[i] >> 4];
        text[2 * i + 1] = digits[at[i] & 15];
    }
    text[2 * size] = '\0';
}

/* Value of a digit plus one; 0 for anything else. A table without branches: the digits of a
 * signature are random, and a branch on each would be guessed wrong every third time. */
static const uint8_t values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool hex_parse(struct slice text, void *bytes, size_t size)
{
    const uint8_t *digits = (const uint8_t *)text.at;
    uint8_t *out = bytes;
    unsigned wrong = 0;

    if (text.size != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned high = values[digits[2 * i]] - 1U;
        unsigned low = values[digits[2 * i + 1]] - 1U;

        wrong |= high | low; /* 0 - 1 sets bits above the fourth */
        out[i] = (uint8_t)(high << 4 | low);
    }
    return wrong < 16;
}
