/* venue/ring.h: the newest rows of something
 *
 * Grows up to `most` rows, then the newest takes the place of the oldest.  Without memory an
 * exchange cannot go on; it ends, and what it knows is in its journal.
 */
#ifndef VENUE_RING_H
#define VENUE_RING_H

#include <stddef.h>

struct ring {
    char *rows;
    size_t row_bytes, most;
    size_t capacity, first, count;
};

void ring_init(struct ring *ring, size_t row_bytes, size_t most);
void ring_wipe(struct ring *ring);

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
