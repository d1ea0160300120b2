#include "../test.h"

#include "base/buffer.h"
#include "scanner/warc.h"

/* "[type uri size" at the start of a record, its body, "]" at its end. */
static struct buffer told;

static bool begin_note(void *context, const struct warc_record *record)
{
    assert_null(context);
    assert_true(slice_starts(record->head, SLICE("WARC/")));
    buffer_printf(&told, "[%.*s %.*s %u:", (int)record->type.size,
                  record->type.size == 0 ? "" : record->type.at, (int)record->uri.size,
                  record->uri.size == 0 ? "" : record->uri.at, (unsigned)record->body_bytes);
    return true;
}

static bool bytes_note(void *context, struct slice bytes)
{
    (void)context;
    buffer_append(&told, bytes);
    return true;
}

static bool end_note(void *context)
{
    (void)context;
    buffer_append(&told, SLICE("]"));
    return true;
}

static const struct warc_listener listener = { begin_note, bytes_note, end_note, NULL };

/* "!": wrong; "~": cut off. */
static void all_read(struct slice bytes, size_t piece)
{
    static struct warc_reader reader;

    buffer_wipe(&told);
    buffer_append(&told, SLICE(""));
    warc_begin(&reader);
    for (; bytes.size > 0; bytes = slice_from(bytes, bytes.size < piece ? bytes.size : piece))
        if (!warc_read(&reader, (struct slice){ bytes.at, bytes.size < piece ? bytes.size : piece },
                       &listener)) {
            buffer_append(&told, SLICE("!"));
            return;
        }
    if (!warc_is_between(&reader))
        buffer_append(&told, SLICE("~"));
}

TEST(records_are_told_whole_wherever_the_bytes_are_cut)
{
    const struct slice bytes =
        SLICE("WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 4\r\n\r\n"
              "info\r\n\r\n"
              "WARC/1.1\r\ncontent-length:  3\r\nWARC-TYPE: response\r\n"
              "WARC-Target-URI: <https://a/b>\r\n\r\n\r\nx\r\n\r\n"
              "WARC/1.0\nWARC-Type: metadata\nContent-Length: 0\n\n\r\n\r\n"
              "WARC/1.0\r\nWARC-Type: request\r\nContent-Length: 1\r\n\r\ny");

    for (size_t piece = 1; piece <= bytes.size; piece++) {
        all_read(bytes, piece);
        assert_string_equal(told.at, "[warcinfo  4:info][response https://a/b 3:\r\nx]"
                                     "[metadata  0:][request  1:y]");
    }
    buffer_wipe(&told);
}

TEST(what_is_no_record_is_said_and_what_is_cut_off_too)
{
    static const struct {
        const char *bytes, *told;
    } rows[] = {
        { "WARC/1.0\r\nWARC-Type: response\r\n\r\nx", "!" }, /* of how many bytes? */
        { "WARC/1.0\r\nContent-Length: -1\r\n\r\n", "!" },
        { "WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n", "!" },
        { "WARC/1.0\r\nContent-Length: 1\r\n\r\nxx\n\n", "[  1:x]!" },
        { "ARC/1.0\r\nContent-Length: 1\r\n\r\nx", "!" },
        { "WARC/1.0\r\nContent-Length: 3\r\n\r\nab", "[  3:ab~" },
        { "WARC/1.0\r\nContent-Len", "~" },
        { "\r\n\r\n", "" },
    };
    static char endless[WARC_HEAD_MOST + 1];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 50; piece += 7) {
            all_read(slice_of(rows[i].bytes), piece);
            assert_string_equal(told.at, rows[i].told);
        }
    memset(endless, 'x', sizeof endless);
    all_read((struct slice){ endless, sizeof endless }, sizeof endless);
    assert_string_equal(told.at, "!");
    buffer_wipe(&told);
}

TEST_MAIN
