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

TEST_MAIN
