#include "../test.h"

#include "scanner/pack_entry.h"

#define BYTES(text) ((struct slice){ text, sizeof text - 1 })

TEST(sizes_go_on_over_bytes)
{
    struct pack_entry entry;

    assert_true(pack_entry_read(BYTES("\x35 rest"), 20, &entry));
    assert_int_equal(entry.type, PACK_BLOB);
    assert_int_equal(entry.size, 5);
    assert_int_equal(entry.head_bytes, 1);
    assert_true(pack_entry_read(BYTES("\x9f\xff\x01"), 20, &entry));
    assert_int_equal(entry.type, PACK_COMMIT);
    assert_int_equal(entry.size, 15 + (127 << 4) + (1 << 11));
    assert_int_equal(entry.head_bytes, 3);
}

TEST(bases_are_a_distance_or_an_id)
{
    struct pack_entry entry;

    assert_true(pack_entry_read(BYTES("\x61\x05"), 20, &entry));
    assert_int_equal(entry.type, PACK_OFS_DELTA);
    assert_int_equal(entry.distance, 5);
    /* gitformat-pack: n bytes add 2^7 + 2^14 + ... + 2^(7*(n-1)) */
    assert_true(pack_entry_read(BYTES("\x61\x80\x00"), 20, &entry));
    assert_int_equal(entry.distance, 128);
    assert_true(pack_entry_read(BYTES("\x61\xff\x7f"), 20, &entry));
    assert_int_equal(entry.distance, 128 * 128 + 127);
    assert_true(pack_entry_read(BYTES("\x71"
                                      "abcdefghijklmnopqrst"
                                      "x"),
                                20, &entry));
    assert_memory_equal(entry.base, "abcdefghijklmnopqrst", 20);
    assert_int_equal(entry.head_bytes, 21);
    assert_false(pack_entry_read(BYTES("\x71"
                                       "abcdefghijklmnopqrst"
                                       "x"),
                                 32, &entry));
}

TEST(what_is_no_head_is_refused)
{
    static const struct slice others[] = {
        BYTES(""),
        BYTES("\x05"),
        BYTES("\x55"),
        BYTES("\xb0"),
        BYTES("\x61"),
        BYTES("\x61\x00"),
        BYTES("\x61\x80"),
        BYTES("\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        BYTES("\x61\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    };
    struct pack_entry entry;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(pack_entry_read(others[i], 20, &entry));
}

TEST(types_have_gits_names)
{
    assert_string_equal(pack_type_text(PACK_COMMIT), "commit");
    assert_string_equal(pack_type_text(PACK_TREE), "tree");
    assert_string_equal(pack_type_text(PACK_BLOB), "blob");
    assert_string_equal(pack_type_text(PACK_TAG), "tag");
}

TEST_MAIN
