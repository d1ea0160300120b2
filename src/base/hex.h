/* base/hex.h: bytes as lower-case hexadecimal text */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Writes 2 * size characters and a zero. */
void hex_format(const void *bytes, size_t size, char *text);

/* Accepts exactly 2 * size digits, lower or upper case.  False leaves `bytes` undefined. */
bool hex_parse(struct slice text, void *bytes, size_t size);

#endif
