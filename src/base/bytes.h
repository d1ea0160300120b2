/* base/bytes.h: numbers as little-endian bytes, as all our files hold them
 *
 * Explicit, so that a file means the same on every machine and no struct is ever written as it
 * lies in memory.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* The `size` (1 to 8) low bytes of the value, least significant first. */
static inline void bytes_put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static inline uint64_t bytes_take(const void *at, size_t size)
{
    const uint8_t *bytes = at;
    uint64_t value = 0;

    for (size_t i = size; i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

#endif
