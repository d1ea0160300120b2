#include "../test.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/hex.h"
#include "desk.h"
#include "git_shell.h"

/* A repository with the secret in a blob that is told by its difference to another one, and in an
 * annotated tag, all in one pack. */
static void repository_pack(struct desk *d, const char *format)
{
    char command[600];

    snprintf(command, sizeof command,
             "git init -q --object-format=%s repo && cd repo && "
             "{ seq 3000; echo %s; seq 10; } > a && git add a && git commit -qm a && "
             "seq 3500 > a && git commit -qam b && git tag -am 'it is %s' v1 && git gc -q "
             "--aggressive && cp .git/objects/pack/*.pack ../bare",
             format, d->secret, d->secret);
    git_shell(d->folder, command, NULL);
}

static void both_are_found(struct desk *d, const char *name, size_t digits)
{
    const char *object;

    desk_scan(d, name, NULL);
    assert_int_equal(d->found_count, 2);
    assert_int_equal(d->incomplete_count, 0);
    object = strstr(d->place, " object ");
    assert_non_null(object);
    assert_int_equal(strspn(object + 8, "0123456789abcdef"), digits);
}

TEST(a_pack_tells_the_same_with_and_without_its_index)
{
    static const struct {
        const char *format;
        size_t digits;
    } rows[] = { { "sha1", 40 }, { "sha256", 64 } };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = desk_open();

        repository_pack(d, rows[i].format);
        both_are_found(d, "repo/.git", rows[i].digits);
        both_are_found(d, "bare", rows[i].digits);
        git_shell(d->folder,
                  "cd repo/.git/objects/pack && for i in *.idx; do chmod +w $i; git index-pack "
                  "--index-version=1 -o $i ${i%idx}pack; done",
                  NULL);
        both_are_found(d, "repo/.git", rows[i].digits);
        git_shell(
            d->folder,
            "cd repo/.git/objects/pack && for i in *.idx; do chmod +w $i; echo damaged > $i; done",
            NULL);
        both_are_found(d, "repo/.git", rows[i].digits);
        git_shell(d->folder, "rm -f repo/.git/objects/pack/*.idx", NULL);
        both_are_found(d, "repo/.git", rows[i].digits);
        desk_close(d);
    }
}

/* Of a file with many versions git keeps one whole; the key is put together and taken apart, by
 * what is put in and by what is taken out. */
TEST(a_key_that_differences_make_is_found_wherever_they_make_it)
{
    static const char *const before[] = { "%.*s____%s", "%.*s%s____", "____%.*s%s", "%.*s_%s" };
    struct desk *d = desk_open();
    char command[700], halves[100];

    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        bool is_there = i == 1 || i == 2; /* in the other version, too */

        snprintf(halves, sizeof halves, before[i], 20, d->secret, d->secret + 20);
        for (unsigned turned = 0; turned < 2; turned++) {
            snprintf(
                command, sizeof command,
                "rm -rf repo && git init -q repo && cd repo && { seq 3000; echo %s; seq 3000; } "
                "> a && git add a && git commit -qm a && { seq 3000; echo %s; seq 3000; } > a "
                "&& git commit -qam b && git gc -q --aggressive && git verify-pack -v "
                ".git/objects/pack/*.idx | grep -c '^chain length' >/dev/null",
                turned ? d->secret : halves, turned ? halves : d->secret);
            git_shell(d->folder, command, NULL);
            desk_scan(d, "repo/.git", NULL);
            assert_in_range(d->found_count, 1, is_there ? 2 : 1);
            assert_int_equal(d->incomplete_count, 0);
            assert_int_equal(d->line, 3001);
        }
    }
    desk_close(d);
}

TEST(a_pack_that_is_cut_off_is_said_with_what_is_in_it)
{
    struct desk *d = desk_open();

    repository_pack(d, "sha1");
    git_shell(d->folder, "head -c -100 bare > cut", NULL);
    desk_scan(d, "cut", NULL);
    assert_int_equal(d->incomplete_count, 1);
    assert_non_null(strstr(d->why, "is cut off"));
    assert_true(d->found_count >= 1); /* the tag stands in front */
    desk_close(d);
}

/* What scan_git says of these bytes in a pipe. */
static void piped_scan(struct desk *d, struct slice frames)
{
    const struct scan_listener listener = { .found = desk_found,
                                            .incomplete = desk_incomplete,
                                            .context = d };
    struct scan *scan;
    int ends[2];

    d->found_count = d->incomplete_count = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) >= (int)frames.size);
    assert_int_equal(file_write_all(ends[1], frames), OK);
    close(ends[1]);
    assert_int_equal(scan_open(&listener, &scan_limits_default, &scan), OK);
    scan_git(scan, "https://host/a.git", ends[0]);
    scan_close(&scan);
    close(ends[0]);
}

TEST(a_pack_out_of_a_pipe_is_looked_at_as_far_as_it_comes)
{
    struct desk *d = desk_open();
    struct buffer pack, frames;
    char size[4];

    repository_pack(d, "sha1");
    buffer_init(&pack);
    buffer_init(&frames);
    assert_int_equal(file_read(desk_path(d, "bare"), 1 << 20, &pack), OK);
    buffer_append(&frames, SLICE("F\1\0\0\0\x14P"));
    memcpy(size, (uint32_t[]){ (uint32_t)pack.size }, sizeof size);
    buffer_append(&frames, (struct slice){ size, sizeof size });
    buffer_append(&frames, buffer_slice(&pack));
    piped_scan(d, buffer_slice(&frames));
    assert_int_equal(d->found_count, 2);
    assert_int_equal(d->incomplete_count, 1);
    assert_string_equal(d->why, "the fetch ended halfway");
    buffer_append(&frames, SLICE("E\0\0\0\0"));
    piped_scan(d, buffer_slice(&frames));
    assert_int_equal(d->found_count, 2);
    assert_int_equal(d->incomplete_count, 0);
    assert_ptr_equal(strstr(d->place, "https://host/a.git object "), d->place);
    piped_scan(d, SLICE("T\4\0\0\0gone"));
    assert_int_equal(d->incomplete_count, 1);
    assert_string_equal(d->why, "gone");
    buffer_wipe(&pack);
    buffer_wipe(&frames);
    desk_close(d);
}

struct traces {
    size_t count;
    struct provenance_trace last;
};

static void trace_note(void *context, const char *object, const struct provenance_trace *trace)
{
    struct traces *t = context;

    assert_int_equal(strspn(object, "0123456789abcdef"), 40);
    t->last = *trace;
    t->count++;
}

/* The secret is the name of a folder and of a branch as well. */
TEST(objects_out_of_a_pipe_are_traced_without_the_secret)
{
    struct desk *d = desk_open();
    struct traces traces = { 0 };
    const struct scan_listener listener = { .traced = trace_note, .context = &traces };
    char command[600], size[4];
    struct buffer pack, frames, head;
    uint8_t id[OBJECT_ID_SHA1];
    struct scan *scan;
    int ends[2];

    snprintf(command, sizeof command,
             "git init -q repo && cd repo && mkdir %s && echo %s %s > %s/a && git add -A && "
             "git commit -qm a && git gc -q && cp .git/objects/pack/*.pack ../bare && "
             "git rev-parse HEAD",
             d->secret, d->secret, d->secret, d->secret);
    git_shell(d->folder, command, &head);
    assert_true(hex_parse((struct slice){ head.at, 40 }, id, sizeof id));
    buffer_init(&pack);
    buffer_init(&frames);
    assert_int_equal(file_read(desk_path(d, "bare"), 1 << 20, &pack), OK);
    buffer_append(&frames, SLICE("F\1\0\0\0\x14R\x50\0\0\0"));
    buffer_append(&frames, (struct slice){ (const char *)id, sizeof id });
    buffer_append(&frames, SLICE("ref: "));
    buffer_append(&frames, slice_of(d->secret));
    buffer_append(&frames, SLICE("P"));
    memcpy(size, (uint32_t[]){ (uint32_t)pack.size }, sizeof size);
    buffer_append(&frames, (struct slice){ size, sizeof size });
    buffer_append(&frames, buffer_slice(&pack));
    buffer_append(&frames, SLICE("E\0\0\0\0"));
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(file_write_all(ends[1], buffer_slice(&frames)), OK);
    close(ends[1]);
    assert_int_equal(scan_open(&listener, &scan_limits_default, &scan), OK);
    scan_git(scan, "https://host/a.git", ends[0]);
    assert_int_equal(scan_totals(scan).incomplete_count, 0);
    scan_close(&scan);
    close(ends[0]);
    assert_int_equal(traces.count, 2); /* the file, and the folder's name in its tree */
    assert_null(strstr(traces.last.path, d->secret));
    assert_null(strstr(traces.last.refs, d->secret));
    assert_non_null(strstr(traces.last.refs, "ref: lks_live_…"));
    buffer_wipe(&head);
    buffer_wipe(&pack);
    buffer_wipe(&frames);
    desk_close(d);
}

TEST_MAIN
