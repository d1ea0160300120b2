#include "scanner/object_part.h"

#include <assert.h>

/* Behind and before the key there is a quarter of a window, as far as there is anything. */
static size_t window_at(size_t offset, size_t size)
{
    const size_t stride = OBJECT_WINDOW_MOST / 2, before = OBJECT_WINDOW_MOST / 4;

    if (size <= OBJECT_WINDOW_MOST || offset < before)
        return 0;
    return (offset - before) / stride * stride;
}

const struct object_window *object_window(struct object_part *part, uint64_t offset)
{
    struct object_window *w = &part->window;
    struct slice rest;
    size_t at;

    assert(offset >= part->from && offset - part->from < part->bytes.size);
    at = window_at((size_t)(offset - part->from), part->bytes.size);
    if (part->is_hashed && w->from == part->from + at)
        return w;
    rest = slice_from(part->bytes, at);
    w->bytes =
        (struct slice){ rest.at, rest.size < OBJECT_WINDOW_MOST ? rest.size : OBJECT_WINDOW_MOST };
    w->from = part->from + at;
    w->is_whole = part->is_whole && w->bytes.size == part->bytes.size;
    crypto_hash_sha256(w->sha256, (const uint8_t *)w->bytes.at, w->bytes.size);
    part->is_hashed = true;
    return w;
}
