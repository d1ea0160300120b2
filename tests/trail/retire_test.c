/* Retention as a whole: what goes, what stays, and that any moment of death is recovered from. */
#include <sqlite3.h>
#include <sys/wait.h>

#include "trail/cursor.h"
#include "trail/export.h"
#include "trail/retired.h"
#include "trail/tiles.h"
#include "trail/verify.h"

#include "fixture.h"

enum { RECORDS = 5000 };
#define MOMENT_OF(n) (UINT64_C(1795392000000000) + (n) * 100)

/* Says it in the log, as the authority does. */
static void tell(struct trail *trail, uint64_t from, uint64_t end)
{
    struct audit_record header = { .received_at_us = MOMENT_OF(RECORDS), .kind = RECORD_CHANGE };
    uint8_t bytes[RECORD_ENCODED_MOST];
    struct slice record = { (char *)bytes, 0 };
    char json[256];
    uint64_t index;

    snprintf(json, sizeof json,
             "{\"who\":\"test\",\"what\":\"" RETIRED_WHAT "\",\"before\":{\"first_record\":%llu},"
             "\"after\":{\"first_record\":%llu}}",
             (unsigned long long)from, (unsigned long long)end);
    assert_int_equal(record_encode_change(&header, slice_of(json), bytes, &record.size), OK);
    assert_int_equal(trail_append(trail, &record, 1, &index), OK);
    assert_int_equal(trail_checkpoint(trail), OK);
}

static struct trail_retirement plan_before(struct trail *trail, uint64_t n)
{
    struct trail_retirement plan;

    assert_int_equal(trail_retire_plan(trail, MOMENT_OF(n), &plan), OK);
    return plan;
}

/* Retires what is older than record `n`, as far as whole files go. */
static struct trail_retirement retire(struct trail *trail, uint64_t n)
{
    struct trail_retirement plan = plan_before(trail, n);

    assert_true(plan.end > plan.from);
    tell(trail, plan.from, plan.end);
    assert_int_equal(trail_retire(trail, &plan), OK);
    return plan;
}

static struct verify_report verify(const char *folder)
{
    char path[256];
    struct verify_report report;
    struct buffer key;

    buffer_init(&key);
    snprintf(path, sizeof path, "%s/key.pub", folder);
    assert_int_equal(file_read(path, 4096, &key), OK);
    assert_int_equal(trail_verify(&(struct verify_options){ .folder = folder,
                                                            .verifier_key = buffer_slice(&key) },
                                  &report),
                     OK);
    buffer_wipe(&key);
    return report;
}

static bool row_note(void *context, const struct trail_row *row)
{
    uint64_t *seen = context;

    if (seen[0]++ == 0)
        seen[1] = row->index;
    return true;
}

/* How many records a search finds; *lowest is the first of them. */
static uint64_t found(struct trail *trail, uint64_t *lowest)
{
    struct trail_query query = { .forward = true, .limit = TRAIL_FIND_MOST };
    uint64_t seen[2] = { 0 };
    bool more = true;

    while (more)
        assert_int_equal(trail_find(trail, &query, row_note, seen, &query.from, &more), OK);
    *lowest = seen[1];
    return seen[0];
}

static void nonce_sum(void *context, const struct trail_key_summary *summary)
{
    *(uint64_t *)context += summary->nonce + 3 * summary->wallets_at_us;
}

static void order_sum(void *context, const struct trail_account_summary *summary)
{
    *(uint64_t *)context += summary->sandbox_order_at_us;
}

static uint64_t summary_of(struct trail *trail)
{
    uint64_t sum = 0;

    assert_int_equal(trail_summary_each(trail, nonce_sum, order_sum, &sum), OK);
    return sum;
}

static bool is_there(const char *folder, const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static void assert_retired(const char *folder, uint64_t end)
{
    struct verify_report report = verify(folder);
    uint64_t lowest, count;
    struct trail *trail;

    assert_int_equal(report.finding_count, 0);
    assert_int_equal(report.retired, end);
    trail = fixture_open(folder);
    count = found(trail, &lowest);
    assert_int_equal(lowest, end);
    assert_int_equal(count, report.size - end);
    trail_close(&trail);
}

TEST(files_and_whole_bundles_go_and_hash_tiles_checkpoints_and_summaries_stay)
{
    const char *folder = fixture_folder();
    struct trail_retirement plan;
    struct trail_state present;
    struct trail *trail;
    uint64_t summary;
    char name[128], path[FILE_PATH_SIZE];

    fixture_log(folder, RECORDS);
    trail = fixture_open(folder);
    summary = summary_of(trail);
    plan = retire(trail, 3000);
    assert_in_range(plan.end, 2000, 2999);
    trail_state_get(trail, &present);
    assert_int_equal(present.first, plan.end);
    assert_false(is_there(folder, "log/000001.log"));
    cursor_path(folder, plan.number, path);
    assert_int_equal(access(path, F_OK), 0);
    tiles_name(TILES_ENTRIES, plan.end / TILES_WIDTH - 1, TILES_WIDTH, name);
    assert_false(is_there(folder, name));
    tiles_name(TILES_ENTRIES, plan.end / TILES_WIDTH, TILES_WIDTH, name);
    assert_true(is_there(folder, name));
    assert_true(is_there(folder, "tile/0/000"));
    assert_int_equal(summary_of(trail), summary);
    trail_close(&trail);
    assert_retired(folder, plan.end);

    /* Again, and from an index that has to be made from what is kept. */
    trail = fixture_open(folder);
    plan = retire(trail, 4500);
    trail_close(&trail);
    fixture_run("rm '%s'/index.sqlite*%s", folder, "");
    assert_retired(folder, plan.end);
    trail = fixture_open(folder);
    assert_int_equal(summary_of(trail), summary);
    for (uint64_t n = 0; n < 1000; n += 100)
        assert_int_equal(fixture_append(trail, RECORDS + 2 + n, 100), OK);
    trail_close(&trail);
    assert_retired(folder, plan.end);
    fixture_remove(folder);
}

TEST(what_is_young_or_still_being_written_is_kept)
{
    const char *folder = fixture_folder();
    struct trail_retirement plan;
    struct trail_state present;
    struct trail *trail;

    fixture_log(folder, RECORDS);
    trail = fixture_open(folder);
    plan = plan_before(trail, 0);
    assert_int_equal(plan.end, plan.from);
    plan = plan_before(trail, 1000000);
    trail_state_get(trail, &present);
    assert_in_range(plan.number, present.log_file_count - 1, present.log_file_count);
    assert_true(plan.end < RECORDS);
    tell(trail, plan.from, plan.end);
    assert_int_equal(trail_retire(trail, &plan), OK);
    assert_int_equal(trail_retire(trail, &plan), ERR_CONFLICT);
    plan = plan_before(trail, 1000000);
    assert_int_equal(plan.end, plan.from);
    trail_close(&trail);
    assert_retired(folder, plan.end);
    fixture_remove(folder);
}

TEST(an_export_begins_with_the_first_record_kept)
{
    const char *folder = fixture_folder();
    struct trail_retirement plan;
    struct export *export;
    struct trail *trail;
    struct buffer text;
    uint64_t lines = 0;
    bool more = true;

    fixture_log(folder, RECORDS);
    trail = fixture_open(folder);
    plan = retire(trail, 3000);
    trail_close(&trail);
    buffer_init(&text);
    assert_int_equal(export_folder_open(folder, &(struct trail_query){ 0 }, LINE_JSON, &export),
                     OK);
    while (more)
        assert_int_equal(export_next(export, &text, &more), OK);
    for (size_t i = 0; i < text.size; i++)
        lines += text.at[i] == '\n';
    assert_int_equal(lines, RECORDS + 1 - plan.end);
    export_close(&export);
    buffer_wipe(&text);
    fixture_remove(folder);
}

TEST(nothing_goes_when_the_tiles_do_not_hold_its_tree)
{
    const char *folder = fixture_folder();
    struct trail_retirement plan;
    struct trail *trail;

    fixture_log(folder, RECORDS);
    trail = fixture_open(folder);
    plan = plan_before(trail, 3000);
    fixture_flip(folder, "tile/0/003", 40);
    assert_int_equal(trail_retire(trail, &plan), ERR_CORRUPT);
    fixture_run("rm '%s/tile/0/003'%s", folder, "");
    assert_int_equal(trail_retire(trail, &plan), ERR_MISSING);
    assert_true(is_there(folder, "log/000001.log"));
    assert_false(is_there(folder, "retired"));
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(whoever_removes_records_without_saying_so_is_found)
{
    const char *folder = fixture_folder();
    struct trail_retirement plan;
    struct verify_report report;
    char problem[TRAIL_PROBLEM_SIZE];
    struct trail *trail;

    fixture_log(folder, RECORDS);
    trail = fixture_open(folder);
    plan = plan_before(trail, 3000);
    assert_int_equal(trail_retire(trail, &plan), OK);
    trail_close(&trail);
    report = verify(folder);
    assert_int_equal(report.finding_count, 1);

    /* And so is a forged beginning, a retired record's altered hash, and a removed file. */
    fixture_flip(folder, "tile/0/002", 100);
    assert_true(verify(folder).finding_count > 1);
    fixture_flip(folder, "tile/0/002", 100);
    fixture_flip(folder, "retired", 16);
    assert_true(verify(folder).finding_count > 0);
    assert_int_equal(fixture_try_open(folder, &trail, problem), ERR_CORRUPT);
    fixture_flip(folder, "retired", 16);
    fixture_run("rm '%s/retired'%s", folder, "");
    assert_true(verify(folder).finding_count > 0);
    assert_int_equal(fixture_try_open(folder, &trail, problem), ERR_CORRUPT);
    fixture_remove(folder);
}

/* Does what trail_retire does up to the `unlinks`-th removal of a file, and dies. */
static void retire_and_die(const char *folder, unsigned unlinks)
{
    struct trail *trail = fixture_open(folder);
    struct trail_retirement plan = plan_before(trail, 3000);
    struct retired retired = { plan.end, plan.from, plan.number };
    struct retired_writer writer;
    char path[FILE_PATH_SIZE], name[128];

    tell(trail, plan.from, plan.end);
    retired_writer_begin(&writer, &retired);
    assert_int_equal(trail_summary_each(trail, NULL, NULL, NULL), OK);
    assert_int_equal(retired_writer_commit(&writer, folder, fixture_seed), OK);
    for (unsigned i = 0; i < unlinks; i++) {
        uint64_t bundles = plan.end / TILES_WIDTH;

        if (i < bundles) {
            tiles_name(TILES_ENTRIES, i, TILES_WIDTH, name);
            snprintf(path, sizeof path, "%s/%s", folder, name);
        } else {
            cursor_path(folder, (uint32_t)(i - bundles + 1), path);
        }
        unlink(path);
    }
    _exit(0);
}

TEST(a_removal_that_was_cut_off_anywhere_is_finished_by_the_next_opening)
{
    for (unsigned unlinks = 0; unlinks < 13; unlinks += 2) {
        const char *folder = fixture_folder();
        struct trail_state present;
        struct trail *trail;
        pid_t child;
        int status;

        fixture_log(folder, RECORDS);
        child = fork();
        if (child == 0)
            retire_and_die(folder, unlinks);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        trail = fixture_open(folder);
        trail_state_get(trail, &present);
        assert_in_range(present.first, 2000, 2999);
        assert_false(is_there(folder, "log/000001.log"));
        assert_false(is_there(folder, "tile/entries/000"));
        assert_false(is_there(folder, "tile/entries/007"));
        trail_close(&trail);
        assert_retired(folder, present.first);
        fixture_remove(folder);
    }
}

static int rows_in(const char *folder)
{
    char path[256];
    sqlite3_stmt *row;
    sqlite3 *db;
    int count;

    snprintf(path, sizeof path, "%s/index.sqlite", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM request", -1, &row, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    count = sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return count;
}

TEST(the_index_forgets_retired_records_behind_everything_else)
{
    const char *folder = fixture_folder();
    struct trail_retirement plan;
    struct trail *trail;
    int rows = RECORDS;

    fixture_log(folder, RECORDS);
    trail = fixture_open(folder);
    plan = retire(trail, 3000);
    for (uint64_t n = 0; rows > (int)(RECORDS + 1 + n - plan.end) && n < 200; n++) {
        assert_int_equal(fixture_append(trail, RECORDS + 1 + n, 1), OK);
        assert_int_equal(trail_summary_each(trail, NULL, NULL, NULL), OK);
        rows = rows_in(folder) - 1;
    }
    assert_true(rows < RECORDS);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST_MAIN
