#include "../test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hex.h"
#include "desk.h"
#include "git_shell.h"
#include "scanner/pack_stream.h"
#include "scanner/provenance.h"

/* A file that comes in a folder, moves, changes, goes on one branch and stays on another. */
#define HISTORY                                                                               \
    "git init -q -b main --object-format=%s r && cd r && t() { export GIT_AUTHOR_DATE=\"$1 "  \
    "+0100\" "                                                                                \
    "GIT_COMMITTER_DATE=\"$1 +0000\"; } && t 1700000000 && echo a > a && git add a && "       \
    "git commit -qm a && git branch old && t 1700000100 && mkdir -p src/deep && "             \
    "echo key > src/deep/config.js && git add -A && git commit -qm b && git tag light && "    \
    "t 1700000200 && mkdir lib && git mv src/deep/config.js lib/c.js && git commit -qm c && " \
    "git tag -am it v1 && git branch keeps && t 1700000300 && git rm -q lib/c.js && "         \
    "git commit -qm d && t 1700000400 && git commit -q --allow-empty -m 'e: the word' && "    \
    "git notes add -m noted && git gc -q"

struct repository {
    struct desk *desk;
    size_t id_bytes;
    struct provenance *p;
    struct buffer pack;
};

static void git_line(const struct repository *r, const char *command, char *line, size_t size)
{
    char text[600];
    struct buffer said;

    snprintf(text, sizeof text, "cd r && %s", command);
    git_shell(r->desk->folder, text, &said);
    snprintf(line, size, "%.*s", (int)strcspn(said.at, "\n"), said.at);
    buffer_wipe(&said);
}

static struct repository repository_open(const char *format, size_t id_bytes)
{
    struct repository r = { .desk = desk_open(), .id_bytes = id_bytes };
    char command[1400], path[FILE_PATH_SIZE];
    struct buffer refs;

    snprintf(command, sizeof command, HISTORY, format);
    git_shell(r.desk->folder, command, NULL);
    git_shell(r.desk->folder, "cp r/.git/objects/pack/*.pack pack", NULL);
    snprintf(path, sizeof path, "%s/pack", r.desk->folder);
    buffer_init(&r.pack);
    assert_int_equal(file_read(path, 1 << 20, &r.pack), OK);
    assert_int_equal(provenance_open(id_bytes, &r.p), OK);
    git_shell(r.desk->folder, "cd r && git for-each-ref --format='%(objectname) %(refname)'",
              &refs);
    for (char *rest = refs.at, *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0';) {
        uint8_t id[OBJECT_ID_MOST];

        assert_true(hex_parse((struct slice){ line, 2 * id_bytes }, id, id_bytes));
        provenance_ref(r.p, slice_of(line + 2 * id_bytes + 1), id);
    }
    buffer_wipe(&refs);
    return r;
}

static void repository_close(struct repository *r)
{
    provenance_close(&r->p);
    buffer_wipe(&r->pack);
    desk_close(r->desk);
}

static void object_pass(void *thread, const struct pack_object *object)
{
    provenance_object(thread, object->type, object->content);
}

static void fault_fail(void *thread, const struct pack_object *object, const char *why)
{
    (void)thread, (void)object;
    fail_msg("%s", why);
}

static void pack_show(struct repository *r)
{
    const struct pack_visitor visitor = { .object = object_pass,
                                          .fault = fault_fail,
                                          .threads = { r->p },
                                          .thread_count = 1,
                                          .object_most = 1 << 20,
                                          .held_most = 1 << 20,
                                          .until_ns = UINT64_MAX };
    struct pack_stream *stream;
    uint32_t unreached;

    assert_int_equal(pack_stream_open(r->id_bytes, 1 << 30, &visitor, &stream), OK);
    pack_stream_take_all(stream, buffer_slice(&r->pack));
    assert_int_equal(pack_stream_end(stream, &unreached), OK);
    pack_stream_close(&stream);
}

static void id_of(const struct repository *r, const char *name, uint8_t id[OBJECT_ID_MOST])
{
    char command[100], hex[100];

    snprintf(command, sizeof command, "git rev-parse %s", name);
    git_line(r, command, hex, sizeof hex);
    assert_true(hex_parse(slice_of(hex), id, r->id_bytes));
}

/* Each wanted object, and what git says of it. */
static const struct {
    const char *object, *commit, *path, *refs, *tips, *time;
} rows[] = {
    { "light:src/deep/config.js", "light", "src/deep/config.js",
      "refs/heads/keeps refs/heads/main refs/tags/light refs/tags/v1",
      "refs/heads/keeps refs/tags/light refs/tags/v1", "2023-11-14T22:15:00.000Z" },
    { "light:src", "light", "src", "refs/heads/keeps refs/heads/main refs/tags/light refs/tags/v1",
      "refs/tags/light", "2023-11-14T22:15:00.000Z" },
    { "old:a", "old", "a",
      "refs/heads/keeps refs/heads/main refs/heads/old refs/tags/light refs/tags/v1",
      "refs/heads/keeps refs/heads/main refs/heads/old refs/tags/light refs/tags/v1",
      "2023-11-14T22:13:20.000Z" },
    { "main", "main", "", "refs/heads/main", "refs/heads/main", "2023-11-14T22:20:00.000Z" },
    { "v1^{tree}", "v1^{}", "", "refs/heads/keeps refs/heads/main refs/tags/v1",
      "refs/heads/keeps refs/tags/v1", "2023-11-14T22:16:40.000Z" },
    { "v1", NULL, "", "refs/tags/v1", "refs/tags/v1", "" },
    { "refs/notes/commits:$(git rev-parse main)", "refs/notes/commits", NULL, "refs/notes/commits",
      "refs/notes/commits", "2023-11-14T22:20:00.000Z" },
};

static void rows_check(const char *format, size_t id_bytes)
{
    struct repository r = repository_open(format, id_bytes);
    struct provenance_trace trace;
    uint8_t id[OBJECT_ID_MOST];
    char commit[100], command[100];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        id_of(&r, rows[i].object, id);
        provenance_want(r.p, id);
    }
    pack_show(&r);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        id_of(&r, rows[i].object, id);
        assert_int_equal(provenance_trace(r.p, id, &trace), OK);
        commit[0] = '\0';
        snprintf(command, sizeof command, "git rev-parse %s", rows[i].commit);
        if (rows[i].commit != NULL)
            git_line(&r, command, commit, sizeof commit);
        assert_string_equal(trace.commit, commit);
        if (rows[i].path != NULL)
            assert_string_equal(trace.path, rows[i].path);
        assert_string_equal(trace.refs, rows[i].refs);
        assert_string_equal(trace.tips, rows[i].tips);
        assert_string_equal(trace.author, rows[i].commit == NULL ? "" : "a <a@example.com>");
        assert_string_equal(trace.committer, trace.author);
        assert_string_equal(trace.author_time, rows[i].time);
        assert_string_equal(trace.commit_time, rows[i].time);
    }
    id_of(&r, "main^{tree}", id);
    assert_int_equal(provenance_trace(r.p, id, &trace), ERR_MISSING); /* was not wanted */
    repository_close(&r);
}

TEST(what_git_says_of_an_object_is_what_its_pack_tells)
{
    rows_check("sha1", OBJECT_ID_SHA1);
}

TEST(a_repository_of_sha_256_is_no_other)
{
    rows_check("sha256", OBJECT_ID_SHA256);
}

static void made(struct provenance *p, enum pack_type type, const char *text, size_t size,
                 uint8_t id[OBJECT_ID_MOST])
{
    const struct slice content = { text, size };

    assert_int_equal(object_id(OBJECT_ID_SHA1, type, content, id), OK);
    provenance_object(p, type, content);
}

/* Whoever makes objects may make them as he likes. */
TEST(damaged_objects_and_loops_lead_nowhere)
{
    static const char *const commits[] = {
        "", "tree", "tree 12\n", "tree \n\n", "parent x\n", "tree zz\nparent \n",
    };
    static const char *const trees[] = {
        "", "40000", "40000 a", "40000 a\0", "40000 a\0short", " "
    };
    struct provenance_trace trace;
    uint8_t blob[OBJECT_ID_MOST] = { 1 }, id[OBJECT_ID_MOST];
    struct provenance *p;

    assert_int_equal(provenance_open(OBJECT_ID_SHA1, &p), OK);
    provenance_want(p, blob);
    for (size_t i = 0; i < sizeof commits / sizeof *commits; i++) {
        made(p, PACK_COMMIT, commits[i], strlen(commits[i]), id);
        made(p, PACK_TAG, commits[i], strlen(commits[i]), id);
    }
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        made(p, PACK_TREE, trees[i], strlen(trees[i]) + (i > 2), id);
    assert_int_equal(provenance_trace(p, blob, &trace), ERR_MISSING);
    provenance_close(&p);
}

TEST(long_and_strange_names_are_cut_and_shown)
{
    char tree[700], commit[400], hex[2 * OBJECT_ID_SHA1 + 1];
    uint8_t blob[OBJECT_ID_MOST] = { 1 }, id[OBJECT_ID_MOST];
    struct provenance_trace trace;
    struct provenance *p;
    size_t size;

    assert_int_equal(provenance_open(OBJECT_ID_SHA1, &p), OK);
    provenance_want(p, blob);
    size = (size_t)snprintf(tree, sizeof tree, "100644 %0600d", 7) + 1;
    memcpy(tree + size, blob, OBJECT_ID_SHA1);
    made(p, PACK_TREE, tree, size + OBJECT_ID_SHA1, id);
    hex_format(id, OBJECT_ID_SHA1, hex);
    size = (size_t)snprintf(commit, sizeof commit,
                            "tree %s\nauthor A\tB <x> 99999999999999999 +0\ncommitter nobody\n\n",
                            hex);
    made(p, PACK_COMMIT, commit, size, id);
    provenance_ref(p, SLICE("refs/heads/\x1bred"), id);
    assert_int_equal(provenance_trace(p, blob, &trace), OK);
    assert_int_equal(strlen(trace.path), PROVENANCE_TEXT_SIZE - 1);
    assert_string_equal(trace.path + PROVENANCE_TEXT_SIZE - 6, "00...");
    assert_string_equal(trace.author, "A?B <x>");
    assert_string_equal(trace.author_time, "");
    assert_string_equal(trace.committer, "nobody");
    assert_string_equal(trace.refs, "refs/heads/?red");
    provenance_close(&p);
}

TEST_MAIN
