#include "../test.h"

#include <dirent.h>
#include <ftw.h>
#include <git2.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "scanner/pack.h"

/* What a walk told, counted; each thread its own. */
struct tally {
    uint64_t told, faults, bytes;
    git_odb *odb; /* NULL: contents are not compared */
    bool differs;
    const char *why;
};

static void object_note(void *thread, const struct pack_object *object)
{
    struct tally *t = thread;
    git_odb_object *truth = NULL;
    git_oid id;

    t->told++;
    t->bytes += object->content.size;
    if (t->odb == NULL)
        return;
    memcpy(id.id, object->id, sizeof id.id);
    if (git_odb_read(&truth, t->odb, &id) != 0 ||
        git_odb_object_size(truth) != object->content.size ||
        (unsigned)git_odb_object_type(truth) != object->type ||
        memcmp(git_odb_object_data(truth), object->content.at, object->content.size) != 0)
        t->differs = true;
    git_odb_object_free(truth);
}

static void fault_note(void *thread, const uint8_t *id, const char *why)
{
    struct tally *t = thread;

    assert_non_null(id);
    t->faults++;
    t->why = why;
}

static struct pack_visitor visitor_of(struct tally *tallies, unsigned count)
{
    struct pack_visitor v = { .object = object_note,
                              .fault = fault_note,
                              .thread_count = count,
                              .object_most = 10 << 20,
                              .held_most = 20 << 20 };

    for (unsigned i = 0; i < count; i++)
        v.threads[i] = &tallies[i];
    return v;
}

/* ---- Packs of libgit2, which is the oracle ---- */

enum { FAMILIES = 12, VERSIONS = 40 };

struct library {
    char folder[40];
    git_repository *repository;
    git_odb *odb;
    struct buffer pack, bytes;
    struct pack_index index;
};

static void file_take(const char *folder, const char *ending, struct buffer *content)
{
    char path[512] = "";
    DIR *list = opendir(folder);
    const struct dirent *entry;

    while ((entry = readdir(list)) != NULL)
        if (strstr(entry->d_name, ending) != NULL)
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    closedir(list);
    buffer_init(content);
    assert_int_equal(file_read(path, 100 << 20, content), OK);
    unlink(path);
}

/* Families of texts that differ a little, so that most are told by their differences. */
static void library_open(struct library *l)
{
    git_packbuilder *builder;
    char text[4000], name[32];
    git_oid id;

    snprintf(l->folder, sizeof l->folder, "/tmp/latchkey-pack-XXXXXX");
    assert_non_null(mkdtemp(l->folder));
    git_libgit2_init();
    assert_int_equal(git_repository_init(&l->repository, l->folder, 1), 0);
    assert_int_equal(git_repository_odb(&l->odb, l->repository), 0);
    assert_int_equal(git_packbuilder_new(&builder, l->repository), 0);
    for (unsigned f = 0; f < FAMILIES; f++) {
        snprintf(name, sizeof name, "family %u", f); /* git looks for bases among the same names */
        for (unsigned i = 0; i < sizeof text; i++)
            text[i] = (char)('a' + (i * (f + 3) * 7 + i * i / 11) % 26);
        for (unsigned v = 0; v < VERSIONS; v++) {
            snprintf(text + (v * 97) % 3900, 40, "version %u of %u", v, f);
            assert_int_equal(git_blob_create_from_buffer(&id, l->repository, text, sizeof text - v),
                             0);
            assert_int_equal(git_packbuilder_insert(builder, &id, name), 0);
        }
    }
    assert_int_equal(git_packbuilder_write(builder, l->folder, 0644, NULL, NULL), 0);
    git_packbuilder_free(builder);
    file_take(l->folder, ".pack", &l->pack);
    file_take(l->folder, ".idx", &l->bytes);
    assert_int_equal(pack_index_read(buffer_slice(&l->bytes), 20, l->pack.size, &l->index), OK);
}

static int file_remove(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

static void library_close(struct library *l)
{
    pack_index_wipe(&l->index);
    buffer_wipe(&l->pack);
    buffer_wipe(&l->bytes);
    git_odb_free(l->odb);
    git_repository_free(l->repository);
    git_libgit2_shutdown();
    assert_int_equal(nftw(l->folder, file_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static unsigned deltas_count(const struct library *l)
{
    struct pack_entry entry;
    unsigned count = 0;

    for (uint32_t i = 0; i < l->index.count; i++)
        count +=
            pack_entry_read(slice_from(buffer_slice(&l->pack), l->index.offsets[i]), 20, &entry) &&
            pack_entry_is_delta(&entry);
    return count;
}

TEST(every_object_is_told_once_and_as_libgit2_has_it)
{
    struct library l;

    library_open(&l);
    assert_true(deltas_count(&l) > FAMILIES * VERSIONS / 2);
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct tally tallies[3] = { 0 };
        struct pack_visitor v = visitor_of(tallies, threads);
        uint32_t unreached;

        tallies[0].odb = l.odb; /* one thread only asks it */
        assert_int_equal(pack_walk(buffer_slice(&l.pack), &l.index, &v, &unreached), OK);
        assert_int_equal(tallies[0].told + tallies[1].told + tallies[2].told, FAMILIES * VERSIONS);
        assert_int_equal(tallies[0].faults + tallies[1].faults + tallies[2].faults, 0);
        assert_int_equal(unreached, 0);
        assert_false(tallies[0].differs);
    }
    library_close(&l);
}

/* Whatever byte is another one, each object is told, or it is said that it was not. */
TEST(damage_is_said_and_nothing_is_left_out_silently)
{
    struct library l;
    size_t silent = 0, same = 0;

    library_open(&l);
    for (size_t at = 12; at + 20 < l.pack.size; at += 23) {
        struct tally tally = { .odb = NULL };
        struct pack_visitor v = visitor_of(&tally, 1);
        uint32_t unreached;

        l.pack.at[at] ^= 0x55;
        assert_int_equal(pack_walk(buffer_slice(&l.pack), &l.index, &v, &unreached), OK);
        assert_int_equal(tally.told + tally.faults + unreached, FAMILIES * VERSIONS);
        silent += tally.faults + unreached == 0;
        same++;
        l.pack.at[at] ^= 0x55;
    }
    /* A type may become another, which only a hash would tell. */
    assert_true(silent * 100 <= same * 5);
    library_close(&l);
}

TEST(a_pack_that_is_cut_or_none_is_refused)
{
    struct tally tally = { .odb = NULL };
    struct pack_visitor v = visitor_of(&tally, 1);
    struct pack_index index = { .id_bytes = 20 };
    uint32_t unreached;

    assert_int_equal(pack_walk(SLICE("PACK"), &index, &v, &unreached), ERR_MALFORMED);
    assert_int_equal(
        pack_walk(SLICE("PICK\0\0\0\2\0\0\0\0aaaaaaaaaaaaaaaaaaaa"), &index, &v, &unreached),
        ERR_MALFORMED);
    assert_int_equal(
        pack_walk(SLICE("PACK\0\0\0\4\0\0\0\0aaaaaaaaaaaaaaaaaaaa"), &index, &v, &unreached),
        ERR_MALFORMED);
}

/* ---- Packs made by hand ---- */

enum { CRAFT_MOST = 6000 };

struct craft {
    struct buffer pack;
    uint8_t ids[CRAFT_MOST * 20];
    uint64_t offsets[CRAFT_MOST + 1];
    uint32_t numbers[CRAFT_MOST], places[CRAFT_MOST];
    struct pack_index index;
    struct libdeflate_compressor *deflater;
};

static void craft_begin(struct craft *c)
{
    buffer_init(&c->pack);
    buffer_append(&c->pack, (struct slice){ "PACK\0\0\0\2\0\0\0\0", 12 });
    c->index = (struct pack_index){ .ids = c->ids,
                                    .id_bytes = 20,
                                    .offsets = c->offsets,
                                    .numbers = c->numbers,
                                    .places = c->places };
    c->deflater = libdeflate_alloc_compressor(1);
}

static void deflated_append(struct craft *c, struct slice bytes)
{
    char deflated[1024];
    size_t size =
        libdeflate_zlib_compress(c->deflater, bytes.at, bytes.size, deflated, sizeof deflated);

    buffer_append(&c->pack, (struct slice){ deflated, size });
}

/* `base` is its place, or the object's own for a cycle; of another pack when it is not there. */
static void craft_add(struct craft *c, enum pack_type type, uint32_t base, struct slice content)
{
    uint32_t place = c->index.count++;
    uint64_t distance = c->pack.size - c->offsets[base < place ? base : place];
    char digits[10];
    int at = 10;

    c->offsets[place] = c->pack.size;
    c->numbers[place] = c->places[place] = place;
    memset(c->ids + place * 20, 0, 20);
    c->ids[place * 20] = (uint8_t)(place >> 8);
    c->ids[place * 20 + 1] = (uint8_t)place;
    buffer_append_char(&c->pack, (char)(type << 4 | 0x80 | (content.size & 15)));
    buffer_append_char(&c->pack, (char)(content.size >> 4));
    if (type == PACK_REF_DELTA) {
        char id[20] = { (char)(base >> 8), (char)base };

        buffer_append(&c->pack, (struct slice){ id, 20 });
    } else if (type == PACK_OFS_DELTA) {
        digits[--at] = (char)(distance & 0x7f);
        while (distance >>= 7)
            digits[--at] = (char)(0x80 | (--distance & 0x7f));
        buffer_append(&c->pack, (struct slice){ digits + at, (size_t)(10 - at) });
    }
    deflated_append(c, content);
}

static struct tally craft_walk(struct craft *c, uint64_t held_most, uint32_t *unreached)
{
    struct tally tally = { .odb = NULL };
    struct pack_visitor v = visitor_of(&tally, 1);

    v.held_most = held_most;
    c->offsets[c->index.count] = c->pack.size;
    buffer_append(&c->pack, SLICE("twenty bytes of hash"));
    assert_int_equal(pack_walk(buffer_slice(&c->pack), &c->index, &v, unreached), OK);
    libdeflate_free_compressor(c->deflater);
    buffer_wipe(&c->pack);
    return tally;
}

static struct craft craft;

/* The base as it is, 100 bytes of it. */
#define COPY_100 ((struct slice){ "\x64\x64\x90\x64", 4 })

static char hundred[100];

TEST(a_chain_of_any_length_holds_two_objects)
{
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    for (uint32_t i = 1; i < 5000; i++)
        craft_add(&craft, i % 2 ? PACK_OFS_DELTA : PACK_REF_DELTA, i - 1, COPY_100);
    tally = craft_walk(&craft, 250, &unreached);
    assert_int_equal(tally.told, 5000);
    assert_int_equal(tally.faults + unreached, 0);
    assert_int_equal(tally.bytes, 500000);
}

TEST(cycles_and_bases_that_are_elsewhere_are_counted)
{
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    craft_add(&craft, PACK_REF_DELTA, 1, COPY_100); /* itself */
    craft_add(&craft, PACK_REF_DELTA, 3, COPY_100); /* each other */
    craft_add(&craft, PACK_REF_DELTA, 2, COPY_100);
    craft_add(&craft, PACK_REF_DELTA, 5999, COPY_100); /* a thin pack */
    craft_add(&craft, PACK_REF_DELTA, 4, COPY_100);
    tally = craft_walk(&craft, 1 << 20, &unreached);
    assert_int_equal(tally.told, 1);
    assert_int_equal(tally.faults, 0);
    assert_int_equal(unreached, 5);
}

TEST(what_takes_more_than_may_be_held_is_said)
{
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_BLOB, 0, (struct slice){ hundred, sizeof hundred });
    for (uint32_t i = 1; i < 10; i++) {
        craft_add(&craft, PACK_OFS_DELTA, i == 1 ? 0 : i - 2, COPY_100); /* two each */
    }
    tally = craft_walk(&craft, 250, &unreached);
    assert_true(tally.faults > 0);
    assert_string_equal(tally.why, "is too large");
    assert_int_equal(tally.told + tally.faults + unreached, 10);
}

TEST(a_delta_that_lies_is_said)
{
    static const struct slice lies[] = {
        { "\x63\x64\x90\x64", 4 },         /* of another base */
        { "\x64\x65\x90\x64", 4 },         /* makes less than it says */
        { "\x64\x63\x90\x64", 4 },         /* and more */
        { "\x64\xff\xff\xff\xff\x7f", 6 }, /* huge */
        { "\x64", 1 },
        { "", 0 },
    };
    struct tally tally;
    uint32_t unreached;

    craft_begin(&craft);
    craft_add(&craft, PACK_TREE, 0, (struct slice){ hundred, sizeof hundred });
    for (uint32_t i = 0; i < sizeof lies / sizeof *lies; i++)
        craft_add(&craft, PACK_OFS_DELTA, 0, lies[i]);
    tally = craft_walk(&craft, 1 << 20, &unreached);
    assert_int_equal(tally.told, 1);
    assert_int_equal(tally.faults, sizeof lies / sizeof *lies);
}

TEST_MAIN
