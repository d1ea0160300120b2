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

/* One order of a delta. */
struct order {
    bool is_copy;
    size_t offset; /* in the base, or */
    struct slice insert;
    size_t length;
};

/* Takes the next one off; false: it is none. */
static bool order_read(struct slice *delta, struct order *order)
{
    uint8_t code = (uint8_t)*delta->at;

    *delta = slice_from(*delta, 1);
    *order = (struct order){ .is_copy = (code & 0x80) != 0, .length = code };
    if (order->is_copy) {
        if (!parts_read(delta, code, 4, &order->offset) ||
            !parts_read(delta, code >> 4 & 7u, 3, &order->length))
            return false;
        order->length = order->length == 0 ? 0x10000 : order->length;
        return true;
    }
    if (code == 0 || code > delta->size) /* 0 is kept for later by git */
        return false;
    order->insert = (struct slice){ delta->at, code };
    *delta = slice_from(*delta, code);
    return true;
}

bool pack_delta_apply(struct slice base, struct slice delta, char *result, size_t size)
{
    while (delta.size > 0) {
        struct order order;
        struct slice piece;

        if (!order_read(&delta, &order))
            return false;
        piece = order.insert;
        if (order.is_copy) {
            if (order.offset > base.size || order.length > base.size - order.offset)
                return false;
            piece = (struct slice){ base.at + order.offset, order.length };
        }
        if (piece.size > size)
            return false;
        memcpy(result, piece.at, piece.size);
        result += piece.size;
        size -= piece.size;
    }
    return size == 0;
}

/* Adds what stands from `from` to `to`, with its reach, to the last part where they touch. */
static size_t part_add(struct pack_part *parts, size_t count, size_t from, size_t to)
{
    struct pack_part *last = count == 0 ? NULL : &parts[count - 1];

    if (last != NULL && (count == PACK_PARTS_MOST || from <= last->from + last->size)) {
        last->size = to - last->from;
        return count;
    }
    parts[count] = (struct pack_part){ from, to - from };
    return count + 1;
}

size_t pack_delta_parts(struct slice delta, size_t size, size_t reach, struct pack_part *parts)
{
    size_t at = 0, count = 0, next = 0; /* in the base, if the piece before was of it */
    struct order order;
    bool was_copy = false;

    while (delta.size > 0 && order_read(&delta, &order)) {
        bool goes_on = at == 0 || (was_copy && order.offset == next);
        size_t end = order.is_copy ? at : at + order.length;

        if (!order.is_copy || !goes_on)
            count = part_add(parts, count, at > reach ? at - reach : 0,
                             size - end > reach ? end + reach : size);
        was_copy = order.is_copy;
        next = order.offset + order.length;
        at += order.length;
    }
    return count;
}
