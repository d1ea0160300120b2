#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/pack_delta.h"

#define BYTES(text) ((struct slice){ text, sizeof text - 1 })

static bool makes(struct slice base, struct slice delta, const char *wanted, size_t size)
{
    char *result = malloc(size + 1); /* no byte more, for AddressSanitizer */
    bool made = pack_delta_apply(base, delta, result, size) && memcmp(result, wanted, size) == 0;

    free(result);
    return made;
}

TEST(sizes_come_first)
{
    struct slice delta = BYTES("\x85\x01\x07rest");
    uint64_t base, result;

    assert_true(pack_delta_sizes(&delta, &base, &result));
    assert_int_equal(base, 133);
    assert_int_equal(result, 7);
    assert_true(slice_is(delta, SLICE("rest")));
    delta = BYTES("\x85");
    assert_false(pack_delta_sizes(&delta, &base, &result));
    delta = BYTES("\x05");
    assert_false(pack_delta_sizes(&delta, &base, &result));
    delta = BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01");
    assert_false(pack_delta_sizes(&delta, &base, &result));
}

TEST(copies_and_insertions_make_the_result)
{
    const struct slice base = SLICE("0123456789");

    assert_true(makes(base, BYTES("\x91\x02\x03"), "234", 3));
    assert_true(makes(base, BYTES("\x90\x0a"), "0123456789", 10));
    assert_true(makes(base,
                      BYTES("\x03"
                            "abc\x91\x09\x01"),
                      "abc9", 4));
    assert_true(makes(base, BYTES(""), "", 0));
    assert_true(makes(base, BYTES("\x91\x0a\x00\x01z"), "", 0) == false);
}

TEST(a_size_of_zero_means_64_kib)
{
    char *base = calloc(1, 0x10000);

    memset(base, 'b', 0x10000);
    assert_true(makes((struct slice){ base, 0x10000 }, BYTES("\x80"), base, 0x10000));
    assert_false(makes((struct slice){ base, 0xffff }, BYTES("\x80"), base, 0x10000));
    free(base);
}

TEST(what_leads_out_of_the_base_or_the_result_is_refused)
{
    const struct slice base = SLICE("0123456789");
    static const struct slice others[] = {
        BYTES("\x91\x08\x03"),
        BYTES("\x91\xff\x03"),
        BYTES("\x9f\x00\x00\x00\x01\x03"),
        BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"),
        BYTES("\x90\x04"),
        BYTES("\x90\x02"),
        BYTES("\x00"),
        BYTES("\x05"
              "abc"),
        BYTES("\x91"),
        BYTES("\x90"),
        BYTES("\x04"
              "abcd"),
    };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(makes(base, others[i], "012", 3));
}

static size_t random_below(size_t most)
{
    static uint32_t state = 7;

    state = state * 1103515245u + 12345u;
    return (state >> 8) % most;
}

/* A delta of `count` orders, which are carried out on the base as they are written. */
static size_t delta_draw(struct slice base, unsigned count, char *delta, char *result, size_t *made)
{
    size_t size = 0, offset = 0, length;

    *made = 0;
    for (unsigned i = 0; i < count; i++) {
        if (random_below(3) == 0) {
            length = 1 + random_below(5);
            delta[size++] = (char)length;
            memset(delta + size, 'A' + (int)random_below(26), length);
            memcpy(result + *made, delta + size, length);
            size += length;
        } else {
            if (random_below(2) == 0) /* or it goes on where the last one ended */
                offset = random_below(base.size);
            length = 1 + random_below(base.size - offset < 200 ? base.size - offset : 200);
            delta[size++] = (char)0x93; /* two bytes of offset, one of length */
            delta[size++] = (char)offset;
            delta[size++] = (char)(offset >> 8);
            delta[size++] = (char)length;
            memcpy(result + *made, base.at + offset, length);
            offset = offset + length < base.size ? offset + length : 0;
        }
        *made += length;
    }
    return size;
}

TEST(what_is_in_no_part_is_in_the_base)
{
    enum { REACH = 8, BASE = 1000, ORDERS = 40 };
    static char base[BASE], delta[ORDERS * 8], result[ORDERS * 200], again[ORDERS * 200];
    struct pack_part parts[PACK_PARTS_MOST];
    size_t left_out = 0;

    for (size_t i = 0; i < BASE; i++)
        base[i] = (char)('a' + random_below(26));
    for (unsigned round = 0; round < 300; round++) {
        size_t made, size = delta_draw((struct slice){ base, BASE }, 1 + round % ORDERS, delta,
                                       result, &made);
        struct slice orders = { delta, size };
        size_t count = pack_delta_parts(orders, made, REACH, parts), p = 0;

        assert_true(pack_delta_apply((struct slice){ base, BASE }, orders, again, made));
        assert_memory_equal(result, again, made);
        for (size_t i = 1; i < count; i++)
            assert_true(parts[i].from > parts[i - 1].from + parts[i - 1].size);
        for (size_t at = 0; at + REACH <= made; at++) {
            while (p < count && parts[p].from + parts[p].size < at + REACH)
                p++;
            if (p < count && parts[p].from <= at)
                continue;
            left_out++;
            assert_non_null(memmem(base, BASE, result + at, REACH));
        }
        assert_true(count == 0 || parts[count - 1].from + parts[count - 1].size <= made);
    }
    assert_true(left_out > 10000);
}

TEST(of_more_parts_than_fit_the_last_one_has_the_rest)
{
    static char delta[4 * PACK_PARTS_MOST * 6];
    struct pack_part parts[PACK_PARTS_MOST];
    size_t size = 0, made = 0;

    for (unsigned i = 0; i < 2 * PACK_PARTS_MOST; i++) { /* 100 bytes of the base, one more */
        memcpy(delta + size, "\x90\x64\1x", 4);
        size += 4;
        made += 101;
    }
    assert_int_equal(pack_delta_parts((struct slice){ delta, size }, made, 10, parts),
                     PACK_PARTS_MOST);
    assert_int_equal(parts[PACK_PARTS_MOST - 1].from + parts[PACK_PARTS_MOST - 1].size, made);
    assert_int_equal(parts[0].from, 90);
    assert_int_equal(parts[0].size, 21);
}

TEST_MAIN
