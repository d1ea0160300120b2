/* venue/ring.h: the newest rows of something
 *
 * Grows up to `most` rows, then the newest takes the place of the oldest.
 */
#ifndef VENUE_RING_H
#define VENUE_RING_H

#include "venue/arena.h"

struct ring {
    struct arena *arena;
    char *rows;
    size_t row_bytes, most;
    size_t capacity, first, count;
};

void ring_init(struct ring *ring, struct arena *arena, size_t row_bytes, size_t most);

/* Returns the place of the new row, to be written by the caller. */
void *ring_push(struct ring *ring);

/* 0 is the oldest row, count - 1 the newest. */
void *ring_at(const struct ring *ring, size_t index);

/* NULL: there is none. */
static inline void *ring_newest(const struct ring *ring)
{
    return ring->count == 0 ? NULL : ring_at(ring, ring->count - 1);
}

#endif
