#include "trail/prove.h"

#include "fixture.h"

enum { COUNT = 2345 };

static struct proof_text proof;
static char problem[PROVE_PROBLEM_SIZE];

struct living {
    const char *folder;
    struct log_files files;
    struct note_key key;
    struct buffer checkpoint;
};

static void checkpoint_load(struct living *log)
{
    char path[256];

    buffer_wipe(&log->checkpoint);
    snprintf(path, sizeof path, "%s/checkpoint", log->folder);
    assert_int_equal(file_read(path, CHECKPOINT_TEXT_MOST, &log->checkpoint), OK);
}

static struct living a_log(void)
{
    struct living log = { .folder = fixture_folder() };

    log.files = log_files_of_folder(log.folder);
    assert_int_equal(note_key_init(&log.key, NOTE_KEY_LOG, SLICE(ORIGIN), fixture_seed), OK);
    fixture_log(log.folder, COUNT);
    buffer_init(&log.checkpoint);
    checkpoint_load(&log);
    return log;
}

static void log_end(struct living *log)
{
    buffer_wipe(&log->checkpoint);
    fixture_remove(log->folder);
}

static enum err prove(const struct living *log, uint64_t index)
{
    return prove_record(&log->files, buffer_slice(&log->checkpoint), &log->key, index, &proof,
                        problem);
}

static bool holds(const struct living *log, struct slice record)
{
    struct checkpoint head;
    uint64_t at_s;

    return proof_text_check(&proof, &log->key, NULL, record, &head, &at_s) == PROOF_HOLDS;
}

TEST(each_record_is_proved_from_the_public_files)
{
    struct living log = a_log();

    fixture_run("rm -r %s/log %s/index.sqlite", log.folder, log.folder);
    for (uint64_t index = 0; index < COUNT; index++) {
        struct audit_record expected = fixture_record(index), record;
        struct slice text;

        assert_int_equal(prove(&log, index), OK);
        assert_true(holds(&log, SLICE_EMPTY));
        assert_int_equal(record_decode((struct slice){ (char *)proof.record, proof.record_size },
                                       &record, &text),
                         OK);
        assert_memory_equal(record.request_id, expected.request_id, RECORD_REQUEST_ID_SIZE);
    }
    assert_int_equal(prove(&log, COUNT), ERR_RANGE);
    log_end(&log);
}

TEST(a_record_is_proved_after_its_bundle_is_gone)
{
    struct living log = a_log();
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct audit_record record = fixture_record(77), other = fixture_record(78);

    fixture_run("rm %s/tile/entries/000", log.folder, "");
    assert_int_equal(prove(&log, 77), OK);
    assert_int_equal(proof.record_size, 0);
    assert_false(holds(&log, SLICE_EMPTY));
    assert_true(holds(&log, (struct slice){ (char *)bytes, record_encode(&record, bytes) }));
    assert_false(holds(&log, (struct slice){ (char *)bytes, record_encode(&other, bytes) }));
    log_end(&log);
}

TEST(a_request_is_found_by_its_id)
{
    struct living log = a_log();
    uint64_t index;

    for (uint64_t number = 0; number < COUNT; number += 97) {
        struct audit_record record = fixture_record(number);

        assert_int_equal(prove_find(&log.files, COUNT, record.request_id, &index), OK);
        assert_int_equal(index, number);
    }
    assert_int_equal(prove_find(&log.files, COUNT, (const uint8_t *)"no request's id.", &index),
                     ERR_MISSING);
    assert_int_equal(prove_find(&log.files, 0, (const uint8_t *)"no request's id.", &index),
                     ERR_MISSING);
    log_end(&log);
}

TEST(what_was_tampered_with_is_not_proved)
{
    struct living log = a_log();
    struct note_key other;

    fixture_flip(log.folder, "tile/entries/003", 50);
    assert_int_equal(prove(&log, 3 * 256), ERR_CORRUPT);
    assert_non_null(strstr(problem, "entry bundle"));
    assert_int_equal(prove(&log, 3 * 256 + 255), OK);
    fixture_flip(log.folder, "tile/0/002", 32 * 200);
    assert_int_equal(prove(&log, 2 * 256 + 200), ERR_CORRUPT);
    fixture_run("rm %s/tile/0/005", log.folder, "");
    assert_int_equal(prove(&log, 5 * 256), ERR_MISSING);
    assert_non_null(strstr(problem, "tile/0/005"));
    assert_int_equal(note_key_init(&other, NOTE_KEY_LOG, SLICE("another.example"), fixture_seed),
                     OK);
    assert_int_equal(prove_record(&log.files, buffer_slice(&log.checkpoint), &other, 0, &proof,
                                  problem),
                     ERR_DENIED);
    log_end(&log);
}

TEST(an_older_checkpoint_still_proves_when_the_log_has_grown)
{
    struct living log = a_log();
    struct trail *trail = fixture_open(log.folder);

    assert_int_equal(fixture_append(trail, COUNT, 100), OK);
    assert_true(trail_signed_wait(trail, COUNT, 0));
    assert_false(trail_signed_wait(trail, COUNT + 100, 0));
    assert_int_equal(trail_checkpoint(trail), OK);
    assert_true(trail_signed_wait(trail, COUNT + 100, 0));
    assert_int_equal(fixture_append(trail, COUNT + 100, 150), OK);
    trail_close(&trail);
    for (uint64_t index = 0; index < COUNT; index += 111) {
        assert_int_equal(prove(&log, index), OK);
        assert_true(holds(&log, SLICE_EMPTY));
    }
    checkpoint_load(&log);
    assert_int_equal(prove(&log, COUNT + 249), OK);
    assert_true(holds(&log, SLICE_EMPTY));
    log_end(&log);
}

TEST(growth_is_proved_from_any_older_head_and_from_no_other)
{
    struct living log = a_log();
    struct checkpoint old, head;
    struct trail *trail;
    struct merkle_proof growth;

    assert_int_equal(checkpoint_parse(buffer_slice(&log.checkpoint), &log.key, &old),
                     CHECKPOINT_SIGNED);
    trail = fixture_open(log.folder);
    assert_int_equal(fixture_append(trail, COUNT, 150), OK);
    trail_close(&trail);
    checkpoint_load(&log);
    assert_int_equal(checkpoint_parse(buffer_slice(&log.checkpoint), &log.key, &head),
                     CHECKPOINT_SIGNED);
    assert_int_equal(prove_growth(&log.files, &old, &head, &growth, problem), OK);
    assert_true(proof_extends(&growth, COUNT, &old.root, COUNT + 150, &head.root));
    assert_int_equal(prove_growth(&log.files, &head, &head, &growth, problem), OK);
    old.root.bytes[3] ^= 1;
    assert_int_equal(prove_growth(&log.files, &old, &head, &growth, problem), ERR_CORRUPT);
    fixture_run("rm -r %s/tile/1", log.folder, "");
    assert_int_equal(prove_growth(&log.files, &old, &head, &growth, problem), ERR_MISSING);
    log_end(&log);
}

TEST_MAIN
