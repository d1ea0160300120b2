#include "trail/tile_reader.h"

#include "fixture.h"

static void record_of(uint64_t n, char record[RECORD_FIXED_SIZE], struct merkle_hash *leaf)
{
    memset(record, 0, RECORD_FIXED_SIZE);
    memcpy(record, &n, sizeof n);
    merkle_leaf((struct slice){ record, RECORD_FIXED_SIZE }, leaf);
}

/* Tiles as they stand after checkpoints at each multiple of `step`; roots[i]: of the i-th. */
static void tiles_make(const char *folder, uint64_t count, uint64_t step, struct merkle_hash *roots)
{
    struct merkle_frontier tree = { 0 };
    struct tiles tiles;

    assert_int_equal(tiles_init(&tiles, folder, TILES_WRITE), OK);
    for (uint64_t n = 0; n < count; n++) {
        char record[RECORD_FIXED_SIZE];
        struct merkle_hash leaf;

        record_of(n, record, &leaf);
        assert_int_equal(tiles_add(&tiles, (struct slice){ record, RECORD_FIXED_SIZE }, &leaf), OK);
        merkle_append(&tree, &leaf);
        if ((n + 1) % step == 0) {
            assert_int_equal(tiles_publish(&tiles), OK);
            merkle_root(&tree, &roots[(n + 1) / step]);
        }
    }
    tiles_wipe(&tiles);
}

TEST(the_tree_of_each_checkpoint_is_found_in_the_tiles_that_are_there_later)
{
    enum { COUNT = 70000, STEP = 1000 };
    const char *folder = fixture_folder();
    struct log_files files = log_files_of_folder(folder);
    struct merkle_hash roots[COUNT / STEP + 1], root;
    struct tile_reader *reader = malloc(sizeof *reader);

    tiles_make(folder, COUNT, STEP, roots);
    for (uint64_t size = STEP; size <= COUNT; size += STEP) {
        struct merkle_source source = tile_reader_source(reader);
        struct merkle_proof proof;

        tile_reader_init(reader, &files, size);
        assert_int_equal(proof_root(&source, size, &root), OK);
        assert_true(merkle_equal(&root, &roots[size / STEP]));
        for (uint64_t old = STEP; old < size; old += 7 * STEP) {
            assert_int_equal(proof_consistency(&source, old, size, &proof), OK);
            assert_true(
                proof_extends(&proof, old, &roots[old / STEP], size, &roots[size / STEP]));
        }
        for (uint64_t index = 0; index < size; index += 4999) {
            char record[RECORD_FIXED_SIZE];
            struct merkle_hash leaf;

            record_of(index, record, &leaf);
            assert_int_equal(proof_inclusion(&source, index, size, &proof), OK);
            assert_true(proof_includes(&proof, index, &leaf, size, &roots[size / STEP]));
        }
    }
    free(reader);
    fixture_remove(folder);
}

TEST(a_tile_that_is_missing_or_short_is_told_by_its_name)
{
    const char *folder = fixture_folder();
    struct log_files files = log_files_of_folder(folder);
    struct merkle_hash roots[2], root;
    struct tile_reader *reader = malloc(sizeof *reader);
    struct merkle_source source = tile_reader_source(reader);

    tiles_make(folder, 1000, 1000, roots);
    fixture_run("truncate -s 100 %s/tile/0/003.p/232", folder, "");
    tile_reader_init(reader, &files, 1000);
    assert_int_equal(proof_root(&source, 1000, &root), ERR_CORRUPT);
    assert_non_null(strstr(reader->problem, "tile/0/003.p/232"));
    fixture_run("rm %s/tile/0/003.p/232", folder, "");
    tile_reader_init(reader, &files, 1000);
    assert_int_equal(proof_root(&source, 1000, &root), ERR_MISSING);
    assert_non_null(strstr(reader->problem, "tile/0/003.p/232"));
    free(reader);
    fixture_remove(folder);
}

TEST(bundles_give_their_records_one_by_one)
{
    const char *folder = fixture_folder();
    struct log_files files = log_files_of_folder(folder);
    struct merkle_hash roots[2];
    struct buffer bundle;
    struct slice rest, record;
    uint64_t count = 0;

    tiles_make(folder, 300, 300, roots);
    buffer_init(&bundle);
    assert_int_equal(bundle_read(&files, 1, 300, &bundle), OK);
    for (rest = buffer_slice(&bundle); bundle_take(&rest, &record); count++) {
        char expected[RECORD_FIXED_SIZE];
        struct merkle_hash leaf;

        record_of(256 + count, expected, &leaf);
        assert_true(slice_is(record, (struct slice){ expected, sizeof expected }));
    }
    assert_int_equal(count, 44);
    assert_int_equal(rest.size, 0);
    /* A record that says it is longer than the bundle is not taken. */
    rest = (struct slice){ bundle.at, 100 };
    assert_false(bundle_take(&rest, &record));
    buffer_wipe(&bundle);
    assert_int_equal(bundle_read(&files, 2, 600, &bundle), ERR_MISSING);
    buffer_wipe(&bundle);
    fixture_remove(folder);
}

TEST_MAIN
