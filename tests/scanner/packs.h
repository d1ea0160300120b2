/* tests/scanner/packs.h: packs of git that libgit2 or a test makes, and what is told of them */
#ifndef TESTS_SCANNER_PACKS_H
#define TESTS_SCANNER_PACKS_H

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
#include "scanner/object_id.h"
#include "scanner/pack.h"

/* What a walk told, counted; each thread its own. */
struct tally {
    uint64_t told, faults, bytes;
    uint64_t ids;    /* sum of the beginnings of all that were told, where the walk knows none */
    size_t id_bytes; /* of these; 0: it knows them */
    git_odb *odb;    /* NULL: contents are not compared */
    bool differs;
    const char *why;
};

static inline uint64_t id_beginning(const uint8_t *id)
{
    uint64_t number;

    memcpy(&number, id, sizeof number);
    return number;
}

static inline void object_note(void *thread, const struct pack_object *object)
{
    struct tally *t = thread;
    git_odb_object *truth = NULL;
    git_oid id;

    t->told++;
    t->bytes += object->content.size;
    if (t->id_bytes > 0) {
        uint8_t made[OBJECT_ID_MOST];

        assert_null(object->id);
        assert_int_equal(object_id(t->id_bytes, object->type, object->content, made), OK);
        t->ids += id_beginning(made);
    }
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

static inline void fault_note(void *thread, const struct pack_object *object, const char *why)
{
    struct tally *t = thread;

    assert_true(t->id_bytes > 0 || object->id != NULL);
    t->faults++;
    t->why = why;
}

static inline struct pack_visitor visitor_of(struct tally *tallies, unsigned count)
{
    struct pack_visitor v = { .object = object_note,
                              .fault = fault_note,
                              .thread_count = count,
                              .object_most = 10 << 20,
                              .held_most = 20 << 20,
                              .until_ns = UINT64_MAX };

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

static inline void file_take(const char *folder, const char *ending, struct buffer *content)
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
static inline void library_open(struct library *l)
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

static inline int file_remove(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

static inline void library_close(struct library *l)
{
    pack_index_wipe(&l->index);
    buffer_wipe(&l->pack);
    buffer_wipe(&l->bytes);
    git_odb_free(l->odb);
    git_repository_free(l->repository);
    git_libgit2_shutdown();
    assert_int_equal(nftw(l->folder, file_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
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
    const uint8_t *base_id; /* of the next REF_DELTA; NULL: that of its place */
};

static inline void craft_begin(struct craft *c)
{
    buffer_init(&c->pack);
    buffer_append(&c->pack, (struct slice){ "PACK\0\0\0\2\0\0\0\0", 12 });
    c->index = (struct pack_index){ .ids = c->ids,
                                    .id_bytes = 20,
                                    .offsets = c->offsets,
                                    .numbers = c->numbers,
                                    .places = c->places };
    c->base_id = NULL;
    c->deflater = libdeflate_alloc_compressor(1);
}

static inline void deflated_append(struct craft *c, struct slice bytes)
{
    char deflated[1024];
    size_t size =
        libdeflate_zlib_compress(c->deflater, bytes.at, bytes.size, deflated, sizeof deflated);

    buffer_append(&c->pack, (struct slice){ deflated, size });
}

/* `base` is its place, or the object's own for a cycle; of another pack when it is not there. */
static inline void craft_add(struct craft *c, enum pack_type type, uint32_t base,
                             struct slice content)
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

        buffer_append(&c->pack,
                      (struct slice){ c->base_id != NULL ? (const char *)c->base_id : id, 20 });
    } else if (type == PACK_OFS_DELTA) {
        digits[--at] = (char)(distance & 0x7f);
        while (distance >>= 7)
            digits[--at] = (char)(0x80 | (--distance & 0x7f));
        buffer_append(&c->pack, (struct slice){ digits + at, (size_t)(10 - at) });
    }
    deflated_append(c, content);
}

/* Its number of objects, and what stands behind them. */
static inline void craft_end(struct craft *c)
{
    c->offsets[c->index.count] = c->pack.size;
    c->pack.at[10] = (char)(c->index.count >> 8);
    c->pack.at[11] = (char)c->index.count;
    buffer_append(&c->pack, SLICE("twenty bytes of hash"));
    libdeflate_free_compressor(c->deflater);
}

static struct craft craft;

/* The base as it is, 100 bytes of it. */
#define COPY_100 ((struct slice){ "\x64\x64\x90\x64", 4 })

static char hundred[100];

#endif
