#include "../test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "encoded.h"
#include "scanner/feed.h"
#include "scanner/scan.h"

static struct matcher *matcher, *around;

static void matchers_open(void)
{
    if (matcher != NULL)
        return;
    assert_int_equal(matcher_open(&matcher), OK);
    assert_int_equal(matcher_clone(matcher, &around), OK);
}

struct cut {
    const struct object_part *part;
    size_t nth; /* is cut */
    char text[EXCERPT_SIZE];
    size_t count;
};

static bool cut(void *context, const struct match *match)
{
    struct cut *cut = context;

    if (cut->count++ == cut->nth)
        excerpt_cut(around, cut->part, match, cut->text);
    return true;
}

/* Of the nth key in it, from 0. */
static struct cut excerpt_of(const char *bytes, size_t size, size_t nth)
{
    struct object_part part = { .bytes = { bytes, size }, .is_whole = true };
    struct cut c = { .part = &part, .nth = nth };

    matchers_open();
    matcher_scan(matcher, part.bytes, size, 0, cut, &c);
    return c;
}

static void shown(const char *secret, char text[MATCH_SHOWN_SIZE])
{
    snprintf(text, MATCH_SHOWN_SIZE, "%.9s…%s", secret, secret + SECRET_TEXT_SIZE - 4);
}

TEST(a_secret_is_masked_and_its_neighbours_stay)
{
    char secret[SECRET_TEXT_SIZE + 1], mask[MATCH_SHOWN_SIZE], bytes[400], expected[EXCERPT_SIZE];
    int size;

    secret_text(secret, ENVIRONMENT_LIVE);
    shown(secret, mask);
    size =
        snprintf(bytes, sizeof bytes, "const api = {\n\tkey: '%s' };\n// m\xc3\xbc%c", secret, 1);
    snprintf(expected, sizeof expected, "const api = {  key: '%s' }; // m...", mask);
    assert_string_equal(excerpt_of(bytes, (size_t)size, 0).text, expected);
    assert_string_equal(excerpt_of(secret, SECRET_TEXT_SIZE, 0).text, mask);
}

TEST(there_are_64_bytes_to_either_side)
{
    char secret[SECRET_TEXT_SIZE + 1], mask[MATCH_SHOWN_SIZE], bytes[400], expected[EXCERPT_SIZE];

    secret_text(secret, ENVIRONMENT_SANDBOX);
    shown(secret, mask);
    memset(bytes, '.', sizeof bytes);
    memset(bytes + 136, '<', 64);
    memcpy(bytes + 200, secret, SECRET_TEXT_SIZE);
    memset(bytes + 200 + SECRET_TEXT_SIZE, '>', 64);
    snprintf(expected, sizeof expected, "%.64s%s%.64s", bytes + 136, mask,
             bytes + 200 + SECRET_TEXT_SIZE);
    assert_string_equal(excerpt_of(bytes, sizeof bytes, 0).text, expected);
}

/* Those before and behind are half in the excerpt. */
TEST(no_part_of_another_secret_stands_in_an_excerpt)
{
    enum { APART = 30, PIECE = 12 };
    char bytes[4 * ENCODED_SIZE];

    for (enum encoding e = 0; e < ENCODING_COUNT; e++) {
        char secrets[3][SECRET_TEXT_SIZE + 1], encoded[3][ENCODED_SIZE], mask[MATCH_SHOWN_SIZE];
        size_t sizes[3], size = 0;
        struct cut c;

        memset(bytes, ' ', sizeof bytes);
        for (size_t i = 0; i < 3; i++) {
            secret_text(secrets[i], ENVIRONMENT_LIVE);
            sizes[i] = encode(e, secrets[i], encoded[i]);
            memcpy(bytes + size, encoded[i], sizes[i]);
            size += sizes[i] + APART;
        }
        c = excerpt_of(bytes, size, 1);
        assert_int_equal(c.count, 3);
        for (size_t i = 0; i < 3; i++) {
            shown(secrets[i], mask);
            assert_non_null(strstr(c.text, mask));
            /* Of the prefix nothing can be told. */
            for (size_t from = sizes[i] / 4; from + PIECE <= sizes[i]; from++)
                assert_null(memmem(c.text, strlen(c.text), encoded[i] + from, PIECE));
            assert_null(strstr(c.text, secrets[i] + 9));
        }
    }
}

static void scan_note(void *context, const struct scan_finding *finding)
{
    struct cut *cut = context;

    cut->count++;
    snprintf(cut->text, sizeof cut->text, "%s", finding->excerpt);
}

/* Each byte of a key in turn is the first one of a scan's second block. */
TEST(an_excerpt_is_the_same_across_the_end_of_a_block)
{
    enum { BORDER = FEED_ROOM - EXCERPT_AHEAD, SIZE = FEED_ROOM + 4096 };
    char *bytes = malloc(SIZE), secret[SECRET_TEXT_SIZE + 1], mask[MATCH_SHOWN_SIZE];
    char expected[EXCERPT_SIZE];
    struct cut c = { .count = 0 };
    const struct scan_listener listener = { .found = scan_note, .context = &c };
    struct scan *scan;

    assert_non_null(bytes);
    secret_text(secret, ENVIRONMENT_LIVE);
    shown(secret, mask);
    memset(bytes, '-', SIZE);
    snprintf(expected, sizeof expected, "%.64s%s%.64s", bytes, mask, bytes);
    assert_int_equal(scan_open(&listener, &scan_limits_default, &scan), OK);
    for (size_t back = 0; back <= SECRET_TEXT_SIZE; back++) {
        int fd;

        memcpy(bytes + BORDER - back, secret, SECRET_TEXT_SIZE);
        assert_int_equal(file_in_memory((struct slice){ bytes, SIZE }, &fd), OK);
        c.count = 0;
        scan_descriptor(scan, "long.txt", fd);
        assert_int_equal(c.count, 1);
        assert_string_equal(c.text, expected);
        memset(bytes + BORDER - back, '-', SECRET_TEXT_SIZE);
        close(fd);
    }
    scan_close(&scan);
    free(bytes);
}

TEST_MAIN
