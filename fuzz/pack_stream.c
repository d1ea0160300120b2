/* fuzz/pack_stream.c: any bytes as a pack of git that comes in pieces
 *
 * The first byte says of how many bytes, and whether the rest is a pack as it stands or a recipe of
 * one: objects of two bytes (type and size, how far back the base is) and a content each, which is
 * deflated here, since no mutation keeps a checksum.  Invariants: in pieces the same is told as at
 * once; each delta of a pack that comes whole is told, is a fault, or is counted as not reached.
 */
#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "scanner/object_id.h"
#include "scanner/pack_stream.h"

struct tally {
    uint64_t told, faults, sum;
    uint32_t unreached;
    enum err e;
};

static void object_note(void *thread, const struct pack_object *object)
{
    struct tally *t = thread;
    uint64_t sum = 0;

    for (size_t i = 0; i < object->content.size; i++)
        sum = sum * 31 + (uint8_t)object->content.at[i];
    t->sum += sum + object->type;
    t->told++;
}

static void fault_note(void *thread, const struct pack_object *object, const char *why)
{
    struct tally *t = thread;

    (void)object, (void)why;
    t->faults++;
}

static struct tally stream_run(struct slice pack, size_t piece)
{
    struct tally tally = { .told = 0 };
    struct pack_visitor visitor = { .object = object_note,
                                    .fault = fault_note,
                                    .threads = { &tally },
                                    .thread_count = 1,
                                    .object_most = 1 << 12,
                                    .held_most = 1 << 14,
                                    .until_ns = UINT64_MAX };
    struct pack_stream *stream;
    enum err e = OK;

    if (pack_stream_open(20, 1 << 24, &visitor, &stream) != OK)
        abort();
    if (piece == 0)
        pack_stream_take_all(stream, pack);
    for (size_t at = 0; piece > 0 && at < pack.size && e == OK; at += piece)
        e = pack_stream_take(
            stream,
            (struct slice){ pack.at + at, pack.size - at < piece ? pack.size - at : piece });
    tally.e = pack_stream_end(stream, &tally.unreached);
    pack_stream_close(&stream);
    return tally;
}

/* A size and how far back fit into two bytes of head each here. */
static void object_append(struct buffer *pack, struct libdeflate_compressor *deflater,
                          unsigned type, struct slice content, size_t offset,
                          const uint8_t *blob_id)
{
    char deflated[512];
    size_t distance = pack->size - offset;

    buffer_append_char(pack, (char)(type << 4 | 0x80 | (content.size & 15)));
    buffer_append_char(pack, (char)(content.size >> 4));
    if (type == PACK_OFS_DELTA) {
        if (distance >= 128)
            buffer_append_char(pack, (char)(0x80 | (((distance >> 7) - 1) & 0x7f)));
        buffer_append_char(pack, (char)(distance & 0x7f));
    } else if (type == PACK_REF_DELTA) {
        buffer_append(pack, (struct slice){ (const char *)blob_id, 20 });
    }
    buffer_append(
        pack, (struct slice){ deflated, libdeflate_zlib_compress(deflater, content.at, content.size,
                                                                 deflated, sizeof deflated) });
}

/* Says how many objects it has. */
static uint32_t pack_cook(struct slice recipe, struct buffer *pack)
{
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(1);
    size_t offsets[256];
    uint8_t blob_id[OBJECT_ID_MOST] = { 0 };
    uint32_t count = 0;

    buffer_append(pack, SLICE("PACK\0\0\0\2\0\0\0\0"));
    while (recipe.size >= 2 && count < 255) {
        unsigned type = (uint8_t)recipe.at[0] >> 5, back = (uint8_t)recipe.at[1];
        size_t size = (uint8_t)recipe.at[0] & 31;
        uint32_t base = count == 0 ? 0 : count - 1 - back % count;

        recipe = slice_from(recipe, 2);
        size = size < recipe.size ? size : recipe.size;
        offsets[count] = pack->size;
        if (type == PACK_BLOB &&
            object_id(20, PACK_BLOB, (struct slice){ recipe.at, size }, blob_id) != OK)
            abort();
        object_append(pack, deflater, type, (struct slice){ recipe.at, size }, offsets[base],
                      blob_id);
        recipe = slice_from(recipe, size);
        count++;
    }
    pack->at[11] = (char)count;
    buffer_append(pack, SLICE("twenty bytes of hash"));
    libdeflate_free_compressor(deflater);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice rest = { (const char *)bytes + 1, size - 1 };
    struct tally whole, pieces;
    struct buffer pack;
    uint32_t count = 0;

    if (size == 0)
        return 0;
    buffer_init(&pack);
    if ((bytes[0] & 1) != 0)
        buffer_append(&pack, rest);
    else
        count = pack_cook(rest, &pack);
    whole = stream_run(buffer_slice(&pack), 0);
    pieces = stream_run(buffer_slice(&pack), 1 + (size_t)(bytes[0] >> 1));
    if (whole.told != pieces.told || whole.faults != pieces.faults || whole.sum != pieces.sum ||
        whole.unreached != pieces.unreached || whole.e != pieces.e)
        abort();
    if (count > 0 && whole.e == OK && whole.told + whole.faults + whole.unreached != count)
        abort();
    buffer_wipe(&pack);
    return 0;
}
