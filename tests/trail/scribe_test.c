#include "trail/scribe.h"

#include "fixture.h"

static void nothing(void *context, const struct trail_key_summary *summary)
{
    (void)summary;
    ++*(uint64_t *)context;
}

TEST(the_index_catches_up_when_somebody_waits_for_it)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    struct trail_state now;
    uint64_t keys = 0;

    assert_int_equal(fixture_append(trail, 0, 100), OK);
    assert_int_equal(trail_summary_each(trail, nothing, NULL, &keys), OK);
    assert_int_equal(keys, 5);
    trail_state_get(trail, &now);
    assert_int_equal(now.indexed, 100);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(a_deleted_index_is_built_again_equal)
{
    const char *folder = fixture_folder();
    static const char dump[] = "cd '%s' && for t in request epoch key_summary account_summary; do "
                               "sqlite3 index.sqlite \"SELECT * FROM $t ORDER BY 1\"; done > '%s'";
    struct trail *trail;

    fixture_log(folder, 5000);
    fixture_run(dump, folder, "before");
    fixture_run("rm '%s'/index.sqlite*%s", folder, "");
    trail = fixture_open(folder);
    trail_close(&trail);
    fixture_run(dump, folder, "after");
    fixture_run("cd '%s' && test -s before && cmp before after%s", folder, "");
    fixture_remove(folder);
}

TEST(the_next_file_is_reserved_ahead)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    char problem[TRAIL_PROBLEM_SIZE];

    assert_int_equal(scribe_reserve(trail, 2, problem), OK);
    assert_string_equal(problem, "");
    assert_int_equal(trail->file_in_use, 1);
    fixture_run("test -s '%s'/log/000002.log%s", folder, "");
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(a_checkpoint_asked_for_is_signed_beside_the_appends)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    struct trail_state now;

    assert_int_equal(fixture_append(trail, 0, 100), OK);
    assert_int_equal(trail_checkpoint_soon(trail), OK);
    for (uint64_t n = 100; n < 3000; n += 100)
        assert_int_equal(fixture_append(trail, n, 100), OK);
    pthread_mutex_lock(&trail->lock);
    while (trail->sign_done < trail->sign_asked)
        pthread_cond_wait(&trail->changed, &trail->lock);
    pthread_mutex_unlock(&trail->lock);
    trail_state_get(trail, &now);
    assert_in_range(now.checkpoint_size, 100, 3000);
    assert_int_equal(trail_checkpoint(trail), OK);
    trail_state_get(trail, &now);
    assert_int_equal(now.checkpoint_size, 3000);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(a_checkpoint_that_cannot_be_written_is_said_and_tried_again)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    char problem[TRAIL_PROBLEM_SIZE];
    struct trail_state now;

    assert_int_equal(fixture_append(trail, 0, 10), OK);
    fixture_run("mkdir '%s'/checkpoints%s", folder, "");
    assert_int_equal(trail_checkpoint(trail), ERR_IO);
    assert_int_equal(trail_problem(trail, problem), TRAIL_WARNING);
    assert_non_null(strstr(problem, "the checkpoint cannot be written"));
    trail_state_get(trail, &now);
    assert_int_equal(now.checkpoint_size, 0);
    fixture_run("rmdir '%s'/checkpoints%s", folder, "");
    assert_int_equal(trail_checkpoint(trail), OK);
    assert_int_equal(trail_problem(trail, problem), TRAIL_HEALTHY);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST_MAIN
