#include "test.h"

#include <stdlib.h>

#include "encoded.h"
#include "scanner/matcher.h"

enum { FOUND_MOST = 32 };

struct found {
    struct match at[FOUND_MOST];
    size_t count;
};

static bool note(void *context, const struct match *match)
{
    struct found *found = context;

    assert_true(found->count < FOUND_MOST);
    found->at[found->count++] = *match;
    return true;
}

static struct found scan(const char *bytes, size_t size)
{
    static struct matcher *m;
    struct found found = { .count = 0 };

    if (m == NULL)
        assert_int_equal(matcher_open(&m), OK);
    matcher_scan(m, (struct slice){ bytes, size }, size, 100, note, &found);
    return found;
}

TEST(each_encoding_is_found_between_anything)
{
    char bytes[ENCODED_SIZE + 16], text[SECRET_TEXT_SIZE + 1];

    for (enum encoding e = 0; e < ENCODING_COUNT; e++) {
        struct found found;
        size_t size;

        secret_text(text, e % ENVIRONMENT_COUNT);
        memcpy(bytes, "A0b_", 4); /* no boundary is needed */
        size = 4 + encode(e, text, bytes + 4);
        memcpy(bytes + size, "6bA=", 4);
        found = scan(bytes, size + 4);
        assert_int_equal(found.count, 1);
        assert_string_equal(found.at[0].text, text);
        assert_int_equal(found.at[0].encoding, e);
        assert_int_equal(found.at[0].kind, MATCH_SECRET);
        assert_int_equal(found.at[0].environment, e % ENVIRONMENT_COUNT);
        /* Base64 begins behind a digit that is partly its neighbour's. */
        assert_true(found.at[0].offset >= 104 && found.at[0].offset <= 107);
    }
}

TEST(ids_are_told_from_secrets)
{
    struct key_id id;
    char text[KEY_ID_TEXT_SIZE];
    struct found found;

    key_id_draw(&id, ENVIRONMENT_SANDBOX, randombytes_buf);
    key_id_format(&id, text);
    found = scan(text, KEY_ID_SIZE);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.at[0].kind, MATCH_ID);
    assert_int_equal(found.at[0].size, KEY_ID_SIZE);
}

TEST(keys_back_to_back_and_at_the_end_are_all_found)
{
    char bytes[10 * SECRET_TEXT_SIZE + 1];

    for (int i = 0; i < 10; i++)
        secret_text(bytes + i * SECRET_TEXT_SIZE, ENVIRONMENT_LIVE);
    assert_int_equal(scan(bytes, 10 * SECRET_TEXT_SIZE).count, 10);
    assert_int_equal(scan(bytes, 10 * SECRET_TEXT_SIZE - 1).count, 9);
}

/* Vectors of docs/formats/key.md, and what must not pass.  The texts are cut in two, so that this
 * file itself gives no finding. */
TEST(the_checksum_decides)
{
#define ZEROS_38 "00000000000000000000000000000000000000"
    static const char *const good[] = {
        "lks_" "test_" ZEROS_38 "4e" "004qz0",
        "lks_" "live_" ZEROS_38 "0T" "00GLWQ",
    };
    static const char *const bad[] = {
        "lks_" "live_" ZEROS_38 "4e" "004qz0", /* the other environment */
        "lki_" "test_" ZEROS_38 "4e" "004qz0", /* dressed up as an id */
        "lks_" "test_" ZEROS_38 "4e" "004qz1",
        "lks_" "test_" ZEROS_38 "4E" "004qz0",
        "lks_" "test_" ZEROS_38 "4e" "zzzzzz", /* above 2^32 */
        "lks_" "test_" ZEROS_38 "-e" "004qz0",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(scan(good[i], strlen(good[i])).count, 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(scan(bad[i], strlen(bad[i])).count, 0);
}

TEST(base64_wrapped_anywhere_is_found)
{
    char encoded[ENCODED_SIZE], wrapped[2 * ENCODED_SIZE], text[SECRET_TEXT_SIZE + 1];

    secret_text(text, ENVIRONMENT_LIVE);
    for (enum encoding e = ENCODING_BASE64_0; e <= ENCODING_BASE64_2; e++) {
        size_t size = encode(e, text, encoded);

        for (size_t first = 1; first < 76; first++) { /* where the first line ends */
            size_t at = 0;

            for (size_t i = 0; i < size; i++) {
                if (i >= first && (i - first) % 76 == 0) {
                    wrapped[at++] = '\r';
                    wrapped[at++] = '\n';
                }
                wrapped[at++] = encoded[i];
            }
            assert_int_equal(scan(wrapped, at).count, 1);
        }
    }
}

TEST(a_secret_is_shown_in_part_only)
{
    char text[SECRET_TEXT_SIZE + 1], shown[MATCH_SHOWN_SIZE];
    struct found found;

    secret_text(text, ENVIRONMENT_LIVE);
    found = scan(text, SECRET_TEXT_SIZE);
    match_show(&found.at[0], shown);
    assert_memory_equal(shown, "lks_live_", 9);
    assert_true(strlen(shown) <= 9 + strlen("…") + 4);
}

TEST_MAIN
