/* base/fixed.h: money as integers
 *
 * A fixed is an amount or a price times 10^8.  Range +-92 233 720 368; products are taken in 128
 * bits by the caller.  No floating point anywhere.
 */
#ifndef BASE_FIXED_H
#define BASE_FIXED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define FIXED_ONE INT64_C(100000000)
#define FIXED_TEXT_SIZE 32

/* Decimal text with optional sign, fraction and exponent ("-0.10", "1e-07", "+5"); all of it must
 * be a number.  Digits past the eighth decimal round half away from zero.  False when malformed or
 * out of range, `*value` untouched. */
bool fixed_parse(struct slice text, int64_t *value);

/* Shortest text that a JavaScript client prints for the same number: no trailing zeros, no ".0",
 * exponent form below 10^-6 ("1e-8").  Returns its size. */
size_t fixed_format(int64_t value, char text[FIXED_TEXT_SIZE]);

/* a * b / 10^8, rounded towards zero (down) or away from it (up); false on overflow. */
bool fixed_multiply(int64_t a, int64_t b, bool up, int64_t *product);

#endif
