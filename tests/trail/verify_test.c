#include "trail/verify.h"

#include "audit/checkpoint.h"
#include "trail/cursor.h"
#include "trail/heads.h"
#include "trail/tiles.h"

#include "fixture.h"

struct findings {
    size_t count;
    struct verify_finding finding[64];
};

static void finding_keep(void *context, const struct verify_finding *finding)
{
    struct findings *findings = context;

    if (findings->count < 64)
        findings->finding[findings->count] = *finding;
    findings->count++;
}

static struct findings verify_with(const char *folder, struct slice witness,
                                   struct verify_report *report)
{
    struct findings findings = { 0 };
    char path[256];
    struct buffer key;

    snprintf(path, sizeof path, "%s/key.pub", folder);
    buffer_init(&key);
    assert_int_equal(file_read(path, 1024, &key), OK);
    assert_int_equal(trail_verify(&(struct verify_options){ .folder = folder,
                                                            .verifier_key = buffer_slice(&key),
                                                            .witness = witness,
                                                            .finding = finding_keep,
                                                            .context = &findings },
                                  report),
                     OK);
    buffer_wipe(&key);
    assert_int_equal(findings.count, report->finding_count);
    return findings;
}

static struct findings verify(const char *folder)
{
    struct verify_report report;

    return verify_with(folder, SLICE_EMPTY, &report);
}

static bool has(const struct findings *findings, enum verify_finding_kind kind, uint64_t index,
                uint64_t index_end)
{
    for (size_t i = 0; i < findings->count && i < 64; i++)
        if (findings->finding[i].kind == kind && findings->finding[i].index == index &&
            findings->finding[i].index_end == index_end)
            return true;
    for (size_t i = 0; i < findings->count && i < 64; i++)
        print_message("found %d [%u, %u): %s\n", (int)findings->finding[i].kind,
                      (unsigned)findings->finding[i].index,
                      (unsigned)findings->finding[i].index_end, findings->finding[i].text);
    return false;
}

/* Where record `index` lies: file and offset of its frame. */
static void place_of(const char *folder, uint64_t index, char name[64], uint64_t *offset,
                     struct frame *frame, uint8_t *bytes)
{
    struct cursor cursor;

    assert_int_equal(cursor_open(&cursor, folder, false), OK);
    assert_int_equal(cursor_enter(&cursor, 1), CURSOR_RECORD);
    do
        assert_int_equal(cursor_next(&cursor, UINT64_MAX, frame), CURSOR_RECORD);
    while (frame->index < index);
    snprintf(name, 64, "log/%06u.log", (unsigned)cursor.number);
    *offset = cursor.offset - frame->size;
    memcpy(bytes, frame->record.at, frame->record.size);
    frame->record.at = (char *)bytes;
    cursor_close(&cursor);
}

static void bytes_write(const char *folder, const char *name, uint64_t at, const void *bytes,
                        size_t size)
{
    char path[256];
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size, (off_t)at), size);
    close(fd);
}

/* Puts another record at an index, with a frame that adds up. */
static void forge(const char *folder, uint64_t index, struct slice record)
{
    uint8_t old[RECORD_ENCODED_MOST], new[FRAME_SIZE_MOST];
    struct frame frame;
    uint64_t offset;
    char name[64];

    place_of(folder, index, name, &offset, &frame, old);
    assert_int_equal(log_frame_size(record.size), frame.size);
    log_frame_encode(index, frame.batch, record, new);
    bytes_write(folder, name, offset, new, frame.size);
}

TEST(an_untouched_log_verifies)
{
    const char *folder = fixture_folder();
    struct verify_report report;

    fixture_log(folder, 3333);
    assert_int_equal(verify_with(folder, SLICE_EMPTY, &report).count, 0);
    assert_int_equal(report.size, 3333);
    assert_int_equal(report.checkpoint_size, 3333);
    assert_int_equal(report.checkpoint_count, 5); /* four in the list, and the newest again */
    assert_int_equal(report.unsigned_count, 0);
    assert_int_equal(report.tile_count, 13 * 2 + 2 + 1);
    assert_int_equal(report.first_at_us, 1795392000000000);
    assert_int_equal(report.last_at_us, 1795392000000000 + 333200);
    fixture_remove(folder);
}

TEST(records_after_the_last_checkpoint_are_told_as_unsigned)
{
    const char *folder = fixture_folder();
    struct verify_report report;
    struct trail *trail;

    fixture_log(folder, 500);
    trail = fixture_open(folder);
    assert_int_equal(fixture_append(trail, 500, 77), OK);
    assert_int_equal(verify_with(folder, SLICE_EMPTY, &report).count, 0);
    assert_int_equal(report.size, 577);
    assert_int_equal(report.unsigned_count, 77);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(a_flipped_byte_is_found_in_every_region)
{
    static const struct {
        const char *name;
        off_t at;
    } rows[] = {
        { "log/000001.log", 0 },                        /* magic */
        { "log/000001.log", 24 },                       /* first index */
        { "log/000001.log", 70 },                       /* peaks */
        { "log/000001.log", 4000 },                     /* reserved part of the header */
        { "log/000001.log", 4092 },                     /* its checksum */
        { "log/000001.log", 4096 },                     /* size of the first record */
        { "log/000001.log", 4100 },                     /* its checksum */
        { "log/000001.log", 4104 },                     /* its index */
        { "log/000001.log", 4112 },                     /* its batch */
        { "log/000001.log", 4120 },                     /* its version */
        { "log/000001.log", 4120 + 16 },                /* its account */
        { "log/000001.log", 4120 + 130 },               /* its path */
        { "log/000001.log", 60000 },                    /* somewhere in the middle */
        { "log/000001.log", LOG_FILE_BYTES_LEAST - 1 }, /* behind the last record */
        { "log/000002.log", 0 },
        { "log/000002.log", 100 },
        { "log/000002.log", 5000 },
        { "checkpoint", 3 },                        /* origin */
        { "checkpoint", (off_t)sizeof ORIGIN },     /* size */
        { "checkpoint", (off_t)sizeof ORIGIN + 8 }, /* root */
        { "checkpoint", 120 },                      /* signature */
        { "checkpoints", 25 },
        { "checkpoints", 130 },
        { "tile/0/000", 0 },
        { "tile/0/000", 8191 },
        { "tile/0/003", 4000 },
        { "tile/1/000.p/7", 40 },
        { "tile/entries/000", 1 },
        { "tile/entries/005", 3000 },
        { "tile/0/007.p/208", 64 },
        { "tile/entries/007.p/208", 64 },
    };
    const char *folder = fixture_folder();

    fixture_log(folder, 2000);
    assert_int_equal(verify(folder).count, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fixture_flip(folder, rows[i].name, rows[i].at);
        if (verify(folder).count == 0)
            fail_msg("%s at %ld", rows[i].name, (long)rows[i].at);
        fixture_flip(folder, rows[i].name, rows[i].at);
        assert_int_equal(verify(folder).count, 0);
    }
    fixture_remove(folder);
}

TEST(an_altered_record_with_a_right_checksum_is_named)
{
    const char *folder = fixture_folder();
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct audit_record record = fixture_record(1234);
    struct findings findings;
    size_t size;

    fixture_log(folder, 2000);
    record.status = 201;
    size = record_encode(&record, bytes);
    forge(folder, 1234, (struct slice){ (char *)bytes, size });
    findings = verify(folder);
    assert_true(has(&findings, VERIFY_RECORDS_ALTERED, 1000, 2000));
    assert_true(has(&findings, VERIFY_TILE_WRONG, 1234, 1235));
    fixture_remove(folder);
}

TEST(swapped_records_are_found)
{
    const char *folder = fixture_folder();
    uint8_t a[RECORD_ENCODED_MOST], b[RECORD_ENCODED_MOST];
    struct frame first, second;
    struct findings findings;
    uint64_t offset;
    char name[64];

    fixture_log(folder, 2000);
    place_of(folder, 100, name, &offset, &first, a);
    place_of(folder, 104, name, &offset, &second, b);
    forge(folder, 100, second.record);
    forge(folder, 104, first.record);
    findings = verify(folder);
    assert_true(has(&findings, VERIFY_RECORDS_ALTERED, 0, 1000));
    assert_true(has(&findings, VERIFY_TILE_WRONG, 100, 101));
    fixture_remove(folder);
}

/* Writes the log anew without one record, every frame right and signed over by nobody. */
TEST(a_dropped_record_is_found_though_all_frames_add_up)
{
    const char *folder = fixture_folder();
    struct findings findings;

    fixture_log(folder, 300);
    for (uint64_t i = 150; i + 4 < 300; i++) {
        uint8_t bytes[RECORD_ENCODED_MOST];
        struct frame frame;
        uint64_t offset;
        char name[64];

        /* Records four apart have one size; the last four stay to fill the end. */
        place_of(folder, i + 4, name, &offset, &frame, bytes);
        forge(folder, i, frame.record);
    }
    findings = verify(folder);
    assert_true(has(&findings, VERIFY_RECORDS_ALTERED, 0, 300));
    assert_true(has(&findings, VERIFY_TILE_WRONG, 150, 151));
    fixture_remove(folder);
}

TEST(a_damaged_record_is_named_and_the_rest_still_read)
{
    const char *folder = fixture_folder();
    uint8_t bytes[RECORD_ENCODED_MOST];
    struct verify_report report;
    struct findings findings;
    struct frame frame;
    uint64_t offset;
    char name[64];

    fixture_log(folder, 2000);
    place_of(folder, 777, name, &offset, &frame, bytes);
    fixture_flip(folder, name, (off_t)offset + 60);
    findings = verify_with(folder, SLICE_EMPTY, &report);
    assert_true(has(&findings, VERIFY_RECORD_DAMAGED, 777, 778));
    assert_int_equal(report.size, 1999);
    fixture_remove(folder);
}

/* Cuts the log behind its first `size` records, as somebody with a hex editor would. */
static void tail_cut(const char *folder, uint64_t size)
{
    static const char zeros[LOG_FILE_BYTES_LEAST];
    uint8_t bytes[RECORD_ENCODED_MOST];
    struct frame frame;
    uint64_t offset;
    unsigned number;
    char name[64], path[256];

    place_of(folder, size, name, &offset, &frame, bytes);
    bytes_write(folder, name, offset, zeros, LOG_FILE_BYTES_LEAST - offset);
    assert_int_equal(sscanf(name, "log/%u.log", &number), 1);
    for (;;) {
        snprintf(path, sizeof path, "%s/log/%06u.log", folder, ++number);
        if (unlink(path) != 0)
            return;
    }
}

static struct buffer heads;
static size_t heads_left;

static void heads_copy(void *context, struct slice text)
{
    (void)context;
    if (heads_left == 0)
        return;
    heads_left--;
    buffer_append(&heads, text);
    buffer_append_char(&heads, '\n');
}

/* Puts back the list as it was after `count` checkpoints, and the newest of those. */
static void heads_rewind(const char *folder, size_t count, bool list_too)
{
    char path[256];
    struct buffer last;

    buffer_init(&heads);
    heads_left = count;
    assert_int_equal(heads_each(folder, heads_copy, NULL), OK);
    snprintf(path, sizeof path, "%s/checkpoints", folder);
    if (list_too)
        assert_int_equal(file_write_atomic(path, 0644, buffer_slice(&heads)), OK);
    buffer_wipe(&heads);
    buffer_init(&last);
    snprintf(path, sizeof path, "%s/checkpoint", folder);
    heads_left = count;
    assert_int_equal(heads_each(folder, heads_copy, NULL), OK);
    for (size_t at = heads.size - 2; at > 1; at--)
        if (heads.at[at - 1] == '\n' && heads.at[at - 2] == '\n' &&
            memcmp(heads.at + at, "\xE2\x80\x94", 3) != 0) {
            buffer_append(&last, (struct slice){ heads.at + at, heads.size - 1 - at });
            break;
        }
    if (last.size == 0)
        buffer_append(&last, (struct slice){ heads.at, heads.size - 1 });
    assert_int_equal(file_write_atomic(path, 0644, buffer_slice(&last)), OK);
    buffer_wipe(&last);
    buffer_wipe(&heads);
}

TEST(a_cut_tail_is_found_by_the_checkpoint)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    struct findings findings;
    struct trail *trail;

    fixture_log(folder, 2000);
    tail_cut(folder, 1500);
    findings = verify(folder);
    assert_true(has(&findings, VERIFY_RECORDS_MISSING, 1500, 2000));
    /* And nobody goes on writing to it. */
    assert_int_equal(fixture_try_open(folder, &trail, problem), ERR_CORRUPT);
    assert_non_null(strstr(problem, "records 1500 to 1999 were signed and are gone"));
    fixture_remove(folder);
}

TEST(an_older_checkpoint_of_the_same_key_is_found_by_the_list)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    struct findings findings;
    struct trail *trail;

    fixture_log(folder, 2500);
    tail_cut(folder, 1000);
    heads_rewind(folder, 1, false);
    findings = verify(folder);
    assert_true(has(&findings, VERIFY_CHECKPOINT_OLDER, 1000, 2500));
    assert_true(has(&findings, VERIFY_RECORDS_MISSING, 1000, 2500));
    assert_int_equal(fixture_try_open(folder, &trail, problem), ERR_CORRUPT);
    fixture_remove(folder);
}

TEST(a_cut_with_the_list_cut_too_is_found_by_a_checkpoint_kept_elsewhere)
{
    const char *folder = fixture_folder();
    struct verify_report report;
    struct findings findings;
    struct buffer witness;
    char path[256];

    fixture_log(folder, 2500);
    snprintf(path, sizeof path, "%s/checkpoint", folder);
    buffer_init(&witness);
    assert_int_equal(file_read(path, 4096, &witness), OK);
    fixture_run("rm -r '%s'/tile/0/009.p '%s'/tile/entries/009.p", folder, folder);
    tail_cut(folder, 1000);
    heads_rewind(folder, 1, true);
    findings = verify_with(folder, SLICE_EMPTY, &report);
    for (size_t i = 0; i < findings.count; i++) /* only the partial tiles of that old head */
        assert_int_equal(findings.finding[i].kind, VERIFY_TILE_MISSING);
    findings = verify_with(folder, buffer_slice(&witness), &report);
    assert_true(has(&findings, VERIFY_RECORDS_MISSING, 1000, 2500));
    buffer_wipe(&witness);
    fixture_remove(folder);
}

TEST(a_deleted_file_is_named)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    struct findings findings;
    struct trail *trail;

    fixture_log(folder, 3000);
    fixture_run("rm '%s'/log/000002.log", folder, "");
    findings = verify(folder);
    assert_true(has(&findings, VERIFY_FILE_MISSING, 0, 0));
    assert_int_equal(fixture_try_open(folder, &trail, problem), ERR_CORRUPT);
    assert_non_null(strstr(problem, "log/000002.log is missing"));
    fixture_remove(folder);
}

TEST(another_key_proves_nothing)
{
    const char *folder = fixture_folder();
    static const uint8_t seed[32] = { 1 };
    char text[NOTE_KEY_TEXT_SIZE];
    struct verify_report report;
    struct note_key key;

    fixture_log(folder, 100);
    assert_int_equal(note_key_init(&key, NOTE_KEY_LOG, SLICE(ORIGIN), seed), OK);
    note_key_format(&key, text);
    assert_int_equal(
        trail_verify(&(struct verify_options){ .folder = folder, .verifier_key = slice_of(text) },
                     &report),
        OK);
    assert_true(report.finding_count > 0);
    assert_int_equal(report.checkpoint_size, 0);
    assert_int_equal(trail_verify(&(struct verify_options){ .folder = folder,
                                                            .verifier_key = SLICE("nonsense") },
                                  &report),
                     ERR_MALFORMED);
    assert_int_equal(trail_verify(&(struct verify_options){ .folder = "/nonexistent",
                                                            .verifier_key = slice_of(text) },
                                  &report),
                     ERR_MISSING);
    fixture_remove(folder);
}

TEST_MAIN
