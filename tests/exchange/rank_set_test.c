#include "floor.h"

#include "exchange/rank_set.h"

static struct rank_set set;
static bool members[PRICE_RANKS];

static uint32_t above(uint32_t rank)
{
    for (rank++; rank < PRICE_RANKS; rank++)
        if (members[rank])
            return rank;
    return 0;
}

static uint32_t below(uint32_t rank)
{
    while (rank-- > 0)
        if (members[rank])
            return rank;
    return 0;
}

static void put(uint32_t rank, bool in)
{
    members[rank] = in;
    (in ? rank_set_add : rank_set_remove)(&set, rank);
}

TEST(an_empty_set_has_no_neighbours)
{
    assert_int_equal(rank_set_above(&set, 0), 0);
    assert_int_equal(rank_set_below(&set, PRICE_RANKS - 1), 0);
    assert_int_equal(rank_set_above(&set, PRICE_RANKS - 1), 0);
    assert_int_equal(rank_set_below(&set, 0), 0);
}

TEST(neighbours_are_found_across_words_and_groups)
{
    static const uint32_t edges[] = { 1,
                                      2,
                                      63,
                                      64,
                                      65,
                                      127,
                                      128,
                                      4095,
                                      4096,
                                      4097,
                                      262143,
                                      262144,
                                      262145,
                                      524288,
                                      PRICE_RANKS - 2,
                                      PRICE_RANKS - 1 };
    enum { EDGES = sizeof edges / sizeof *edges };

    for (unsigned i = 0; i < EDGES; i++) {
        put(edges[i], true);
        for (unsigned j = 0; j < EDGES; j++) {
            put(edges[j], true);
            for (unsigned k = 0; k < EDGES; k++) {
                uint32_t from = edges[k];
                uint32_t up, low = edges[i < j ? i : j];
                uint32_t high = edges[i < j ? j : i];

                up = from < low ? low : from < high ? high : 0;
                assert_int_equal(rank_set_above(&set, from), up);
                assert_int_equal(rank_set_below(&set, from), from > high  ? high
                                                             : from > low ? low
                                                                          : 0);
            }
            if (j != i)
                put(edges[j], false);
        }
        put(edges[i], false);
    }
}

TEST(a_set_says_what_an_array_says)
{
    uint64_t seed = 3;

    for (unsigned i = 0; i < 3000; i++) {
        uint32_t rank = 1 + (uint32_t)dice_below(&seed, PRICE_RANKS - 1);

        /* Dense in one corner, sparse elsewhere. */
        if (i % 3 != 0)
            rank = 1 + rank % 5000;
        put(rank, !members[rank]);
        rank = 1 + (uint32_t)dice_below(&seed, i % 2 ? 6000 : PRICE_RANKS - 1);
        assert_int_equal(rank_set_above(&set, rank), above(rank));
        assert_int_equal(rank_set_below(&set, rank), below(rank));
    }
}

TEST_MAIN
