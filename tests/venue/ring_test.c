#include "../test.h"

#include "venue/ring.h"

TEST(the_newest_rows_stay)
{
    struct ring ring;

    ring_init(&ring, sizeof(int), 100);
    assert_null(ring_newest(&ring));
    for (int i = 0; i < 1000; i++) {
        *(int *)ring_push(&ring) = i;
        assert_int_equal(*(int *)ring_newest(&ring), i);
        assert_int_equal(*(int *)ring_at(&ring, 0), i < 100 ? 0 : i - 99);
    }
    assert_int_equal(ring.count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(*(int *)ring_at(&ring, (size_t)i), 900 + i);
    ring_wipe(&ring);
    assert_int_equal(ring.count, 0);
}

TEST_MAIN
