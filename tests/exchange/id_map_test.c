#include "floor.h"

#include "exchange/id_map.h"

enum { MOST = 500, BITS = 10, ROUNDS = 200000 };

TEST(a_map_says_what_a_list_says)
{
    static struct id_slot slots[1 << BITS];
    static uint64_t ids[MOST];
    struct id_map map = { slots, BITS };
    uint64_t seed = 1;
    uint32_t count = 0;

    assert_int_equal(id_map_bits(MOST), BITS);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t which = dice_below(&seed, MOST);

        if (which >= count && count < MOST) {
            /* Sequences as the engine gives, and numbers that mean nothing. */
            ids[count] = round % 2 ? round : dice(&seed);
            id_map_insert(map, ids[count], count + 1);
            count++;
        } else if (which < count) {
            assert_int_equal(id_map_find(map, ids[which]), which + 1);
            id_map_remove(map, ids[which]);
            assert_int_equal(id_map_find(map, ids[which]), 0);
            count--;
            if (which == count)
                continue;
            id_map_remove(map, ids[count]);
            ids[which] = ids[count];
            id_map_insert(map, ids[which], (uint32_t)which + 1);
        }
        if (round % 1000 == 0)
            for (uint32_t i = 0; i < count; i++)
                assert_int_equal(id_map_find(map, ids[i]), i + 1);
    }
}

TEST(an_empty_map_finds_nobody)
{
    static struct id_slot slots[16];

    assert_int_equal(id_map_find((struct id_map){ slots, 4 }, 0), 0);
    assert_int_equal(id_map_find((struct id_map){ slots, 4 }, 7), 0);
}

TEST_MAIN
