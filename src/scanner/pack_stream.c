#include "scanner/pack_stream.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "scanner/object_id.h"

enum {
    ROOM_LEAST = 1 << 20,
    SKIP_BYTES = 64 * 1024,
    DEFLATE_RATIO_MOST = 1032, /* of zlib's own documentation: 258 bytes from two bits */
    DEFLATE_MORE = 1 << 20,    /* beyond twice its size nobody's deflated object goes */
    HEAD_MOST = 10 + 10 + OBJECT_ID_MOST,
};

/* What is looked at only to find its end. */
#define SKIPPED_MOST (UINT64_C(16) << 30)

struct pack_stream {
    const struct pack_visitor *visitor;
    uint64_t bytes_most;
    struct slice bytes; /* all that has come */
    char *own;          /* its memory, `room` of it; NULL: somebody else's */
    size_t room;
    bool has_head, has_deltas;
    uint32_t object_count; /* that its head says */
    struct pack_index
        index; /* offsets only, of those that are whole; the next one begins at `at` */
    size_t offset_room;
    uint64_t at;
    size_t try_at; /* not before so many bytes have come */
    char *content;
    size_t content_room;
    struct libdeflate_decompressor *inflater;
    enum err e;
    const char *why;
};

enum progress { WHOLE, NOT_YET, WRONG };

static enum err stream_fail(struct pack_stream *s, enum err e, const char *why)
{
    if (s->e == OK) {
        s->e = e;
        s->why = why;
    }
    return s->e;
}

/* ---- One object ---- */

static bool content_reserve(struct pack_stream *s, size_t size)
{
    if (size < s->content_room)
        return true;
    free(s->content);
    s->content = malloc(size + 1);
    s->content_room = s->content == NULL ? 0 : size + 1;
    return s->content != NULL;
}

/* Whether it makes sense to inflate: there may be enough. */
static bool is_plausible(struct slice deflated, uint64_t size)
{
    return deflated.size >= size / DEFLATE_RATIO_MOST;
}

/* Into `content`; `*used`: bytes that it takes deflated. */
static enum progress inflate_whole(struct pack_stream *s, struct slice deflated, uint64_t size,
                                   size_t *used)
{
    size_t got;

    if (libdeflate_zlib_decompress_ex(s->inflater, deflated.at, deflated.size, s->content, size,
                                      used, &got) == LIBDEFLATE_SUCCESS)
        return got == size ? WHOLE : WRONG;
    /* Nothing tells damage from too few bytes: behind the last one it goes on with zeros. */
    return deflated.size > 2 * size + DEFLATE_MORE ? WRONG : NOT_YET;
}

/* Only to know where it ends. */
static enum progress inflate_skip(struct slice deflated, uint64_t size, size_t *used)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)deflated.at };
    uint8_t waste[SKIP_BYTES];
    size_t left = deflated.size;
    int code = Z_OK;

    if (size > SKIPPED_MOST || inflateInit(&z) != Z_OK)
        return WRONG;
    while (code == Z_OK && z.total_out <= size && (left > 0 || z.avail_in > 0)) {
        if (z.avail_in == 0) {
            z.avail_in = left > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)left;
            left -= z.avail_in;
        }
        z.next_out = waste;
        z.avail_out = sizeof waste;
        code = inflate(&z, Z_NO_FLUSH);
    }
    *used = z.total_in;
    inflateEnd(&z);
    if (code == Z_STREAM_END)
        return z.total_out == size ? WHOLE : WRONG;
    return (code == Z_OK || code == Z_BUF_ERROR) && z.total_out <= size ? NOT_YET : WRONG;
}

static bool offset_note(struct pack_stream *s, uint64_t end)
{
    if (s->index.count + (size_t)2 > s->offset_room) {
        size_t room = s->offset_room * 2 + 1024;
        uint64_t *offsets = realloc(s->index.offsets, room * sizeof *offsets);

        if (offsets == NULL)
            return false;
        s->index.offsets = offsets;
        s->offset_room = room;
    }
    s->index.offsets[s->index.count++] = s->at;
    s->index.offsets[s->index.count] = end;
    s->at = end;
    return true;
}

/* The object at `at` has come, whole. */
static bool object_tell(struct pack_stream *s, const struct pack_entry *entry)
{
    const struct pack_visitor *v = s->visitor;
    struct pack_object object = { .offset = s->at, .type = entry->type };

    if (pack_entry_is_delta(entry)) {
        s->has_deltas = true;
    } else if (entry->size > v->object_most) {
        v->fault(v->threads[0], &object, "is too large");
    } else {
        object.content = (struct slice){ s->content, entry->size };
        v->object(v->threads[0], &object);
    }
    if (clock_mono_ns() < v->until_ns)
        return true;
    stream_fail(s, ERR_FULL, "takes too long");
    return false;
}

/* The next one. */
static enum progress object_read(struct pack_stream *s)
{
    struct slice rest = slice_from(s->bytes, s->at), deflated;
    struct pack_entry entry;
    enum progress progress;
    size_t used = 0;

    if (!pack_entry_read(rest, s->index.id_bytes, &entry))
        return rest.size < HEAD_MOST ? NOT_YET : WRONG;
    deflated = slice_from(rest, entry.head_bytes);
    if (!is_plausible(deflated, entry.size))
        return NOT_YET;
    if (entry.size > s->visitor->object_most) {
        progress = inflate_skip(deflated, entry.size, &used);
    } else if (!content_reserve(s, entry.size)) {
        stream_fail(s, ERR_MEMORY, "has no memory");
        return WRONG;
    } else {
        progress = inflate_whole(s, deflated, entry.size, &used);
    }
    if (progress != WHOLE)
        return progress;
    if (!object_tell(s, &entry))
        return WRONG;
    if (offset_note(s, s->at + entry.head_bytes + used))
        return WHOLE;
    stream_fail(s, ERR_MEMORY, "has no memory");
    return WRONG;
}

/* ---- All of them ---- */

/* As far as there are bytes.  Each try that was too early lets half as many again come before the
 * next one, so that a large object is not inflated from its start with every few bytes. */
static enum err objects_read(struct pack_stream *s)
{
    enum progress progress = WHOLE;

    if (!s->has_head) {
        if (s->bytes.size < PACK_HEAD_BYTES)
            return s->e;
        s->has_head = pack_head_read(s->bytes, &s->object_count);
        if (!s->has_head)
            return stream_fail(s, ERR_MALFORMED, "is no pack of git");
        s->at = PACK_HEAD_BYTES;
    }
    while (s->e == OK && progress == WHOLE && s->index.count < s->object_count)
        progress = object_read(s);
    if (progress == WRONG)
        return stream_fail(s, ERR_MALFORMED, "is damaged, and is not looked at from there on");
    if (progress == NOT_YET)
        s->try_at = s->bytes.size + (s->bytes.size - s->at) / 2;
    return s->e;
}

static bool bytes_copy(struct pack_stream *s, struct slice bytes)
{
    size_t wanted = s->bytes.size + bytes.size;

    if (wanted > s->room) {
        size_t room = wanted + wanted / 4 + ROOM_LEAST;
        char *own = realloc(s->own, room); /* the kernel moves its pages, not its bytes */

        if (own == NULL)
            return false;
        s->own = own;
        s->room = room;
    }
    memcpy(s->own + s->bytes.size, bytes.at, bytes.size);
    s->bytes = (struct slice){ s->own, wanted };
    return true;
}

enum err pack_stream_take(struct pack_stream *s, struct slice bytes)
{
    if (s->e != OK || bytes.size == 0)
        return s->e;
    if (bytes.size > s->bytes_most - s->bytes.size)
        return stream_fail(s, ERR_FULL, "is larger than is looked at");
    if (!bytes_copy(s, bytes))
        return stream_fail(s, ERR_MEMORY, "has no memory");
    return s->bytes.size < s->try_at ? OK : objects_read(s);
}

void pack_stream_take_all(struct pack_stream *s, struct slice bytes)
{
    s->bytes = bytes;
    (void)objects_read(s);
}

enum err pack_stream_end(struct pack_stream *s, uint32_t *unreached)
{
    enum err e;

    *unreached = 0;
    if (s->e == OK)
        (void)objects_read(s); /* the last ones may not have been tried */
    if (s->e == OK && (!s->has_head || s->index.count < s->object_count ||
                       s->bytes.size - s->at < s->index.id_bytes))
        stream_fail(s, ERR_MALFORMED, "is cut off or damaged, and is not looked at from there on");
    if (s->e == OK && s->bytes.size - s->at > s->index.id_bytes)
        stream_fail(s, ERR_MALFORMED, "has bytes behind it that belong to nothing");
    free(s->content);
    s->content = NULL;
    s->content_room = 0;
    if (!s->has_deltas)
        return s->e;
    s->has_deltas = false;
    e = pack_walk_deltas(s->bytes, &s->index, s->visitor, unreached);
    return e == OK ? s->e : stream_fail(s, e, e == ERR_FULL ? "takes too long" : "has no memory");
}

struct slice pack_stream_bytes(const struct pack_stream *s)
{
    return s->bytes;
}

const char *pack_stream_why(const struct pack_stream *s)
{
    return s->why;
}

/* ---- A stream ---- */

enum err pack_stream_open(size_t id_bytes, uint64_t bytes_most, const struct pack_visitor *visitor,
                          struct pack_stream **stream)
{
    struct pack_stream *s = calloc(1, sizeof *s);

    *stream = s;
    if (s == NULL)
        return ERR_MEMORY;
    s->visitor = visitor;
    s->bytes_most = bytes_most;
    s->index.id_bytes = id_bytes;
    s->inflater = libdeflate_alloc_decompressor();
    if (s->inflater == NULL)
        pack_stream_close(stream);
    return *stream == NULL ? ERR_MEMORY : OK;
}

void pack_stream_close(struct pack_stream **stream)
{
    struct pack_stream *s = *stream;

    *stream = NULL;
    if (s == NULL)
        return;
    libdeflate_free_decompressor(s->inflater);
    pack_index_wipe(&s->index);
    free(s->content);
    free(s->own);
    free(s);
}
