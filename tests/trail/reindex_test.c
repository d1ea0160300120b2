#include "fixture.h"

static bool index_sum(void *context, const struct trail_row *row)
{
    uint64_t *sum = context;

    *sum = *sum * 31 + row->index + row->record.status;
    return true;
}

/* What some searches answer, as one number. */
static uint64_t answers(struct trail *trail)
{
    struct trail_query by_key = { .limit = 50, .by_key = true, .key = "key0000000000002" };
    struct trail_query by_status = { .limit = 50, .by_status = true, .status = 500, .before = 900 };
    uint64_t sum = 0, next;
    bool more;

    assert_int_equal(trail_find(trail, &by_key, index_sum, &sum, &next, &more), OK);
    assert_int_equal(trail_find(trail, &by_status, index_sum, &sum, &next, &more), OK);
    assert_int_not_equal(sum, 0);
    return sum;
}

static uint64_t answers_of(const char *folder)
{
    struct trail *trail = fixture_open(folder);
    uint64_t sum = answers(trail);

    trail_close(&trail);
    return sum;
}

static void progress_note(void *context, uint64_t done, uint64_t total)
{
    uint64_t *last = context;

    assert_true(done > *last && done <= total);
    *last = done;
}

TEST(an_index_that_is_gone_or_spoilt_gives_the_same_answers_when_it_is_made_again)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    uint64_t before, done = 0;

    fixture_log(folder, 10000);
    before = answers_of(folder);
    fixture_run("rm '%s'/index.sqlite*%s", folder, "");
    assert_int_equal(trail_reindex_folder(folder, progress_note, &done, problem), OK);
    assert_int_equal(done, 10000);
    assert_int_equal(answers_of(folder), before);
    fixture_flip(folder, "index.sqlite", 20000);
    fixture_flip(folder, "index.sqlite", 70000);
    assert_int_equal(trail_reindex_folder(folder, NULL, NULL, problem), OK);
    assert_int_equal(answers_of(folder), before);
    fixture_remove(folder);
}

TEST(a_folder_that_is_open_or_no_log_is_refused)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    struct trail *trail = fixture_open(folder);

    assert_int_equal(trail_reindex_folder(folder, NULL, NULL, problem), ERR_EXISTS);
    assert_string_equal(problem, "an authority has the audit log open");
    trail_close(&trail);
    assert_int_equal(trail_reindex_folder("/tmp", NULL, NULL, problem), ERR_MISSING);
    assert_int_equal(trail_reindex_folder("/nonexistent", NULL, NULL, problem), ERR_MISSING);
    fixture_remove(folder);
}

TEST(the_index_of_an_open_log_is_made_again_while_it_is_searched_and_written)
{
    const char *folder = fixture_folder();
    struct trail_state present;
    struct trail *trail;
    uint64_t before;

    fixture_log(folder, 10000);
    trail = fixture_open(folder);
    before = answers(trail);
    fixture_run("echo spoilt > '%s/index.sqlite'%s", folder, "");
    trail_reindex(trail);
    assert_int_equal(answers(trail), before);
    assert_int_equal(fixture_append(trail, 10000, 3), OK);
    assert_int_equal(trail_summary_each(trail, NULL, NULL, NULL), OK);
    trail_state_get(trail, &present);
    assert_int_equal(present.indexed, 10003);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST_MAIN
