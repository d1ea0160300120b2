/* fuzz/pack.c: any bytes as a pack of git, its index, an entry and a delta
 *
 * The first byte says as what.  Of a pack the next 16 bytes say where its objects begin, so that
 * there is something to walk.  Invariants: each object is told, is a fault, or is counted as not
 * reached; a delta writes its result and nothing else, and its parts lie in
 * that (AddressSanitizer looks).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/pack.h"
#include "scanner/pack_delta.h"

enum { OBJECTS = 8, MARKS = 2 * OBJECTS, ID_BYTES = 20 };

static uint64_t told;

static void object_note(void *thread, const struct pack_object *object)
{
    uint8_t sum = 0;

    (void)thread;
    for (size_t i = 0; i < object->content.size; i++)
        sum ^= (uint8_t)object->content.at[i];
    told += 1 + (sum & 0u);
}

static void fault_note(void *thread, const struct pack_object *object, const char *why)
{
    (void)thread, (void)object, (void)why;
    told++;
}

static void pack_try(struct slice bytes)
{
    static const uint8_t ids[OBJECTS * ID_BYTES] = { 0 };
    struct pack_visitor visitor = { .object = object_note,
                                    .fault = fault_note,
                                    .thread_count = 1,
                                    .object_most = 1 << 16,
                                    .held_most = 1 << 18,
                                    .until_ns = UINT64_MAX };
    uint64_t offsets[OBJECTS + 1], at = PACK_HEAD_BYTES;
    uint32_t numbers[OBJECTS], unreached;
    struct pack_index index = {
        .ids = ids, .id_bytes = ID_BYTES, .offsets = offsets, .numbers = numbers, .places = numbers
    };
    char *pack;

    if (bytes.size < MARKS)
        return;
    pack = malloc(PACK_HEAD_BYTES + bytes.size + ID_BYTES);
    memcpy(pack, "PACK\0\0\0\2\0\0\0\0", PACK_HEAD_BYTES);
    memcpy(pack + PACK_HEAD_BYTES, bytes.at + MARKS, bytes.size - MARKS);
    memset(pack + PACK_HEAD_BYTES + bytes.size - MARKS, 0, MARKS + ID_BYTES);
    for (; index.count < OBJECTS && at < PACK_HEAD_BYTES + bytes.size - MARKS; index.count++) {
        numbers[index.count] = index.count;
        offsets[index.count] = at;
        at += 1 + (uint8_t)bytes.at[2 * index.count];
    }
    offsets[index.count] = PACK_HEAD_BYTES + bytes.size - MARKS;
    told = 0;
    if (pack_walk((struct slice){ pack, PACK_HEAD_BYTES + bytes.size }, &index, &visitor,
                  &unreached) == OK &&
        told + unreached != index.count)
        abort();
    free(pack);
}

static void index_try(struct slice bytes)
{
    struct pack_index index;
    uint32_t place;

    if (pack_index_read(bytes, ID_BYTES, 1 << 20, &index) != OK)
        return;
    for (uint32_t i = 0; i < index.count; i++)
        if (!pack_index_at(&index, index.offsets[i], &place) || place != i)
            abort();
    pack_index_wipe(&index);
}

static void delta_try(struct slice bytes)
{
    char base[300], result[500];
    struct pack_part parts[PACK_PARTS_MOST];
    uint64_t base_bytes, result_bytes;
    size_t count;

    memset(base, 'b', sizeof base);
    if (!pack_delta_sizes(&bytes, &base_bytes, &result_bytes) || result_bytes > sizeof result ||
        !pack_delta_apply((struct slice){ base, base_bytes % sizeof base }, bytes, result,
                          result_bytes))
        return;
    count = pack_delta_parts(bytes, result_bytes, 9, parts);
    for (size_t i = 0; i < count; i++)
        if (parts[i].from > result_bytes || parts[i].size > result_bytes - parts[i].from ||
            (i > 0 && parts[i].from <= parts[i - 1].from + parts[i - 1].size))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice rest = { (const char *)bytes + 1, size - 1 };
    struct pack_entry entry;

    if (size == 0)
        return 0;
    switch (bytes[0] & 3) {
    case 0:
        pack_try(rest);
        break;
    case 1:
        index_try(rest);
        break;
    case 2:
        delta_try(rest);
        break;
    default:
        if (pack_entry_read(rest, ID_BYTES, &entry) && entry.head_bytes > rest.size)
            abort();
    }
    return 0;
}
