#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/object_part.h"

enum { LARGE = 5 * OBJECT_WINDOW_MOST + 1234 };

TEST(what_is_small_is_kept_whole)
{
    struct object_part part = { .bytes = SLICE("abc"), .is_whole = true };
    const struct object_window *w = object_window(&part, 2);

    assert_true(w->is_whole && slice_is(w->bytes, SLICE("abc")));
    assert_int_equal(w->from, 0);
    assert_int_equal(w->sha256[0], 0xba); /* sha256sum of abc */
    assert_int_equal(w->sha256[31], 0xad);
}

TEST(a_part_of_a_stream_is_no_whole)
{
    struct object_part part = { .bytes = SLICE("abc"), .from = 7000 };
    const struct object_window *w = object_window(&part, 7001);

    assert_false(w->is_whole);
    assert_int_equal(w->from, 7000);
}

TEST(of_what_is_large_there_is_enough_on_both_sides_of_each_key)
{
    char *bytes = calloc(1, LARGE);
    struct object_part part = { .bytes = { bytes, LARGE }, .from = 50, .is_whole = true };

    assert_non_null(bytes);
    for (size_t at = 0; at < LARGE; at += 65521) {
        const struct object_window *w = object_window(&part, 50 + at);
        size_t before = 50 + at - w->from, behind = w->bytes.size - before;

        assert_false(w->is_whole);
        assert_in_range(w->from, 50, 50 + at);
        assert_in_range(w->bytes.size, 1, OBJECT_WINDOW_MOST);
        assert_ptr_equal(w->bytes.at, bytes + (w->from - 50));
        assert_true(before >= OBJECT_WINDOW_MOST / 4 || w->from == 50);
        assert_true(behind >= OBJECT_WINDOW_MOST / 4 || w->from - 50 + w->bytes.size == LARGE);
    }
    free(bytes);
}

TEST(a_window_is_hashed_once)
{
    char *bytes = calloc(1, LARGE);
    struct object_part part = { .bytes = { bytes, LARGE } };
    uint8_t first[OBJECT_SHA256_SIZE];

    assert_non_null(bytes);
    memcpy(first, object_window(&part, 5)->sha256, sizeof first);
    bytes[6] = 'x'; /* were it hashed again, this would show */
    assert_memory_equal(object_window(&part, 900)->sha256, first, sizeof first);
    object_window(&part, LARGE - 1);
    assert_memory_not_equal(object_window(&part, 5)->sha256, first, sizeof first);
    free(bytes);
}

TEST_MAIN
