#include "trail/witness.h"

#include "fixture.h"

static const uint8_t witness_seed[NOTE_SEED_SIZE] = { 4, 5, 6 };
static char problem[WITNESS_PROBLEM_SIZE];

struct scene {
    char log[64], state[64];
    struct log_files files;
    struct witness witness;
    enum witness_answer answer;
};

static struct scene *a_scene(void)
{
    struct scene *s = calloc(1, sizeof *s);

    snprintf(s->log, sizeof s->log, "%s", fixture_folder());
    snprintf(s->state, sizeof s->state, "%s", fixture_folder());
    s->files = log_files_of_folder(s->log);
    s->witness = (struct witness){ .folder = s->state, .seed = witness_seed };
    assert_int_equal(note_key_init(&s->witness.log, NOTE_KEY_LOG, SLICE(ORIGIN), fixture_seed), OK);
    assert_int_equal(note_key_init(&s->witness.key, NOTE_KEY_WITNESS, SLICE("witness.example"),
                                   witness_seed),
                     OK);
    return s;
}

static void scene_end(struct scene *s)
{
    fixture_remove(s->log);
    fixture_remove(s->state);
    free(s);
}

/* Forgets all but the folder, as a new process would, and looks. */
static enum witness_answer look_at(struct scene *s, uint64_t now_s)
{
    assert_int_equal(witness_recall(&s->witness), OK);
    assert_int_equal(witness_look(&s->witness, &s->files, now_s, &s->answer, problem), OK);
    return s->answer;
}

static enum witness_answer look(struct scene *s)
{
    return look_at(s, 1795392000);
}

static void grow(struct scene *s, uint64_t from, uint64_t count)
{
    struct trail *trail = fixture_open(s->log);

    for (uint64_t done = 0; done < count; done += 100)
        assert_int_equal(
            fixture_append(trail, from + done, count - done < 100 ? count - done : 100), OK);
    trail_close(&trail);
}

static bool has_alarm(const struct scene *s)
{
    char path[256];

    snprintf(path, sizeof path, "%s/alarm", s->state);
    return access(path, F_OK) == 0;
}

TEST(a_log_that_grows_is_cosigned_and_both_signatures_check)
{
    struct scene *s = a_scene();
    struct checkpoint head;
    struct buffer text;
    char path[256];
    uint64_t size = 0, at_s;

    assert_int_equal(look(s), WITNESS_EMPTY);
    for (uint64_t more = 1; more < 700; more += 113) {
        grow(s, size, more);
        size += more;
        assert_int_equal(look(s), WITNESS_COSIGNED);
        assert_int_equal(look(s), WITNESS_SAME);
        assert_int_equal(s->witness.seen.size, size);
    }
    snprintf(path, sizeof path, "%s/checkpoint", s->state);
    buffer_init(&text);
    assert_int_equal(file_read(path, CHECKPOINT_TEXT_MOST, &text), OK);
    assert_int_equal(checkpoint_parse(buffer_slice(&text), &s->witness.log, &head),
                     CHECKPOINT_SIGNED);
    assert_true(cosignature_verify(buffer_slice(&text), &s->witness.key, &at_s));
    assert_int_equal(head.size, size);
    assert_int_equal(at_s, 1795392000);
    assert_false(has_alarm(s));
    buffer_wipe(&text);
    scene_end(s);
}

TEST(a_log_that_rests_is_signed_again_with_a_later_time_and_never_an_earlier_one)
{
    struct scene *s = a_scene();

    grow(s, 0, 10);
    assert_int_equal(look_at(s, 1000), WITNESS_COSIGNED);
    assert_int_equal(look_at(s, 1000 + WITNESS_REFRESH_S - 1), WITNESS_SAME);
    assert_int_equal(look_at(s, 1000 + WITNESS_REFRESH_S), WITNESS_COSIGNED);
    assert_int_equal(s->witness.cosigned_at_s, 1000 + WITNESS_REFRESH_S);
    grow(s, 10, 10);
    assert_int_equal(look_at(s, 5), WITNESS_COSIGNED); /* the clock was set back */
    assert_int_equal(s->witness.cosigned_at_s, 1000 + WITNESS_REFRESH_S);
    scene_end(s);
}

TEST(a_cut_log_is_noticed_although_it_verifies_on_its_own)
{
    struct scene *s = a_scene();
    char copy[80];

    grow(s, 0, 300);
    snprintf(copy, sizeof copy, "%s.copy", s->log);
    fixture_run("cp -r %s %s", s->log, copy);
    grow(s, 300, 50);
    assert_int_equal(look(s), WITNESS_COSIGNED);
    fixture_run("rm -r %s%s", s->log, "");
    fixture_run("mv %s %s", copy, s->log);
    assert_int_equal(look(s), WITNESS_CUT);
    assert_non_null(strstr(problem, "300"));
    assert_true(has_alarm(s));
    assert_int_equal(s->witness.seen.size, 350); /* it forgets nothing */
    scene_end(s);
}

TEST(a_log_begun_anew_is_a_fork_whether_shorter_as_long_or_longer)
{
    struct scene *s = a_scene();

    grow(s, 0, 300);
    assert_int_equal(look(s), WITNESS_COSIGNED);
    for (uint64_t count = 200; count <= 1000; count += 100) {
        struct trail *trail;
        struct fixture_batch batch;
        uint64_t first;

        fixture_run("rm -r %s && mkdir %s", s->log, s->log);
        trail = fixture_open(s->log);
        for (uint64_t done = 0; done < count; done += 100) {
            fixture_batch_make(&batch, 7 + done, 100); /* other records from the start */
            assert_int_equal(trail_append(trail, batch.records, 100, &first), OK);
            fixture_batch_free(&batch);
        }
        trail_close(&trail);
        assert_int_equal(look(s), count < 300 ? WITNESS_CUT : WITNESS_FORKED);
        assert_int_equal(s->witness.seen.size, 300);
    }
    scene_end(s);
}

TEST(the_tiles_on_the_way_must_be_those_that_were_signed)
{
    struct scene *s = a_scene();

    grow(s, 0, 300);
    assert_int_equal(look(s), WITNESS_COSIGNED);
    grow(s, 300, 300);
    fixture_flip(s->log, "tile/0/000", 32 * 100);
    /* Not on the way from 300 to 600: the first 256 records have one hash in level 1. */
    assert_int_equal(look(s), WITNESS_COSIGNED);
    grow(s, 600, 50);
    fixture_flip(s->log, "tile/0/002.p/138", 32 * 5);
    assert_int_equal(look(s), WITNESS_UNPROVEN);
    fixture_run("rm %s/tile/0/002.p/138", s->log, "");
    assert_int_equal(look(s), WITNESS_UNPROVEN);
    assert_non_null(strstr(problem, "tile/0/002"));
    assert_true(has_alarm(s));
    scene_end(s);
}

TEST(a_head_that_is_gone_or_signed_by_another_is_an_alarm)
{
    struct scene *s = a_scene();

    grow(s, 0, 20);
    assert_int_equal(look(s), WITNESS_COSIGNED);
    fixture_flip(s->log, "checkpoint", 2);
    assert_int_equal(look(s), WITNESS_FORGED);
    fixture_run("rm %s/checkpoint", s->log, "");
    assert_int_equal(look(s), WITNESS_GONE);
    scene_end(s);
}

TEST(the_first_alarm_is_kept_with_both_heads)
{
    struct scene *s = a_scene();
    struct buffer first, second;
    char path[256];

    grow(s, 0, 300);
    assert_int_equal(look(s), WITNESS_COSIGNED);
    fixture_run("rm -r %s && mkdir %s", s->log, s->log);
    grow(s, 0, 100);
    assert_int_equal(look(s), WITNESS_CUT);
    snprintf(path, sizeof path, "%s/alarm", s->state);
    buffer_init(&first);
    buffer_init(&second);
    assert_int_equal(file_read(path, 16384, &first), OK);
    assert_non_null(strstr(first.at, "\n300\n"));
    assert_non_null(strstr(first.at, "\n100\n"));
    fixture_run("rm %s/checkpoint", s->log, "");
    assert_int_equal(look(s), WITNESS_GONE);
    assert_int_equal(file_read(path, 16384, &second), OK);
    assert_true(slice_is(buffer_slice(&first), buffer_slice(&second)));
    buffer_wipe(&first);
    buffer_wipe(&second);
    scene_end(s);
}

TEST(a_memory_that_the_witness_did_not_sign_is_refused)
{
    struct scene *s = a_scene();

    grow(s, 0, 20);
    assert_int_equal(look(s), WITNESS_COSIGNED);
    fixture_run("cp %s/checkpoint %s/checkpoint", s->log, s->state);
    assert_int_equal(witness_recall(&s->witness), ERR_CORRUPT);
    scene_end(s);
}

TEST(what_cannot_be_written_is_not_remembered)
{
    struct scene *s = a_scene();

    grow(s, 0, 20);
    assert_int_equal(look(s), WITNESS_COSIGNED);
    grow(s, 20, 20);
    /* A folder in the way of the temporary file stops root too. */
    fixture_run("mkdir %s/checkpoint.new", s->state, "");
    assert_int_equal(witness_look(&s->witness, &s->files, 1795392000, &s->answer, problem), ERR_IO);
    assert_int_equal(s->witness.seen.size, 20);
    fixture_run("rmdir %s/checkpoint.new", s->state, "");
    assert_int_equal(look(s), WITNESS_COSIGNED);
    assert_int_equal(s->witness.seen.size, 40);
    scene_end(s);
}

TEST_MAIN
