#include "base/cleared.h"

#include "../test.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

#define NEEDLE "lks_live_EXAMPLE_of_what_must_not_stay"

#ifndef __SANITIZE_ADDRESS__ /* which has a free of its own */

void __libc_free(void *memory);

static bool is_left;

/* Takes the place of the C library's for everything in this program, jansson too. */
__attribute__((visibility("default"))) void free(void *memory)
{
    if (memory != NULL &&
        memmem(memory, malloc_usable_size(memory), NEEDLE, sizeof NEEDLE - 1) != NULL)
        is_left = true;
    __libc_free(memory);
}

static bool document_leaves_something(void)
{
    char text[sizeof "[\"\"]" + sizeof NEEDLE];
    json_t *document;

    snprintf(text, sizeof text, "[\"%s\"]", NEEDLE);
    document = json_loads(text, 0, NULL);
    assert_string_equal(json_string_value(json_array_get(document, 0)), NEEDLE);
    is_left = false;
    json_decref(document);
    return is_left;
}

TEST(what_jansson_lets_go_is_cleared)
{
    assert_true(document_leaves_something());
    json_set_alloc_funcs(malloc, cleared_free);
    assert_false(document_leaves_something());
    json_set_alloc_funcs(malloc, free);
}

/* It grows: each of its blocks is let go in turn. */
static bool buffer_leaves_something(bool is_cleared)
{
    struct buffer b;

    buffer_init(&b);
    b.is_cleared = is_cleared;
    buffer_append(&b, SLICE(NEEDLE));
    for (int i = 0; i < 100000; i++)
        buffer_append_char(&b, '.');
    assert_true(slice_starts(buffer_slice(&b), SLICE(NEEDLE)));
    is_left = false;
    buffer_wipe(&b);
    return is_left;
}

TEST(what_a_buffer_lets_go_is_cleared_where_that_is_asked_for)
{
    assert_true(buffer_leaves_something(false));
    assert_false(buffer_leaves_something(true));
}

#endif

TEST(nothing_is_let_go_as_free_does)
{
    cleared_free(NULL);
    cleared_free(strdup(NEEDLE));
}

TEST_MAIN
