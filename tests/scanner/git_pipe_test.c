#include "../test.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/git_pipe.h"

/* Whole fetches through a pipe: tests/scenarios/scan.test.mjs. */
struct intake {
    size_t id_bytes;
    struct buffer bytes, refs;
    size_t most; /* bytes that are taken; 0: all */
};

static bool format_note(void *context, size_t id_bytes)
{
    ((struct intake *)context)->id_bytes = id_bytes;
    return true;
}

static bool ref_note(void *context, struct slice name, const uint8_t *id)
{
    struct intake *i = context;

    buffer_printf(&i->refs, "%c%c %.*s\n", id[0], id[i->id_bytes - 1], (int)name.size, name.at);
    return true;
}

static bool bytes_note(void *context, struct slice bytes)
{
    struct intake *i = context;

    buffer_append(&i->bytes, bytes);
    return i->most == 0 || i->bytes.size < i->most;
}

static struct git_pipe_taker taker_of(struct intake *intake)
{
    return (struct git_pipe_taker){ format_note, ref_note, bytes_note, intake };
}

/* As if somebody had sent `frames` and was gone. */
static enum git_pipe_end receive(struct slice frames, struct intake *intake, char *why)
{
    const struct git_pipe_taker taker = taker_of(intake);
    enum git_pipe_end end;
    int ends[2];

    buffer_init(&intake->bytes);
    buffer_init(&intake->refs);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(file_write_all(ends[1], frames), OK);
    close(ends[1]);
    end = git_pipe_receive(ends[0], &taker, why);
    close(ends[0]);
    return end;
}

TEST(a_pack_arrives_in_pieces)
{
    struct intake intake = { 0 };
    char why[GIT_WHY_SIZE];

    assert_int_equal(
        receive(SLICE("F\1\0\0\0\x14P\4\0\0\0PACKP\3\0\0\0etcE\0\0\0\0"), &intake, why),
        GIT_PIPE_ALL);
    assert_int_equal(intake.id_bytes, 20);
    assert_string_equal(intake.bytes.at, "PACKetc");
    buffer_wipe(&intake.bytes);
    intake.most = 4;
    assert_int_equal(
        receive(SLICE("F\1\0\0\0\x20P\4\0\0\0PACKP\3\0\0\0etcE\0\0\0\0"), &intake, why),
        GIT_PIPE_REFUSED);
    assert_int_equal(intake.id_bytes, 32);
    assert_string_equal(intake.bytes.at, "PACK");
    buffer_wipe(&intake.bytes);
}

TEST(refs_arrive_before_the_pack)
{
    struct intake intake = { 0 };
    char why[GIT_WHY_SIZE];

    assert_int_equal(receive(SLICE("F\1\0\0\0\x14"
                                   "R\x18\0\0\0a..................bHEAD"
                                   "R\x15\0\0\0c..................dx"
                                   "P\4\0\0\0PACKE\0\0\0\0"),
                             &intake, why),
                     GIT_PIPE_ALL);
    assert_string_equal(intake.refs.at, "ab HEAD\ncd x\n");
    buffer_wipe(&intake.bytes);
    buffer_wipe(&intake.refs);
}

TEST(what_went_wrong_is_said_by_whoever_knows_it)
{
    static const struct {
        struct slice frames;
        const char *why;
    } rows[] = {
        { SLICE("T\3\0\0\0why"), "why" },
        { SLICE("F\1\0\0\0\x14P\4\0\0\0PACKT\3\0\0\0why"), "why" },
        { SLICE_EMPTY, "halfway" },
        { SLICE("F\1\0\0\0\x14"), "halfway" },
        { SLICE("F\1\0\0\0\x14P\4\0\0\0PA"), "halfway" },
        { SLICE("F\1\0\0\0\x15P\4\0\0\0PACKE\0\0\0\0"), "halfway" },
        { SLICE("P\4\0\0\0PACKE\0\0\0\0"), "halfway" },
        { SLICE("F\1\0\0\0\x14"
                "F\1\0\0\0\x14"
                "E\0\0\0\0"),
          "halfway" },
        { SLICE("T\3\1\0\0why"), "halfway" },
        { SLICE("?\0\0\0\0"), "halfway" },
        { SLICE("E\1\0\0\0x"), "halfway" },
        { SLICE("R\1\0\0\0x"), "halfway" },
        { SLICE("F\1\0\0\0\x14R\1\0\0\0x"), "halfway" },
        { SLICE("F\1\0\0\0\x14R\xff\xff\0\0x"), "halfway" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct intake intake = { 0 };
        char why[GIT_WHY_SIZE];

        assert_int_equal(receive(rows[i].frames, &intake, why), GIT_PIPE_TROUBLE);
        assert_non_null(strstr(why, rows[i].why));
        buffer_wipe(&intake.bytes);
    }
}

TEST(of_what_is_not_wanted_nothing_comes)
{
    struct intake intake = { 0 };
    const struct git_pipe_taker taker = taker_of(&intake);
    struct git_remote *remote;
    char why[GIT_WHY_SIZE];
    int ends[2];

    assert_int_equal(git_remote_open("http://127.0.0.1:1/", &git_limits_default, &remote), OK);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(git_pipe_send(ends[1], remote, NULL, NULL), OK); /* of no refs */
    close(ends[1]);
    assert_int_equal(git_pipe_receive(ends[0], &taker, why),
                     GIT_PIPE_ALL);
    assert_int_equal(intake.id_bytes, 0);
    close(ends[0]);
    git_remote_close(&remote);
}

TEST(what_cannot_be_fetched_is_sent_as_trouble)
{
    static const struct {
        const char *url, *why;
    } rows[] = { { "https://me:word@example.com/a.git", "password" },
                 { "http://127.0.0.1:1/a.git", "cannot be fetched" } };

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct intake intake = { 0 };
        const struct git_pipe_taker taker = taker_of(&intake);
        char why[GIT_WHY_SIZE];
        int ends[2];

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_not_equal(git_pipe_send_all(ends[1], rows[i].url, &git_limits_default), OK);
        close(ends[1]);
        assert_int_equal(git_pipe_receive(ends[0], &taker, why),
                         GIT_PIPE_TROUBLE);
        assert_non_null(strstr(why, rows[i].why));
        assert_null(strstr(why, "me:word"));
        close(ends[0]);
        /* Nobody reads it. */
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        close(ends[0]);
        assert_int_equal(git_pipe_send_trouble(ends[1], "why"), ERR_IO);
        close(ends[1]);
    }
}

TEST_MAIN
