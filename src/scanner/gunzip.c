#include "scanner/gunzip.h"

#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>

enum { LEAST_BYTES = 18 };

/* The size that the last member says it has; of several members there is more. */
static size_t size_said(struct slice packed)
{
    const uint8_t *end = (const uint8_t *)packed.at + packed.size;

    return (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
}

bool gunzip(struct slice packed, size_t most, char **bytes, size_t *size)
{
    struct libdeflate_decompressor *inflater;
    size_t room, used, got;
    bool whole = false;

    *size = 0;
    *bytes = NULL;
    if (packed.size < LEAST_BYTES || (room = size_said(packed)) > most)
        return false;
    *bytes = malloc(room + 1);
    inflater = *bytes == NULL ? NULL : libdeflate_alloc_decompressor();
    while (inflater != NULL && packed.size > 0 &&
           libdeflate_gzip_decompress_ex(inflater, packed.at, packed.size, *bytes + *size,
                                         room - *size, &used, &got) == LIBDEFLATE_SUCCESS) {
        *size += got;
        packed = slice_from(packed, used);
        whole = packed.size == 0;
    }
    libdeflate_free_decompressor(inflater);
    if (!whole) {
        free(*bytes);
        *bytes = NULL;
    }
    return whole;
}
