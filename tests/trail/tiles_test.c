#include "trail/tiles.h"

#include "fixture.h"

TEST(names_are_those_of_the_specification)
{
    static const struct {
        unsigned level;
        uint64_t number;
        unsigned width;
        const char *name;
    } rows[] = {
        { 0, 0, 256, "tile/0/000" },
        { 1, 999, 256, "tile/1/999" },
        { 0, 1000, 256, "tile/0/x001/000" },
        { 0, 1234067, 256, "tile/0/x001/x234/067" },
        { 0, 1234067, 8, "tile/0/x001/x234/067.p/8" },
        { TILES_ENTRIES, 1234067, 256, "tile/entries/x001/x234/067" },
        { 5, 3, 255, "tile/5/003.p/255" },
    };
    char name[128];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tiles_name(rows[i].level, rows[i].number, rows[i].width, name);
        assert_string_equal(name, rows[i].name);
    }
}

static void record_of(uint64_t n, char record[RECORD_FIXED_SIZE], struct merkle_hash *leaf)
{
    memset(record, 0, RECORD_FIXED_SIZE);
    memcpy(record, &n, sizeof n);
    merkle_leaf((struct slice){ record, RECORD_FIXED_SIZE }, leaf);
}

static void tiles_fill(struct tiles *tiles, struct merkle_frontier *tree, uint64_t end)
{
    char record[RECORD_FIXED_SIZE];
    struct merkle_hash leaf;

    while (tiles->size < end) {
        record_of(tiles->size, record, &leaf);
        assert_int_equal(tiles_add(tiles, (struct slice){ record, RECORD_FIXED_SIZE }, &leaf), OK);
        merkle_append(tree, &leaf);
    }
}

static void content_read(const char *folder, const char *name, struct buffer *content)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    buffer_init(content);
    assert_int_equal(file_read(path, 1 << 20, content), OK);
}

TEST(tiles_hold_what_the_specification_says)
{
    const char *folder = fixture_folder();
    struct merkle_frontier tree = { 0 };
    struct merkle_hash leaf;
    char record[RECORD_FIXED_SIZE];
    struct buffer content;
    struct tiles tiles;

    assert_int_equal(tiles_init(&tiles, folder, TILES_WRITE), OK);
    tiles_fill(&tiles, &tree, 70);
    assert_int_equal(tiles_publish(&tiles), OK);
    content_read(folder, "tile/0/000.p/70", &content);
    assert_int_equal(content.size, 70 * 32);
    record_of(69, record, &leaf);
    assert_memory_equal(content.at + 69 * 32, leaf.bytes, 32);
    buffer_wipe(&content);
    content_read(folder, "tile/entries/000.p/70", &content);
    assert_int_equal(content.size, 70 * (2 + RECORD_FIXED_SIZE));
    assert_int_equal(content.at[0], 0);
    assert_int_equal((uint8_t)content.at[1], RECORD_FIXED_SIZE);
    buffer_wipe(&content);
    tiles_fill(&tiles, &tree, 513);
    assert_int_equal(tiles_publish(&tiles), OK);
    content_read(folder, "tile/1/000.p/2", &content);
    assert_int_equal(content.size, 64);
    /* 512 records: the tree's peak of height 9 is over the two hashes of level 1. */
    merkle_node((struct merkle_hash *)content.at, (struct merkle_hash *)(content.at + 32), &leaf);
    assert_true(merkle_equal(&leaf, &tree.peak[9]));
    buffer_wipe(&content);
    fixture_run("! test -e '%s'/tile/0/000.p", folder, "");
    tiles_wipe(&tiles);
    fixture_remove(folder);
}

TEST(loading_goes_on_only_from_the_tiles_of_the_tree)
{
    const char *folder = fixture_folder();
    struct merkle_frontier tree = { 0 }, other;
    struct tiles tiles, again;

    assert_int_equal(tiles_init(&tiles, folder, TILES_WRITE), OK);
    tiles_fill(&tiles, &tree, 66048); /* 258 tiles: two levels above */
    assert_int_equal(tiles_init(&again, folder, TILES_WRITE), OK);
    assert_int_equal(tiles_load(&again, &tree), OK);
    assert_int_equal(again.size, 66048);
    assert_memory_equal(again.hash[1], tiles.hash[1], 2 * sizeof(struct merkle_hash));
    assert_memory_equal(again.hash[2], tiles.hash[2], sizeof(struct merkle_hash));
    other = tree;
    other.peak[9].bytes[0] ^= 1;
    assert_int_equal(tiles_load(&again, &other), ERR_MISSING);
    fixture_run("rm '%s'/tile/1/000", folder, "");
    assert_int_equal(tiles_load(&again, &tree), ERR_MISSING);
    tiles_wipe(&again);
    tiles_wipe(&tiles);
    fixture_remove(folder);
}

TEST(repairing_rewrites_only_what_is_wrong)
{
    const char *folder = fixture_folder();
    struct merkle_frontier tree = { 0 };
    struct buffer before, after;
    struct tiles tiles;

    assert_int_equal(tiles_init(&tiles, folder, TILES_WRITE), OK);
    tiles_fill(&tiles, &tree, 600);
    tiles_wipe(&tiles);
    content_read(folder, "tile/0/001", &before);
    fixture_flip(folder, "tile/0/001", 77);
    fixture_run("rm '%s'/tile/entries/000", folder, "");
    assert_int_equal(tiles_init(&tiles, folder, TILES_REPAIR), OK);
    merkle_frontier_init(&tree);
    tiles_fill(&tiles, &tree, 600);
    tiles_wipe(&tiles);
    content_read(folder, "tile/0/001", &after);
    assert_true(slice_is(buffer_slice(&before), buffer_slice(&after)));
    fixture_run("test -e '%s'/tile/entries/000", folder, "");
    buffer_wipe(&before);
    buffer_wipe(&after);
    fixture_remove(folder);
}

TEST_MAIN
