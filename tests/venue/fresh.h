/* tests/venue/fresh.h: an empty arena for each test */
#ifndef TESTS_VENUE_FRESH_H
#define TESTS_VENUE_FRESH_H

#include "venue/arena.h"

static struct arena *fresh_arena(void)
{
    static struct arena *arena;

    if (arena == NULL)
        assert_int_equal(arena_open(&arena), OK);
    else
        arena_clear(arena);
    return arena;
}

#endif
