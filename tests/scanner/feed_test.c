#include "test.h"

#include <stdlib.h>

#include "encoded.h"
#include "scanner/feed.h"

struct found {
    size_t count;
    uint64_t offset, line;
    bool is_whole;
    size_t part_size;
};

static bool note(void *context, const struct match *match, uint64_t line, struct object_part *part)
{
    struct found *found = context;

    assert_in_range(match->offset - part->from, 0, part->bytes.size - 1);
    found->is_whole = part->is_whole;
    found->part_size = part->bytes.size;

    found->count++;
    found->offset = match->offset;
    found->line = line;
    return true;
}

static struct found feed_all(char *block, const char *bytes, size_t size, size_t piece)
{
    static struct matcher *matcher;
    struct found found = { .count = 0 };
    struct feed feed;

    if (matcher == NULL)
        assert_int_equal(matcher_open(&matcher), OK);
    feed_begin(&feed, matcher, block, FEED_ROOM, note, &found);
    for (size_t at = 0; at < size; at += piece)
        feed_bytes(&feed, (struct slice){ bytes + at, size - at < piece ? size - at : piece });
    feed_end(&feed);
    return found;
}

/* Every encoding, with each of its bytes in turn as the first one of the second block. */
TEST(a_key_across_the_end_of_a_block_is_found_once)
{
    enum { FIRST = FEED_ROOM - EXCERPT_AHEAD, SIZE = FEED_ROOM + 2 * ENCODED_SIZE };
    char *bytes = malloc(SIZE), *block = malloc(FEED_ROOM);
    char encoded[ENCODED_SIZE], text[SECRET_TEXT_SIZE + 1];

    assert_true(bytes != NULL && block != NULL);
    memset(bytes, '.', SIZE);
    secret_text(text, ENVIRONMENT_SANDBOX);
    for (enum encoding e = 0; e < ENCODING_COUNT; e++) {
        size_t size = encode(e, text, encoded);

        for (size_t back = 0; back <= size; back++) {
            char *at = bytes + FIRST - back;

            memcpy(at, encoded, size);
            assert_int_equal(feed_all(block, bytes, SIZE, SIZE).count, 1);
            memset(at, '.', size);
        }
    }
    free(block);
    free(bytes);
}

TEST(pieces_of_any_size_make_one_stream)
{
    char bytes[4 * SECRET_TEXT_SIZE], *block = malloc(FEED_ROOM);
    char text[SECRET_TEXT_SIZE + 1];

    assert_non_null(block);
    secret_text(text, ENVIRONMENT_LIVE);
    memset(bytes, '\n', sizeof bytes);
    memcpy(bytes + 7, text, SECRET_TEXT_SIZE);
    for (size_t piece = 1; piece < sizeof bytes; piece++) {
        struct found found = feed_all(block, bytes, sizeof bytes, piece);

        assert_int_equal(found.count, 1);
        assert_int_equal(found.offset, 7);
        assert_int_equal(found.line, 8);
        assert_true(found.is_whole && found.part_size == sizeof bytes);
    }
    assert_int_equal(feed_all(block, bytes, 0, 1).count, 0);
    free(block);
}

TEST_MAIN
