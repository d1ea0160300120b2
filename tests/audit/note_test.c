#include "audit/note.h"

#include <stdio.h>
#include <string.h>

#include "../test.h"

static const uint8_t seed[NOTE_SEED_SIZE] = { 1, 2, 3 };

TEST(a_known_verifier_key_of_others_is_understood)
{
    /* From the documentation of Go's golang.org/x/mod/sumdb/note. */
    struct slice text = SLICE("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    char again[NOTE_KEY_TEXT_SIZE];
    struct note_key key;

    assert_true(note_key_parse(text, NOTE_KEY_LOG, &key));
    assert_string_equal(key.name, "PeterNeumann");
    assert_int_equal(key.id[0], 0xc7);
    assert_int_equal(note_key_format(&key, again), text.size);
    assert_string_equal(again, text.at);
}

TEST(verifier_keys_that_format_never_writes_are_refused)
{
    static const char *const texts[] = {
        "",
        "+",
        "PeterNeumann",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
    };
    struct note_key key;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(note_key_parse(slice_of(texts[i]), NOTE_KEY_LOG, &key));
    assert_int_equal(note_key_init(&key, NOTE_KEY_LOG, SLICE("with space"), seed), ERR_MALFORMED);
    assert_int_equal(note_key_init(&key, NOTE_KEY_LOG, SLICE("with+plus"), seed), ERR_MALFORMED);
    assert_int_equal(note_key_init(&key, NOTE_KEY_LOG, SLICE_EMPTY, seed), ERR_MALFORMED);
}

TEST(a_witness_key_is_not_taken_for_a_log_key)
{
    struct note_key key, back;
    char text[NOTE_KEY_TEXT_SIZE];
    struct slice written;

    assert_int_equal(note_key_init(&key, NOTE_KEY_WITNESS, SLICE("witness.example"), seed), OK);
    written = (struct slice){ text, note_key_format(&key, text) };
    assert_false(note_key_parse(written, NOTE_KEY_LOG, &back));
    assert_true(note_key_parse(written, NOTE_KEY_WITNESS, &back));
    assert_memory_equal(back.id, key.id, sizeof key.id);
    /* The type is part of what the id is made from. */
    assert_int_equal(note_key_init(&back, NOTE_KEY_LOG, SLICE("witness.example"), seed), OK);
    assert_memory_not_equal(back.id, key.id, sizeof key.id);
}

TEST(a_signature_line_reads_back_for_its_key_only)
{
    uint8_t bytes[72], back[72];
    char text[512];
    struct note_key mine, other;
    struct slice rest;
    bool is_mine;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(3 * i);
    assert_int_equal(note_key_init(&mine, NOTE_KEY_LOG, SLICE("example.com/a"), seed), OK);
    assert_int_equal(note_key_init(&other, NOTE_KEY_LOG, SLICE("example.com/b"), seed), OK);
    rest = (struct slice){ text, note_line_format(&mine, bytes, 72, text, sizeof text) };
    assert_true(note_line_parse(&rest, &mine, back, 72, &is_mine));
    assert_true(is_mine);
    assert_int_equal(rest.size, 0);
    assert_memory_equal(back, bytes, 72);
    rest = (struct slice){ text, note_line_format(&mine, bytes, 72, text, sizeof text) };
    assert_true(note_line_parse(&rest, &other, back, 72, &is_mine));
    assert_false(is_mine);
    rest = (struct slice){ text, note_line_format(&mine, bytes, 64, text, sizeof text) };
    assert_true(note_line_parse(&rest, &mine, back, 72, &is_mine));
    assert_false(is_mine);
    /* No room: nothing, rather than a part. */
    assert_int_equal(note_line_format(&mine, bytes, 72, text, 60), 0);
}

TEST(base64_has_one_text_for_each_value)
{
    static const char *const wrong[] = { "", "AQI", "AQI==", "AQJ=", "A QI=", "AQI=\n", "====",
                                         "AQ\xAF\xAF" };
    uint8_t bytes[8];
    size_t size;

    assert_true(note_base64_parse(SLICE("AQI="), bytes, 2));
    assert_false(note_base64_parse(SLICE("AQI="), bytes, 3));
    assert_true(note_base64_parse_some(SLICE("AQIDBAUGBwg="), bytes, 8, &size));
    assert_int_equal(size, 8);
    assert_false(note_base64_parse_some(SLICE("AQIDBAUGBwgJ"), bytes, 8, &size));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(note_base64_parse_some(slice_of(wrong[i]), bytes, 8, &size));
}

TEST(numbers_have_no_leading_zeros_and_an_end)
{
    uint64_t number;

    assert_true(note_number_parse(SLICE("0"), &number));
    assert_true(note_number_parse(SLICE("999999999999999"), &number));
    assert_int_equal(number, 999999999999999);
    assert_false(note_number_parse(SLICE("1000000000000000"), &number));
    assert_false(note_number_parse(SLICE("01"), &number));
    assert_false(note_number_parse(SLICE(""), &number));
    assert_false(note_number_parse(SLICE("-1"), &number));
}

TEST_MAIN
