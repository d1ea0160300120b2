#include "base/buffer.h"

#include "../test.h"

TEST(grows_past_its_first_allocation_and_stays_terminated)
{
    struct buffer b;

    buffer_init(&b);
    for (int i = 0; i < 1000; i++)
        buffer_printf(&b, "%d,", i);
    buffer_append_char(&b, '.');
    assert_false(b.failed);
    assert_int_equal(b.size, 3891);
    assert_int_equal(b.at[b.size], '\0');
    assert_true(slice_starts(buffer_slice(&b), SLICE("0,1,2,")));
    buffer_wipe(&b);
    assert_int_equal(b.size, 0);
}

TEST_MAIN
