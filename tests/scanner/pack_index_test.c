#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/pack_index.h"

enum { COUNT = 3, ID = 20, SIZE = 8 + 4 * 256 + COUNT * (ID + 8) + 8 + 2 * ID };

static uint8_t bytes[SIZE];

static void put32(size_t at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[at + (size_t)i] = (uint8_t)(value >> 8 * (3 - i));
}

enum { IDS = 8 + 4 * 256, SMALL = IDS + COUNT * (ID + 4), LARGE = SMALL + 4 * COUNT };

/* Ids 1…, 2…, 3… at 500, 12 and 2^33 + 5. */
static void index_make(void)
{
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, "\377tOc\0\0\0\2", 8);
    for (size_t i = 0; i < 256; i++)
        put32(8 + 4 * i, i < 1 ? 0 : i < 2 ? 1 : i < 3 ? 2 : 3);
    for (size_t i = 0; i < COUNT; i++)
        bytes[IDS + ID * i] = (uint8_t)(i + 1);
    put32(SMALL, 500);
    put32(SMALL + 4, 12);
    put32(SMALL + 8, 0x80000000u);
    put32(LARGE, 2);
    put32(LARGE + 4, 5);
}

#define FAR  ((UINT64_C(2) << 32) + 5)
#define PACK (FAR + 100)

static enum err read_it(size_t size, uint64_t pack_bytes, struct pack_index *index)
{
    /* A copy without a byte behind it, for AddressSanitizer. */
    char *copy = malloc(size + 1);
    enum err e;

    memcpy(copy, bytes, size);
    e = pack_index_read((struct slice){ copy, size }, ID, pack_bytes, index);
    if (e == OK)
        index->ids = bytes + IDS;
    free(copy);
    return e;
}

TEST(objects_are_in_the_order_of_the_pack_with_their_ids)
{
    struct pack_index index;
    uint32_t place;

    index_make();
    assert_int_equal(read_it(SIZE, PACK, &index), OK);
    assert_int_equal(index.count, COUNT);
    assert_int_equal(index.offsets[0], 12);
    assert_int_equal(index.offsets[1], 500);
    assert_true(index.offsets[2] == FAR);
    assert_true(index.offsets[3] == PACK - ID);
    assert_int_equal(pack_index_id(&index, 0)[0], 2);
    assert_int_equal(pack_index_id(&index, 1)[0], 1);
    assert_true(pack_index_at(&index, FAR, &place));
    assert_int_equal(place, 2);
    assert_false(pack_index_at(&index, 13, &place));
    assert_false(pack_index_at(&index, UINT64_MAX, &place));
    assert_true(pack_index_find(&index, bytes + IDS, &place));
    assert_int_equal(place, 1);
    assert_false(pack_index_find(&index, bytes, &place));
    pack_index_wipe(&index);
}

TEST(what_leads_out_is_refused)
{
    struct pack_index index;

    index_make();
    for (size_t size = 0; size < SIZE; size++)
        if (read_it(size, PACK, &index) == OK)
            fail_msg("%zu bytes of %d", size, SIZE);
    assert_int_equal(read_it(SIZE, FAR, &index), ERR_MALFORMED);
    put32(SMALL + 4, 500); /* twice */
    assert_int_equal(read_it(SIZE, PACK, &index), ERR_MALFORMED);
    put32(SMALL + 4, 11); /* in the head */
    assert_int_equal(read_it(SIZE, PACK, &index), ERR_MALFORMED);
    index_make();
    put32(SMALL + 8, 0x80000001u);
    assert_int_equal(read_it(SIZE, PACK, &index), ERR_MALFORMED);
    index_make();
    put32(8 + 4 * 255, 0xffffffffu);
    assert_int_equal(read_it(SIZE, PACK, &index), ERR_MALFORMED);
    index_make();
    bytes[7] = 3;
    assert_int_equal(read_it(SIZE, PACK, &index), ERR_MALFORMED);
    bytes[0] = 0;
    assert_int_equal(read_it(SIZE, PACK, &index), ERR_VERSION);
}

TEST_MAIN
