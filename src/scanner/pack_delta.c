#include "scanner/pack_delta.h"

#include <string.h>

static bool number_read(struct slice *bytes, uint64_t *number)
{
    unsigned shift = 0;
    uint8_t byte;

    *number = 0;
    do {
        if (bytes->size == 0 || shift > 56)
            return false;
        byte = (uint8_t)*bytes->at;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        *bytes = slice_from(*bytes, 1);
        shift += 7;
    } while ((byte & 0x80) != 0);
    return true;
}

bool pack_delta_sizes(struct slice *delta, uint64_t *base_bytes, uint64_t *result_bytes)
{
    return number_read(delta, base_bytes) && number_read(delta, result_bytes);
}

/* The bytes of a number whose bits in `mask` are set; the others are zero. */
static bool parts_read(struct slice *delta, unsigned mask, unsigned count, size_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        if ((mask >> i & 1) == 0)
            continue;
        if (delta->size == 0)
            return false;
        *value |= (size_t)(uint8_t)*delta->at << 8 * i;
        *delta = slice_from(*delta, 1);
    }
    return true;
}

bool pack_delta_apply(struct slice base, struct slice delta, char *result, size_t size)
{
    while (delta.size > 0) {
        uint8_t code = (uint8_t)*delta.at;
        struct slice piece;

        delta = slice_from(delta, 1);
        if ((code & 0x80) != 0) {
            size_t offset, length;

            if (!parts_read(&delta, code, 4, &offset) ||
                !parts_read(&delta, code >> 4 & 7u, 3, &length))
                return false;
            length = length == 0 ? 0x10000 : length;
            if (offset > base.size || length > base.size - offset)
                return false;
            piece = (struct slice){ base.at + offset, length };
        } else {
            if (code == 0 || code > delta.size) /* 0 is kept for later by git */
                return false;
            piece = (struct slice){ delta.at, code };
            delta = slice_from(delta, code);
        }
        if (piece.size > size)
            return false;
        memcpy(result, piece.at, piece.size);
        result += piece.size;
        size -= piece.size;
    }
    return size == 0;
}
