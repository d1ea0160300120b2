#include "trail/log.h"

#include <signal.h>
#include <sys/resource.h>

#include "trail/cursor.h"

#include "fixture.h"

static void log_open(struct log *log, const char *folder)
{
    char problem[LOG_PROBLEM_SIZE];

    fixture_run("mkdir '%s'/log", folder, "");
    assert_int_equal(log_reserve(folder, 1, LOG_FILE_BYTES_LEAST, problem), OK);
    log_init(log, folder, LOG_FILE_BYTES_LEAST);
    assert_int_equal(log_continue(log, 1, 0, 0, false), OK);
}

static enum err append(struct log *log, size_t count)
{
    struct merkle_frontier tree = { 0 };
    struct fixture_batch batch;
    enum err e;

    fixture_batch_make(&batch, log->index, count);
    e = log_append(log, batch.records, count, &tree);
    fixture_batch_free(&batch);
    return e;
}

static uint64_t records_on_disk(const char *folder)
{
    struct cursor cursor;
    struct frame frame;
    uint64_t count = 0;

    assert_int_equal(cursor_open(&cursor, folder, true), OK);
    assert_int_equal(cursor_enter(&cursor, 1), CURSOR_RECORD);
    while (cursor_next(&cursor, UINT64_MAX, &frame) == CURSOR_RECORD)
        count++;
    assert_string_equal(cursor.problem, "");
    cursor_close(&cursor);
    return count;
}

TEST(a_full_file_says_so_and_takes_nothing)
{
    const char *folder = fixture_folder();
    struct log log;
    uint64_t kept;
    enum err e;

    log_open(&log, folder);
    while ((e = append(&log, 50)) == OK)
        ;
    assert_int_equal(e, ERR_FULL);
    kept = log.index;
    assert_true(kept > 500);
    assert_int_equal(records_on_disk(folder), kept);
    log_close(&log);
    fixture_remove(folder);
}

/* A limit on file sizes makes the kernel write a part of the batch and refuse the rest: what a disk
 * without room does to files that it has not reserved. */
TEST(a_short_write_keeps_nothing_and_the_next_try_wipes_it)
{
    const char *folder = fixture_folder();
    struct rlimit was, low;
    struct log log;

    log_open(&log, folder);
    assert_int_equal(append(&log, 5), OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    low = was;
    low.rlim_cur = log.offset + 3000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    assert_int_equal(append(&log, 100), ERR_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_non_null(strstr(log.problem, "cannot be written"));
    assert_true(log.dirty_end > log.offset);
    assert_int_equal(log.index, 5);
    assert_int_equal(append(&log, 1), OK);
    assert_string_equal(log.problem, "");
    assert_int_equal(records_on_disk(folder), 6);
    log_close(&log);
    fixture_remove(folder);
}

TEST(a_cut_file_is_never_believed_again)
{
    const char *folder = fixture_folder();
    char path[FILE_PATH_SIZE];
    struct log log;

    log_open(&log, folder);
    assert_int_equal(append(&log, 5), OK);
    cursor_path(folder, 1, path);
    assert_int_equal(truncate(path, 4096), 0);
    assert_int_equal(append(&log, 5), ERR_IO);
    assert_non_null(strstr(log.problem, "was cut while in use"));
    assert_int_equal(truncate(path, LOG_FILE_BYTES_LEAST), 0);
    assert_int_equal(append(&log, 5), ERR_IO);
    log_close(&log);
    fixture_remove(folder);
}

TEST(a_reserved_file_is_whole_and_zero)
{
    const char *folder = fixture_folder();
    char path[FILE_PATH_SIZE], problem[LOG_PROBLEM_SIZE];
    struct buffer content;

    assert_int_equal(log_reserve(folder, 1, LOG_FILE_BYTES_LEAST, problem), ERR_IO);
    assert_non_null(strstr(problem, "No such file"));
    fixture_run("mkdir '%s'/log", folder, "");
    assert_int_equal(log_reserve(folder, 1, LOG_FILE_BYTES_LEAST, problem), OK);
    cursor_path(folder, 1, path);
    buffer_init(&content);
    assert_int_equal(file_read(path, LOG_FILE_BYTES_LEAST, &content), OK);
    assert_int_equal(content.size, LOG_FILE_BYTES_LEAST);
    for (size_t i = 0; i < content.size; i++)
        assert_int_equal(content.at[i], 0);
    buffer_wipe(&content);
    fixture_remove(folder);
}

TEST_MAIN
