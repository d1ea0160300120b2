#include "base/crc32c.h"

#include <string.h>

/* The polynomial 0x1EDC6F41 with its bits reversed: the checksum goes through bytes from bit 0. */
#define POLYNOMIAL UINT32_C(0x82F63B78)

static uint32_t crc_by_bits(uint32_t crc, const uint8_t *at, size_t size)
{
    for (; size > 0; at++, size--) {
        crc ^= *at;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (POLYNOMIAL & (0 - (crc & 1)));
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc,
                                                                     const uint8_t *at, size_t size)
{
    uint64_t wide = crc;

    for (; size >= 8; at += 8, size -= 8) {
        uint64_t word;

        memcpy(&word, at, sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; size > 0; at++, size--)
        crc = __builtin_ia32_crc32qi(crc, *at);
    return crc;
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t size)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_by_instruction(~crc, bytes, size);
#endif
    return ~crc_by_bits(~crc, bytes, size);
}
