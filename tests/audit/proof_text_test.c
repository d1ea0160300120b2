#include "audit/proof_text.h"

#include <stdio.h>
#include <string.h>

#include "../test.h"

#include "audit/cosignature.h"

enum { RECORDS = 21, INDEX = 13 };

static const uint8_t log_seed[NOTE_SEED_SIZE] = { 1, 2, 3 };
static const uint8_t witness_seed[NOTE_SEED_SIZE] = { 4, 5, 6 };
static struct note_key log_key, witness_key;
static struct merkle_hash leaves[RECORDS];
static char note[CHECKPOINT_TEXT_MOST];

static enum err leaves_node(void *context, unsigned height, uint64_t index,
                            struct merkle_hash *hash)
{
    (void)context;
    merkle_fold(&leaves[index << height], (size_t)1 << height, hash);
    return OK;
}

static struct slice a_record(uint64_t number)
{
    static char bytes[RECORD_FIXED_SIZE];

    snprintf(bytes, sizeof bytes, "record %d", (int)number);
    return (struct slice){ bytes, sizeof bytes };
}

/* The proof of record INDEX under a cosigned checkpoint over RECORDS. */
static struct proof_text a_proof(void)
{
    struct merkle_source source = { leaves_node, NULL };
    struct checkpoint head = { .origin = "example.com/audit", .size = RECORDS };
    struct proof_text proof = { .index = INDEX };
    char text[CHECKPOINT_TEXT_MOST];
    struct slice record;
    size_t size;

    assert_int_equal(note_key_init(&log_key, NOTE_KEY_LOG, SLICE("example.com/audit"), log_seed),
                     OK);
    assert_int_equal(
        note_key_init(&witness_key, NOTE_KEY_WITNESS, SLICE("witness.example"), witness_seed), OK);
    for (uint64_t i = 0; i < RECORDS; i++)
        merkle_leaf(a_record(i), &leaves[i]);
    assert_int_equal(proof_root(&source, RECORDS, &head.root), OK);
    assert_int_equal(proof_inclusion(&source, INDEX, RECORDS, &proof.proof), OK);
    size = checkpoint_format(&head, &log_key, log_seed, text);
    proof.checkpoint.at = note;
    proof.checkpoint.size = cosignature_format((struct slice){ text, size }, &log_key, &witness_key,
                                               witness_seed, 1795392000, note);
    record = a_record(INDEX);
    memcpy(proof.record, record.at, record.size);
    proof.record_size = record.size;
    return proof;
}

static enum proof_answer check(struct slice text, const struct note_key *witness)
{
    struct proof_text proof;
    struct checkpoint head;
    uint64_t at_s;

    if (!proof_text_parse(text, &proof))
        return PROOF_BROKEN;
    return proof_text_check(&proof, &log_key, witness, SLICE_EMPTY, &head, &at_s);
}

TEST(a_proof_reads_as_the_specification_draws_it)
{
    struct proof_text proof = a_proof();
    char text[PROOF_TEXT_MOST];
    size_t size = proof_text_format(&proof, text);
    struct slice rest = { text, size }, line;

    assert_true(note_take(&rest, &line));
    assert_true(slice_is(line, SLICE("c2sp.org/tlog-proof@v1")));
    assert_true(note_take(&rest, &line));
    assert_true(slice_starts(line, SLICE("extra cmVjb3JkIDEz")));
    assert_true(note_take(&rest, &line));
    assert_true(slice_is(line, SLICE("index 13")));
    for (size_t i = 0; i < proof.proof.count; i++) {
        assert_true(note_take(&rest, &line));
        assert_int_equal(line.size, 44);
    }
    assert_true(note_take(&rest, &line));
    assert_int_equal(line.size, 0);
    assert_true(slice_is(rest, proof.checkpoint));
}

TEST(what_was_written_reads_back_and_holds)
{
    struct proof_text proof = a_proof(), back;
    char text[PROOF_TEXT_MOST], again[PROOF_TEXT_MOST];
    size_t size = proof_text_format(&proof, text);
    struct checkpoint head;
    uint64_t at_s;

    assert_true(proof_text_parse((struct slice){ text, size }, &back));
    assert_int_equal(proof_text_format(&back, again), size);
    assert_memory_equal(again, text, size);
    assert_int_equal(
        proof_text_check(&back, &log_key, &witness_key, SLICE_EMPTY, &head, &at_s), PROOF_HOLDS);
    assert_int_equal(head.size, RECORDS);
    assert_int_equal(at_s, 1795392000);
}

TEST(no_bit_of_a_proof_can_be_changed)
{
    struct proof_text proof = a_proof();
    char text[PROOF_TEXT_MOST];
    struct slice whole = { text, proof_text_format(&proof, text) };

    assert_int_equal(check(whole, &witness_key), PROOF_HOLDS);
    for (size_t at = 0; at < whole.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            text[at] = (char)(text[at] ^ 1 << bit);
            assert_int_not_equal(check(whole, &witness_key), PROOF_HOLDS);
            text[at] = (char)(text[at] ^ 1 << bit);
        }
    for (; whole.size > 0; whole.size--)
        assert_true(whole.size == proof_text_format(&proof, text) ||
                    check(whole, &witness_key) != PROOF_HOLDS);
}

TEST(a_record_that_the_file_does_not_hold_is_given_beside_it)
{
    struct proof_text proof = a_proof();
    struct checkpoint head;
    char text[PROOF_TEXT_MOST];
    uint64_t at_s;
    size_t size;

    assert_int_equal(proof_text_check(&proof, &log_key, NULL, a_record(INDEX), &head, &at_s),
                     PROOF_HOLDS);
    assert_int_equal(proof_text_check(&proof, &log_key, NULL, a_record(INDEX + 1), &head, &at_s),
                     PROOF_BROKEN);
    proof.record_size = 0;
    size = proof_text_format(&proof, text);
    assert_null(memmem(text, size, "extra", 5));
    assert_int_equal(check((struct slice){ text, size }, NULL), PROOF_RECORD_MISSING);
    assert_int_equal(proof_text_check(&proof, &log_key, NULL, a_record(INDEX), &head, &at_s),
                     PROOF_HOLDS);
    assert_int_equal(proof_text_check(&proof, &log_key, NULL, a_record(INDEX + 1), &head, &at_s),
                     PROOF_BROKEN);
}

TEST(another_key_proves_nothing)
{
    struct proof_text proof = a_proof();
    struct note_key other_log, other_witness;
    struct checkpoint head;
    uint64_t at_s;

    assert_int_equal(
        note_key_init(&other_log, NOTE_KEY_LOG, SLICE("example.com/audit"), witness_seed), OK);
    assert_int_equal(
        note_key_init(&other_witness, NOTE_KEY_WITNESS, SLICE("witness.example"), log_seed), OK);
    assert_int_equal(proof_text_check(&proof, &other_log, NULL, SLICE_EMPTY, &head, &at_s),
                     PROOF_UNSIGNED);
    assert_int_equal(
        proof_text_check(&proof, &log_key, &other_witness, SLICE_EMPTY, &head, &at_s),
        PROOF_UNCOSIGNED);
}

TEST(files_that_are_no_proof_are_refused)
{
    static const char *const texts[] = {
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex\n\nx\n",
        "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nextra AQI\nindex 0\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nshort\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nx\n",
    };
    struct proof_text proof;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(proof_text_parse(slice_of(texts[i]), &proof));
    assert_true(proof_text_parse(SLICE("c2sp.org/tlog-proof@v1\nindex 0\n\nx\n"), &proof));
}

TEST_MAIN
