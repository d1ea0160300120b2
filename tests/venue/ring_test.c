#include "../test.h"

#include "venue/ring.h"

#include "fresh.h"

TEST(the_newest_rows_stay)
{
    struct ring ring;

    ring_init(&ring, fresh_arena(), sizeof(int), 100);
    assert_null(ring_newest(&ring));
    for (int i = 0; i < 1000; i++) {
        *(int *)ring_push(&ring) = i;
        assert_int_equal(*(int *)ring_newest(&ring), i);
        assert_int_equal(*(int *)ring_at(&ring, 0), i < 100 ? 0 : i - 99);
    }
    assert_int_equal(ring.count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(*(int *)ring_at(&ring, (size_t)i), 900 + i);
}

TEST_MAIN
