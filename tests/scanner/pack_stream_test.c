#include "../test.h"

#include "base/hex.h"
#include "git_shell.h"
#include "packs.h"
#include "scanner/pack_stream.h"

enum { ALL_AT_ONCE = 0 };

#define PACK_MOST (UINT64_C(100) << 20)

/* What came of a stream. */
struct outcome {
    struct tally tally;
    uint32_t unreached;
    enum err e;
    const char *why;
};

static struct outcome stream_run(struct slice pack, size_t id_bytes, size_t piece,
                                 const struct pack_visitor *limits)
{
    struct tally tallies[2] = { { .id_bytes = id_bytes }, { .id_bytes = id_bytes } };
    struct pack_visitor v = visitor_of(tallies, 2);
    struct pack_stream *stream = NULL;
    struct outcome o = { .e = OK };

    if (limits != NULL) {
        v.object_most = limits->object_most;
        v.held_most = limits->held_most;
        v.until_ns = limits->until_ns;
        v.thread_count = limits->thread_count;
    }
    assert_int_equal(pack_stream_open(id_bytes, PACK_MOST, &v, &stream), OK);
    if (piece == ALL_AT_ONCE)
        pack_stream_take_all(stream, pack);
    for (size_t at = 0; piece != ALL_AT_ONCE && o.e == OK && at < pack.size; at += piece) {
        size_t size = pack.size - at < piece ? pack.size - at : piece;
        char *copy = malloc(size); /* so that a look beyond it is noticed */

        memcpy(copy, pack.at + at, size);
        o.e = pack_stream_take(stream, (struct slice){ copy, size });
        free(copy);
    }
    o.e = pack_stream_end(stream, &o.unreached);
    o.why = pack_stream_why(stream);
    pack_stream_close(&stream);
    pack_stream_close(&stream);
    o.tally = tallies[0];
    o.tally.told += tallies[1].told;
    o.tally.faults += tallies[1].faults;
    o.tally.bytes += tallies[1].bytes;
    o.tally.ids += tallies[1].ids;
    return o;
}

/* ---- Packs of git itself ---- */

static char folder[40];

static void command_run(const char *command, struct buffer *output)
{
    git_shell(folder, command, output);
}

static void command_do(const char *command)
{
    git_shell(folder, command, NULL);
}

static void repository_make(const char *format)
{
    char command[100];

    snprintf(folder, sizeof folder, "/tmp/latchkey-stream-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "git init -q --object-format=%s", format);
    command_do(command);
    command_do("for i in $(seq 1 12); do seq $i 3 $((i * 400)) > a; seq 1 900 | sed "
               "\"s/^$i./changed/\" > b; git add .; git commit -qm \"commit $i\"; done; "
               "git tag -am annotated v1; git notes add -m noted");
}

/* The beginnings of the ids of all objects that git knows of, summed up. */
static uint64_t ids_of_git(size_t id_bytes, uint64_t *count)
{
    struct buffer output;
    struct slice rest;
    uint64_t sum = 0;
    uint8_t id[OBJECT_ID_MOST];

    command_run("git cat-file --batch-all-objects --batch-check='%(objectname)'", &output);
    *count = 0;
    for (rest = buffer_slice(&output); rest.size > 2 * id_bytes;
         rest = slice_from(rest, 2 * id_bytes + 1)) {
        assert_true(hex_parse((struct slice){ rest.at, 2 * id_bytes }, id, id_bytes));
        sum += id_beginning(id);
        ++*count;
    }
    buffer_wipe(&output);
    return sum;
}

static void folder_remove(void)
{
    assert_int_equal(nftw(folder, file_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void pack_make(const char *options, struct buffer *pack)
{
    char command[300];

    snprintf(command, sizeof command,
             "git cat-file --batch-all-objects --batch-check='%%(objectname) %%(objecttype)' | "
             "git pack-objects -q --stdout %s",
             options);
    command_run(command, pack);
}

TEST(every_object_is_told_once_whatever_the_pack_and_the_pieces)
{
    static const struct {
        const char *format, *options;
        size_t id_bytes;
    } rows[] = { { "sha1", "--delta-base-offset", 20 },
                 { "sha1", "", 20 }, /* deltas name their bases */
                 { "sha1", "--window=0", 20 },
                 { "sha256", "--delta-base-offset", 32 },
                 { "sha256", "", 32 } };
    static const size_t pieces[] = { ALL_AT_ONCE, 1, 7, 997, 65536 };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t count, ids;
        struct buffer pack;

        repository_make(rows[i].format);
        ids = ids_of_git(rows[i].id_bytes, &count);
        assert_true(count > 40);
        pack_make(rows[i].options, &pack);
        assert_int_equal(object_id_of_file(buffer_slice(&pack)), rows[i].id_bytes);
        for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
            struct outcome o = stream_run(buffer_slice(&pack), rows[i].id_bytes, pieces[p], NULL);

            assert_int_equal(o.e, OK);
            assert_int_equal(o.tally.told, count);
            assert_true(o.tally.ids == ids);
            assert_int_equal(o.tally.faults + o.unreached, 0);
        }
        buffer_wipe(&pack);
        folder_remove();
    }
}

TEST(wherever_it_is_cut_that_is_said_and_what_has_come_is_told)
{
    struct buffer pack;
    uint64_t before = 0;

    repository_make("sha1");
    pack_make("--delta-base-offset", &pack);
    for (size_t size = 0; size < pack.size; size += 1 + size / 100) {
        struct outcome o = stream_run((struct slice){ pack.at, size }, 20, 1000, NULL);

        assert_int_equal(o.e, ERR_MALFORMED);
        assert_non_null(strstr(o.why, "is cut off"));
        assert_true(o.tally.told >= before);
        before = o.tally.told;
    }
    assert_true(before > 40);
    buffer_append_char(&pack, 'x');
    assert_int_equal(stream_run(buffer_slice(&pack), 20, 1000, NULL).e, ERR_MALFORMED);
    assert_string_equal(stream_run(buffer_slice(&pack), 20, ALL_AT_ONCE, NULL).why,
                        "has bytes behind it that belong to nothing");
    buffer_wipe(&pack);
    folder_remove();
}

TEST(damage_is_said_and_nothing_is_left_out_silently)
{
    uint64_t count, ids;
    size_t silent = 0, tried = 0;
    struct buffer pack;

    repository_make("sha1");
    ids = ids_of_git(20, &count);
    pack_make("--delta-base-offset", &pack);
    for (size_t at = 0; at < pack.size - 20; at += 1 + at % 7) {
        struct outcome o;

        pack.at[at] ^= 0x55;
        o = stream_run(buffer_slice(&pack), 20, at % 2 ? ALL_AT_ONCE : 4096, NULL);
        silent += o.e == OK && o.unreached == 0 && o.tally.faults == 0 &&
                  (o.tally.told != count || o.tally.ids != ids);
        tried++;
        pack.at[at] ^= 0x55;
    }
    /* A type or a base may become another, which only a hash would tell. */
    assert_true(tried > 500);
    assert_true(silent * 100 <= tried * 5);
    buffer_wipe(&pack);
    folder_remove();
}

/* ---- Packs made by hand ---- */

static struct outcome craft_run(struct craft *c, size_t piece, const struct pack_visitor *limits)
{
    struct outcome o;

    craft_end(c);
    o = stream_run(buffer_slice(&c->pack), 20, piece, limits);
    buffer_wipe(&c->pack);
    return o;
}

static const struct pack_visitor tight = {
    .object_most = 150, .held_most = 250, .until_ns = UINT64_MAX, .thread_count = 1
};

TEST(a_chain_of_any_length_holds_two_objects)
{
    struct outcome o;

    craft_begin(&craft);
    craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    for (uint32_t i = 1; i < 5000; i++)
        craft_add(&craft, PACK_OFS_DELTA, i - 1, COPY_100);
    o = craft_run(&craft, 4096, &tight);
    assert_int_equal(o.e, OK);
    assert_int_equal(o.tally.told, 5000);
    assert_int_equal(o.tally.faults + o.unreached, 0);
    assert_int_equal(o.tally.bytes, 500000);
}

TEST(bases_that_are_named_are_found_before_and_behind_and_adopt_once)
{
    uint8_t id[OBJECT_ID_MOST];
    struct outcome o;

    assert_int_equal(object_id(20, PACK_BLOB, (struct slice){ hundred, sizeof hundred }, id), OK);
    craft_begin(&craft);
    craft.base_id = id;
    craft_add(&craft, PACK_REF_DELTA, 0, COPY_100);
    for (unsigned i = 0; i < 3; i++) /* the same object, three times */
        craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    craft_add(&craft, PACK_OFS_DELTA, 1, COPY_100);
    craft_add(&craft, PACK_REF_DELTA, 0, COPY_100);
    craft.base_id = NULL;
    craft_add(&craft, PACK_REF_DELTA, 5999, COPY_100); /* elsewhere: a thin pack */
    craft_add(&craft, PACK_OFS_DELTA, 6, COPY_100);
    o = craft_run(&craft, 13, NULL);
    assert_int_equal(o.e, OK);
    assert_int_equal(o.tally.told, 6);
    assert_int_equal(o.unreached, 2);
}

TEST(what_is_too_large_is_said_and_the_rest_is_told)
{
    static const char large[400];
    struct outcome o;

    for (size_t piece = 0; piece < 40; piece += 9) {
        craft_begin(&craft);
        craft_add(&craft, PACK_BLOB, 0, (struct slice){ large, sizeof large });
        craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
        craft_add(&craft, PACK_OFS_DELTA, 0, COPY_100);
        craft_add(&craft, PACK_OFS_DELTA, 1, COPY_100);
        o = craft_run(&craft, piece, &tight);
        assert_int_equal(o.e, OK);
        assert_int_equal(o.tally.told, 2);
        assert_int_equal(o.tally.faults, 1);
        assert_string_equal(o.tally.why, "is too large");
        assert_int_equal(o.unreached, 1);
    }
}

TEST(there_is_an_end_to_bytes_and_to_time)
{
    struct pack_visitor late = tight;
    struct tally tally = { .id_bytes = 20 };
    struct pack_visitor v = visitor_of(&tally, 1);
    struct pack_stream *stream;
    struct outcome o;
    uint32_t unreached;

    craft_begin(&craft);
    for (uint32_t i = 0; i < 100; i++)
        craft_add(&craft, i == 0 ? PACK_BLOB : PACK_OFS_DELTA, 0,
                  i == 0 ? (struct slice){ hundred, sizeof hundred } : COPY_100);
    late.until_ns = 1;
    o = craft_run(&craft, 64, &late);
    assert_int_equal(o.e, ERR_FULL);
    assert_string_equal(o.why, "takes too long");
    assert_true(o.tally.told < 5);

    assert_int_equal(pack_stream_open(20, 20, &v, &stream), OK);
    assert_int_equal(pack_stream_take(stream, SLICE("PACK\0\0\0\2\0\0\0\1")), OK);
    assert_int_equal(pack_stream_take(stream, SLICE("twenty bytes")), ERR_FULL);
    assert_int_equal(pack_stream_take(stream, SLICE("a")), ERR_FULL);
    assert_int_equal(pack_stream_end(stream, &unreached), ERR_FULL);
    assert_string_equal(pack_stream_why(stream), "is larger than is looked at");
    pack_stream_close(&stream);
}

TEST(what_is_no_pack_is_refused_and_an_empty_one_is_not)
{
    static const struct {
        struct slice bytes;
        enum err e;
    } rows[] = {
        { SLICE_EMPTY, ERR_MALFORMED },
        { SLICE("PACK\0\0\0\2"), ERR_MALFORMED },
        { SLICE("PACK\0\0\0\4\0\0\0\0twenty bytes of hash"), ERR_MALFORMED },
        { SLICE("<html> a page instead of it"), ERR_MALFORMED },
        { SLICE("PACK\0\0\0\2\0\0\0\0twenty bytes of hash"), OK },
        { SLICE("PACK\0\0\0\2\xff\xff\xff\xfftwenty bytes of hash"), ERR_MALFORMED },
        /* A blob of a terabyte, in ten bytes. */
        { SLICE("PACK\0\0\0\2\0\0\0\1\xbf\xff\xff\xff\xff\xff\1\x78\x9ctwenty bytes of hash"),
          ERR_MALFORMED },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 0; piece < 14; piece++) {
            struct outcome o = stream_run(rows[i].bytes, 20, piece, NULL);

            assert_int_equal(o.e, rows[i].e);
            assert_int_equal(o.tally.told + o.unreached, 0);
        }
}

TEST_MAIN
