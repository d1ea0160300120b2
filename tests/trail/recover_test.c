#include "trail/recover.h"

#include "trail/cursor.h"

#include "fixture.h"

static const struct retired beginning = { .number = 1 };

/* Appends a batch to a closed log and returns where its first frame begins; no checkpoint covers
 * it. */
static uint64_t unsigned_batch(const char *folder, uint64_t from, size_t count, uint32_t *number)
{
    struct checkpoint none = { 0 };
    char problem[TRAIL_PROBLEM_SIZE];
    struct fixture_batch batch;
    struct recovery recovery;
    struct tiles tiles;
    struct log log;

    assert_int_equal(tiles_init(&tiles, folder, TILES_REPAIR), OK);
    assert_int_equal(recover_log(folder, &beginning, &none, false, &tiles, &recovery, problem), OK);
    assert_int_equal(recovery.tree.size, from);
    tiles_wipe(&tiles);
    log_init(&log, folder, LOG_FILE_BYTES_LEAST);
    assert_int_equal(log_continue(&log, recovery.number, recovery.offset, from, false), OK);
    fixture_batch_make(&batch, from, count);
    assert_int_equal(log_append(&log, batch.records, count, &recovery.tree), OK);
    fixture_batch_free(&batch);
    *number = log.number;
    log_close(&log);
    return recovery.offset;
}

static void name_of(uint32_t number, char name[32])
{
    snprintf(name, 32, "log/%06u.log", (unsigned)number);
}

TEST(a_torn_batch_is_cut_wherever_it_tore)
{
    for (off_t at = 0; at < 20; at++) {
        const char *folder = fixture_folder();
        struct trail_state now;
        struct trail *trail;
        uint32_t number;
        uint64_t offset;
        char name[32];

        fixture_log(folder, 300);
        offset = unsigned_batch(folder, 300, 20, &number);
        name_of(number, name);
        /* Pages reach the disk in any order: frames behind the hole may be whole. */
        fixture_flip(folder, name, (off_t)offset + at * 170);
        trail = fixture_open(folder);
        trail_state_get(trail, &now);
        assert_in_range(now.size, 300, 319);
        assert_int_equal(fixture_append(trail, now.size, 50), OK);
        trail_close(&trail);
        trail = fixture_open(folder);
        trail_close(&trail);
        fixture_remove(folder);
    }
}

TEST(damage_before_a_later_batch_is_refused_and_left_as_it_is)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE], name[32];
    struct trail *trail;
    uint32_t number;
    uint64_t offset;

    fixture_log(folder, 300);
    offset = unsigned_batch(folder, 300, 20, &number);
    unsigned_batch(folder, 320, 20, &number);
    name_of(number, name);
    fixture_flip(folder, name, (off_t)offset + 40);
    assert_int_equal(fixture_try_open(folder, &trail, problem), ERR_CORRUPT);
    assert_non_null(strstr(problem, "record 300 is damaged"));
    fixture_flip(folder, name, (off_t)offset + 40);
    trail = fixture_open(folder);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(a_log_that_differs_from_its_checkpoint_is_refused)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    uint8_t bytes[FRAME_SIZE_MOST];
    struct audit_record record = fixture_record(5);
    uint8_t encoded[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct cursor cursor;
    struct frame frame;
    struct trail *trail;
    char path[FILE_PATH_SIZE];
    int fd;

    fixture_log(folder, 300);
    assert_int_equal(cursor_open(&cursor, folder, false), OK);
    assert_int_equal(cursor_enter(&cursor, 1), CURSOR_RECORD);
    for (int i = 0; i < 6; i++)
        assert_int_equal(cursor_next(&cursor, 300, &frame), CURSOR_RECORD);
    record.latency_us++;
    log_frame_encode(5, frame.batch,
                     (struct slice){ (char *)encoded, record_encode(&record, encoded) }, bytes);
    cursor_path(folder, 1, path);
    fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, bytes, frame.size, (off_t)(cursor.offset - frame.size)),
                     frame.size);
    close(fd);
    cursor_close(&cursor);
    assert_int_equal(fixture_try_open(folder, &trail, problem), ERR_CORRUPT);
    assert_non_null(strstr(problem, "not those that were signed"));
    fixture_remove(folder);
}

TEST(deleted_tiles_are_made_again)
{
    const char *folder = fixture_folder();
    struct trail *trail;

    fixture_log(folder, 3000);
    fixture_run("mv '%s'/tile '%s'/kept", folder, folder);
    trail = fixture_open(folder);
    assert_int_equal(fixture_append(trail, 3000, 1), OK);
    trail_close(&trail);
    fixture_run("cd '%s' && for f in tile/0/000 tile/0/010 tile/entries/003; do "
                "cmp $f kept/${f#tile/} || exit 1; done%s",
                folder, "");
    fixture_remove(folder);
}

/* What a power cut may leave: records and checkpoint are there, a tile written a minute ago is not.
 */
TEST(tiles_of_the_last_minutes_come_back_after_the_machine_restarted)
{
    const char *folder = fixture_folder();
    struct trail *trail;

    fixture_log(folder, 5000);
    fixture_run("cp -r '%s'/tile '%s'/before", folder, folder);
    fixture_run("rm '%s'/tile/entries/002; : > '%s'/tile/entries/003", folder, folder);
    trail = fixture_open(folder); /* the same start of the machine: nobody looks */
    trail_close(&trail);
    fixture_run("! test -e '%s'/tile/entries/002%s", folder, "");
    fixture_run("echo another > '%s'/boot%s", folder, "");
    trail = fixture_open(folder);
    trail_close(&trail);
    fixture_run("diff -r '%s'/tile '%s'/before", folder, folder);
    fixture_remove(folder);
}

TEST(older_log_files_are_not_read_again_after_the_machine_restarted)
{
    const char *folder = fixture_folder();
    struct trail *trail;

    fixture_log(folder, 5000);
    fixture_run("rm '%s'/tile/entries/002; touch -d '-1 hour' '%s'/log/00000[12345].log", folder,
                folder);
    fixture_run("touch -d '-1 day' '%s'/log/000001.log '%s'/log/000002.log", folder, folder);
    fixture_run("echo another > '%s'/boot%s", folder, "");
    trail = fixture_open(folder);
    trail_close(&trail);
    fixture_run("! test -e '%s'/tile/entries/002%s", folder, "");
    fixture_remove(folder);
}

TEST_MAIN
