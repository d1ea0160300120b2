#include "../test.h"

#include <stdio.h>

#include "scanner/pkt_line.h"

/* What a reader told: ".text" of a line, "|" and "!" of ends. */
static struct buffer told;
static unsigned lines_left;

static bool line_note(void *context, enum pkt_kind kind, struct slice bytes)
{
    assert_null(context);
    buffer_append_char(&told, ".!|?"[kind]);
    buffer_append(&told, bytes);
    return lines_left == 0 || --lines_left > 0;
}

static enum pkt_verdict all_read(struct slice bytes, size_t piece)
{
    static struct pkt_reader reader;
    enum pkt_verdict verdict = PKT_TAKEN;

    buffer_wipe(&told);
    pkt_begin(&reader);
    while (verdict == PKT_TAKEN && bytes.size > 0) {
        size_t size = bytes.size < piece ? bytes.size : piece;

        verdict = pkt_read(&reader, (struct slice){ bytes.at, size }, line_note, NULL);
        bytes = slice_from(bytes, size);
    }
    if (verdict == PKT_TAKEN && !pkt_is_between(&reader))
        buffer_append(&told, SLICE("~"));
    return verdict;
}

TEST(lines_are_told_whole_wherever_the_bytes_are_cut)
{
    const struct slice bytes = SLICE("0008NAK\n00040001"
                                     "0006ab"
                                     "0005c"
                                     "00000002");

    for (size_t piece = 1; piece <= bytes.size; piece++) {
        assert_int_equal(all_read(bytes, piece), PKT_TAKEN);
        assert_string_equal(told.at, ".NAK\n.|.ab.c!?");
    }
    buffer_wipe(&told);
}

TEST(the_longest_line_there_is_and_none_longer)
{
    static char line[PKT_BYTES_MOST];

    memset(line, 'x', sizeof line);
    memcpy(line, "fff0", 4);
    for (size_t piece = 1; piece < sizeof line + 5000; piece += 4099) {
        assert_int_equal(all_read((struct slice){ line, sizeof line }, piece), PKT_TAKEN);
        assert_int_equal(told.size, 1 + sizeof line - PKT_HEAD_BYTES);
    }
    assert_int_equal(all_read(SLICE("fff1xxxx"), 3), PKT_WRONG);
    buffer_wipe(&told);
}

TEST(what_is_no_line_is_wrong_and_what_is_cut_is_not_between)
{
    static const char *const wrong[] = { "0003", "00g8NAK\n", "<html>", "-001", "    " };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (size_t piece = 1; piece < 8; piece++)
            assert_int_equal(all_read(slice_of(wrong[i]), piece), PKT_WRONG);
    assert_int_equal(all_read(SLICE("0008NA"), 100), PKT_TAKEN);
    assert_string_equal(told.at, "~");
    assert_int_equal(all_read(SLICE("000"), 1), PKT_TAKEN);
    assert_string_equal(told.at, "~");
    assert_int_equal(all_read(SLICE("0008Nak\n"), 100), PKT_TAKEN);
    assert_string_equal(told.at, ".Nak\n");
    buffer_wipe(&told);
}

TEST(whoever_is_told_may_stop)
{
    lines_left = 2;
    assert_int_equal(all_read(SLICE("0005a0005b0005c"), 100), PKT_STOPPED);
    assert_string_equal(told.at, ".a.b");
    lines_left = 0;
    buffer_wipe(&told);
}

TEST(what_is_written_is_read)
{
    struct buffer message;
    char text[2000];

    buffer_init(&message);
    pkt_append(&message, "command=%s", "ls-refs");
    pkt_append_end(&message, PKT_DELIMITER);
    pkt_append(&message, "want %04d", 7);
    pkt_append_end(&message, PKT_FLUSH);
    assert_string_equal(message.at, "0014command=ls-refs\n0001000ewant 0007\n0000");
    assert_int_equal(all_read(buffer_slice(&message), 7), PKT_TAKEN);
    assert_string_equal(told.at, ".command=ls-refs\n|.want 0007\n!");
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    pkt_append(&message, "%s", text); /* rather no request than another one */
    assert_true(message.failed);
    buffer_wipe(&message);
    buffer_wipe(&told);
}

TEST_MAIN
