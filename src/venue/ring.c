#include "venue/ring.h"

#include <assert.h>

#define CAPACITY_FIRST 16

void ring_init(struct ring *ring, struct arena *arena, size_t row_bytes, size_t most)
{
    *ring = (struct ring){ .arena = arena, .row_bytes = row_bytes, .most = most };
}

static void grow(struct ring *ring)
{
    size_t capacity = ring->capacity == 0 ? CAPACITY_FIRST : ring->capacity * 2;

    if (capacity > ring->most)
        capacity = ring->most;
    ring->rows = arena_resize(ring->arena, ring->rows, ring->capacity * ring->row_bytes,
                              capacity * ring->row_bytes);
    ring->capacity = capacity;
}

void *ring_push(struct ring *ring)
{
    /* While it grows, the oldest row stands first. */
    if (ring->count == ring->capacity && ring->capacity < ring->most)
        grow(ring);
    if (ring->count < ring->capacity)
        ring->count++;
    else
        ring->first = (ring->first + 1) % ring->capacity;
    return ring_at(ring, ring->count - 1);
}

void *ring_at(const struct ring *ring, size_t index)
{
    assert(index < ring->count);
    return ring->rows + (ring->first + index) % ring->capacity * ring->row_bytes;
}
