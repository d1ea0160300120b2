#include "audit/cosignature.h"

#include <stdio.h>
#include <string.h>

#include "../test.h"

static const uint8_t log_seed[NOTE_SEED_SIZE] = { 1, 2, 3 };
static const uint8_t witness_seed[NOTE_SEED_SIZE] = { 4, 5, 6 };
static struct note_key log_key, witness_key;

static size_t a_checkpoint(char text[CHECKPOINT_TEXT_MOST])
{
    struct checkpoint head = { .origin = "example.com/audit", .size = 20852163 };

    assert_int_equal(note_key_init(&log_key, NOTE_KEY_LOG, SLICE("example.com/audit"), log_seed),
                     OK);
    assert_int_equal(
        note_key_init(&witness_key, NOTE_KEY_WITNESS, SLICE("witness.example"), witness_seed), OK);
    memset(head.root.bytes, 0x5A, sizeof head.root.bytes);
    return checkpoint_format(&head, &log_key, log_seed, text);
}

/* The example of the specification carries the keys of nobody we know, but its message is drawn. */
TEST(the_message_is_that_of_the_specification)
{
    char text[CHECKPOINT_TEXT_MOST], out[CHECKPOINT_TEXT_MOST], message[512];
    size_t size = a_checkpoint(text), cosigned;
    struct slice body, rest;
    struct checkpoint head;
    uint8_t bytes[COSIGNATURE_SIZE];
    bool mine = false;

    cosigned = cosignature_format((struct slice){ text, size }, &log_key, &witness_key,
                                  witness_seed, 1679315147, out);
    assert_true(checkpoint_split((struct slice){ out, cosigned }, &head, &body, &rest));
    while (!mine)
        assert_true(note_line_parse(&rest, &witness_key, bytes, sizeof bytes, &mine));
    assert_memory_equal(bytes, "\0\0\0\0\x64\x18\x50\xCB", 8);
    snprintf(message, sizeof message,
             "cosignature/v1\ntime 1679315147\nexample.com/audit\n20852163\n"
             "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n");
    assert_true(note_signature_is_right(slice_of(message), &witness_key, bytes + 8));
}

TEST(a_cosigned_checkpoint_is_signed_by_both)
{
    char text[CHECKPOINT_TEXT_MOST], out[CHECKPOINT_TEXT_MOST];
    size_t size = a_checkpoint(text), cosigned;
    struct checkpoint head;
    uint64_t at_s;

    cosigned = cosignature_format((struct slice){ text, size }, &log_key, &witness_key,
                                  witness_seed, 1795392000, out);
    assert_true(cosigned > size);
    assert_int_equal(checkpoint_parse((struct slice){ out, cosigned }, &log_key, &head),
                     CHECKPOINT_SIGNED);
    assert_true(cosignature_verify((struct slice){ out, cosigned }, &witness_key, &at_s));
    assert_int_equal(at_s, 1795392000);
    assert_false(cosignature_verify((struct slice){ text, size }, &witness_key, &at_s));
    /* Cosigned again, the older line gives way. */
    memcpy(text, out, cosigned);
    size = cosignature_format((struct slice){ text, cosigned }, &log_key, &witness_key,
                              witness_seed, 1795392060, out);
    assert_int_equal(size, cosigned);
    assert_true(cosignature_verify((struct slice){ out, size }, &witness_key, &at_s));
    assert_int_equal(at_s, 1795392060);
}

TEST(no_bit_of_a_cosigned_checkpoint_can_be_changed)
{
    char text[CHECKPOINT_TEXT_MOST], out[CHECKPOINT_TEXT_MOST];
    size_t size = a_checkpoint(text);
    struct checkpoint head;
    uint64_t at_s;

    size = cosignature_format((struct slice){ text, size }, &log_key, &witness_key, witness_seed,
                              1795392000, out);
    for (size_t at = 0; at < size; at++)
        for (int bit = 0; bit < 8; bit++) {
            struct slice changed = { out, size };

            out[at] = (char)(out[at] ^ 1 << bit);
            assert_false(checkpoint_parse(changed, &log_key, &head) == CHECKPOINT_SIGNED &&
                         cosignature_verify(changed, &witness_key, &at_s));
            out[at] = (char)(out[at] ^ 1 << bit);
        }
}

TEST(only_what_the_log_signed_is_cosigned_and_lines_of_others_are_left_out)
{
    char text[CHECKPOINT_TEXT_MOST], out[CHECKPOINT_TEXT_MOST];
    struct slice junk = SLICE("\xE2\x80\x94 witness.example Az3grlgtzPICa5OS8npVmf1M\n");
    size_t size = a_checkpoint(text), cosigned;
    struct note_key other;

    memcpy(text + size, junk.at, junk.size);
    cosigned = cosignature_format((struct slice){ text, size + junk.size }, &log_key, &witness_key,
                                  witness_seed, 1795392000, out);
    assert_true(cosigned > 0);
    assert_null(memmem(out, cosigned, junk.at, junk.size));
    assert_int_equal(note_key_init(&other, NOTE_KEY_LOG, SLICE("example.com/other"), log_seed), OK);
    assert_int_equal(cosignature_format((struct slice){ text, size }, &other, &witness_key,
                                        witness_seed, 1795392000, out),
                     0);
    assert_int_equal(cosignature_format(SLICE("nothing\n"), &log_key, &witness_key, witness_seed,
                                        1795392000, out),
                     0);
}

TEST(a_key_of_another_kind_does_not_cosign)
{
    char text[CHECKPOINT_TEXT_MOST], out[CHECKPOINT_TEXT_MOST];
    size_t size = a_checkpoint(text);
    struct note_key same_seed;
    uint64_t at_s;

    /* The witness's key as if it were a log's: its signature is over other bytes. */
    assert_int_equal(
        note_key_init(&same_seed, NOTE_KEY_LOG, SLICE("witness.example"), witness_seed), OK);
    size = cosignature_format((struct slice){ text, size }, &log_key, &witness_key, witness_seed,
                              1795392000, out);
    assert_false(cosignature_verify((struct slice){ out, size }, &same_seed, &at_s));
}

TEST_MAIN
