#include "test.h"

#include "encoded.h"
#include "scanner/encoding.h"

TEST(what_is_encoded_is_decoded)
{
    static const char text[] = "lks_live_0123456789zZ";
    char encoded[ENCODED_SIZE], decoded[64];

    for (enum encoding e = 0; e < ENCODING_COUNT; e++) {
        /* Base64 is read from the first digit that is the text's own. */
        size_t own = e == ENCODING_BASE64_1 ? 2 : e == ENCODING_BASE64_2 ? 3 : 0;
        size_t size = encode(e, text, encoded), used, count;

        count = encoding_decode(e, 'l', (struct slice){ encoded + own, size - own }, decoded,
                                sizeof text - 1, &used);
        assert_int_equal(count, sizeof text - 1);
        assert_memory_equal(decoded, text, sizeof text - 1);
        assert_true(used <= size - own);
    }
}

static size_t decoded_count(enum encoding encoding, struct slice input)
{
    char decoded[64];
    size_t used;

    return encoding_decode(encoding, 'l', input, decoded, 9, &used);
}

TEST(decoding_ends_where_the_encoding_does)
{
    assert_int_equal(decoded_count(ENCODING_HEX, SLICE("6c6b6g")), 2);
    assert_int_equal(decoded_count(ENCODING_HEX, SLICE("6c6b6")), 2);
    assert_int_equal(decoded_count(ENCODING_PERCENT, SLICE("%6c%6")), 1);
    assert_int_equal(decoded_count(ENCODING_PERCENT, SLICE("%80")), 0);
    assert_int_equal(decoded_count(ENCODING_HTML_HEX, SLICE("&#x6c;&#x006B;&#x00069;")), 2);
    assert_int_equal(decoded_count(ENCODING_HTML_DECIMAL, SLICE("&#108;&#107")), 1);
    assert_int_equal(decoded_count(ENCODING_UTF16_LE, (struct slice){ "l\0k", 3 }), 1);
    assert_int_equal(decoded_count(ENCODING_PLAIN, SLICE_EMPTY), 0);
}

TEST(wrapped_base64_reads_on)
{
    char decoded[64];
    size_t used;

    assert_int_equal(encoding_decode(ENCODING_BASE64_0, 'l', SLICE("bGt\r\nzX2\nxp\n"), decoded, 9,
                                     &used),
                     6);
    assert_memory_equal(decoded, "lks_li", 6);
}

TEST_MAIN
