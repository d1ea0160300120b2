#include "../test.h"

#include <string.h>

#include "venue/arena.h"

TEST(blocks_are_zero_apart_and_aligned)
{
    struct arena *arena;
    char *blocks[40];

    assert_int_equal(arena_open(&arena), OK);
    for (unsigned i = 0; i < 40; i++) {
        blocks[i] = arena_take(arena, 1 + 17 * i);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        for (unsigned j = 0; j < 1 + 17 * i; j++)
            assert_int_equal(blocks[i][j], 0);
        memset(blocks[i], (int)i + 1, 1 + 17 * i);
    }
    assert_ptr_equal(arena_first(arena), blocks[0]);
    for (unsigned i = 0; i < 40; i++)
        for (unsigned j = 0; j < 1 + 17 * i; j++)
            assert_int_equal(blocks[i][j], i + 1);
    arena_close(&arena);
    assert_null(arena);
}

TEST(what_was_given_back_is_taken_again_as_zeros)
{
    struct arena *arena;
    char *block, *other;
    size_t used;

    assert_int_equal(arena_open(&arena), OK);
    block = arena_take(arena, 1000);
    memset(block, 'x', 1000);
    used = arena_used_bytes(arena);
    arena_give(arena, block, 1000);
    arena_give(arena, NULL, 0);
    other = arena_take(arena, 600);
    assert_ptr_equal(other, block);
    for (unsigned i = 0; i < 600; i++)
        assert_int_equal(other[i], 0);
    assert_int_equal(arena_used_bytes(arena), used);
    assert_ptr_not_equal(arena_take(arena, 1000), block);
    arena_close(&arena);
}

TEST(a_block_grows_with_its_content)
{
    struct arena *arena;
    char *block;

    assert_int_equal(arena_open(&arena), OK);
    block = arena_resize(arena, NULL, 0, 3);
    memcpy(block, "abc", 3);
    block = arena_resize(arena, block, 3, 10);
    assert_memory_equal(block, "abc\0\0\0\0\0\0\0", 10);
    memset(block, 'y', 10);
    block = arena_resize(arena, block, 10, 5000);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(block[i], i < 10 ? 'y' : 0);
    arena_close(&arena);
}

TEST(the_same_requests_give_the_same_places_and_only_one_is_at_home)
{
    struct arena *first, *second;
    char *block;

    assert_int_equal(arena_open(&first), OK);
    assert_int_equal(arena_open(&second), OK);
#ifndef __SANITIZE_THREAD__
    assert_true(arena_is_at_home(first));
    assert_false(arena_is_at_home(second));
#endif
    arena_take(first, 100);
    block = arena_take(first, 5000);
    arena_clear(first);
    arena_take(first, 100);
    assert_ptr_equal(arena_take(first, 5000), block);
    arena_close(&second);
    arena_close(&first);
}

TEST_MAIN
