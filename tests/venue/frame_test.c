#include "../test.h"

#include <string.h>

#include "venue/frame.h"

static const struct command sample = {
    .time_ms = 1700000000000,
    .kind = COMMAND_SUBMIT,
    .account = 7,
    .type = 2,
    .amount = -150000000,
    .price = 6000000000000,
    .affiliate = "ABC",
};

/* A sealed frame of `count` samples; returns its size. */
static size_t frame_make(uint8_t *frame, unsigned count, uint64_t first)
{
    size_t size = 0;

    for (unsigned i = 0; i < count; i++)
        size += frame_command_encode(&sample, SLICE_EMPTY, frame + FRAME_HEADER_SIZE + size);
    frame_seal(frame, (uint32_t)size, first);
    return FRAME_HEADER_SIZE + size;
}

static struct slice bytes_of(const uint8_t *bytes, size_t size)
{
    return (struct slice){ (const char *)bytes, size };
}

TEST(a_header_comes_back_as_it_went)
{
    struct journal_header header = { JOURNAL_VERSION, 1, 99 }, back;
    uint8_t bytes[JOURNAL_HEADER_SIZE];

    journal_header_encode(&header, bytes);
    assert_int_equal(journal_header_decode(bytes_of(bytes, sizeof bytes), &back), OK);
    assert_memory_equal(&header, &back, sizeof back);
    assert_int_equal(journal_header_decode(bytes_of(bytes, 63), &back), ERR_MALFORMED);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        assert_int_equal(journal_header_decode(bytes_of(bytes, sizeof bytes), &back),
                         ERR_MALFORMED);
        bytes[i] ^= 1;
    }
}

TEST(a_header_of_another_version_says_which)
{
    struct journal_header header = { 2, 1, 99 }, back;
    uint8_t bytes[JOURNAL_HEADER_SIZE];

    journal_header_encode(&header, bytes);
    assert_int_equal(journal_header_decode(bytes_of(bytes, sizeof bytes), &back), ERR_VERSION);
    assert_int_equal(back.version, 2);
}

TEST(a_frame_gives_back_its_commands)
{
    static uint8_t frame[4096];
    size_t size = frame_make(frame, 3, 41);
    struct command command;
    struct slice payload, words;
    uint64_t first;

    assert_true(frame_decode(bytes_of(frame, sizeof frame), &payload, &first));
    assert_int_equal(first, 41);
    assert_int_equal(payload.size, size - FRAME_HEADER_SIZE);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(frame_command_decode(&payload, &command, &words));
        assert_memory_equal(&command, &sample, sizeof sample);
        assert_int_equal(words.size, 0);
    }
    assert_false(frame_command_decode(&payload, &command, &words));
}

TEST(words_come_back_with_their_command)
{
    static uint8_t bytes[2 * FRAME_COMMAND_MOST];
    static char long_words[FRAME_WORDS_MOST];
    struct slice words = { long_words, sizeof long_words }, payload, back;
    size_t size = frame_command_encode(&sample, SLICE("an address"), bytes);
    struct command command;

    memset(long_words, 'w', sizeof long_words);
    size += frame_command_encode(&sample, words, bytes + size);
    payload = bytes_of(bytes, size);
    assert_true(frame_command_decode(&payload, &command, &back));
    assert_true(slice_is(back, SLICE("an address")));
    assert_true(frame_command_decode(&payload, &command, &back));
    assert_true(slice_is(back, words));
    assert_int_equal(payload.size, 0);
    /* Cut anywhere, it is no command. */
    size = frame_command_encode(&sample, SLICE("cut"), bytes);
    for (size_t cut = 0; cut < size; cut++) {
        payload = bytes_of(bytes, cut);
        assert_false(frame_command_decode(&payload, &command, &back));
    }
    /* No words are not written as words of no size. */
    payload = bytes_of((const uint8_t *)"\0\0\0\4\0\0\0\0", 8);
    assert_false(frame_command_decode(&payload, &command, &back));
}

TEST(a_frame_with_any_bit_changed_is_none)
{
    static uint8_t frame[4096];
    size_t size = frame_make(frame, 2, 1);
    struct slice payload;
    uint64_t first;

    for (size_t bit = 0; bit < 8 * size; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(frame_decode(bytes_of(frame, sizeof frame), &payload, &first));
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++)
        assert_false(frame_decode(bytes_of(frame, cut), &payload, &first));
}

TEST(zeros_are_no_frame)
{
    static const uint8_t zeros[4096];
    struct slice payload;
    uint64_t first;

    assert_false(frame_decode(bytes_of(zeros, sizeof zeros), &payload, &first));
    assert_false(frame_stands_in(bytes_of(zeros, sizeof zeros), 0));
}

TEST(a_later_frame_is_found_wherever_it_stands)
{
    static uint8_t bytes[4096];
    size_t size = frame_make(bytes + 333, 2, 50);

    assert_true(frame_stands_in(bytes_of(bytes, 333 + size), 49));
    assert_false(frame_stands_in(bytes_of(bytes, 333 + size - 1), 49));
    assert_false(frame_stands_in(bytes_of(bytes, sizeof bytes), 50));
}

TEST_MAIN
