#include "../test.h"

#include "base/hex.h"
#include "scanner/object_id.h"

TEST(ids_are_those_that_git_gives)
{
    static const struct {
        size_t id_bytes;
        enum pack_type type;
        const char *content, *id; /* of git hash-object */
    } rows[] = {
        { 20, PACK_BLOB, "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" },
        { 20, PACK_TREE, "", "4b825dc642cb6eb9a060e54bf8d69288fbee4904" },
        { 20, PACK_BLOB, "hello\n", "ce013625030ba8dba906f756967f9e9ca394464a" },
        { 32, PACK_BLOB, "", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t id[OBJECT_ID_MOST];
        char hex[2 * OBJECT_ID_MOST + 1];

        assert_int_equal(object_id(rows[i].id_bytes, rows[i].type, slice_of(rows[i].content), id),
                         OK);
        hex_format(id, rows[i].id_bytes, hex);
        assert_string_equal(hex, rows[i].id);
    }
}

/* The smallest packs there are, of both kinds: tests/scanner/pack_stream_test.c has real ones. */
TEST(the_hash_behind_a_file_tells_its_kind)
{
    const struct slice pack = SLICE("PACK\0\0\0\2\0\0\0\0"
                                    "\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10"
                                    "\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e");

    assert_int_equal(object_id_of_file(pack), OBJECT_ID_SHA1);
    assert_int_equal(object_id_of_file(slice_from(pack, 1)), 0);
    assert_int_equal(object_id_of_file(SLICE_EMPTY), 0);
    assert_int_equal(object_id_of_file((struct slice){ pack.at, 20 }), 0);
}

TEST_MAIN
