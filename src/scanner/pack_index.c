#include "scanner/pack_index.h"

#include <stdlib.h>
#include <string.h>

enum { FAN = 256, HEAD_BYTES = 8, ID_BYTES_MOST = 32 };

static uint32_t number32(const char *at)
{
    const uint8_t *b = (const uint8_t *)at;

    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint64_t number64(const char *at)
{
    return (uint64_t)number32(at) << 32 | number32(at + 4);
}

/* An object with the offset it is said to have. */
struct row {
    uint64_t offset;
    uint32_t number;
};

static int by_offset(const void *a, const void *b)
{
    const struct row *one = a, *other = b;

    return (one->offset > other->offset) - (one->offset < other->offset);
}

/* The two tables of offsets: small ones, and those that do not fit into 31 bits. */
struct tables {
    const char *small, *large;
    uint64_t large_count;
};

static bool rows_read(const struct tables *t, uint64_t pack_bytes, struct row *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = number32(t->small + 4 * (size_t)i);

        if ((offset & 0x80000000u) != 0) {
            offset &= 0x7fffffffu;
            if (offset >= t->large_count)
                return false;
            offset = number64(t->large + 8 * offset);
        }
        if (offset < PACK_HEAD_BYTES || offset >= pack_bytes)
            return false;
        rows[i] = (struct row){ offset, i };
    }
    qsort(rows, count, sizeof *rows, by_offset);
    for (uint32_t i = 1; i < count; i++)
        if (rows[i].offset == rows[i - 1].offset)
            return false;
    return true;
}

static enum err index_fill(struct pack_index *index, const struct tables *tables,
                           uint64_t pack_bytes)
{
    size_t count = index->count;
    struct row *rows = malloc((count + 1) * sizeof *rows);
    enum err e = ERR_MEMORY;

    index->offsets = malloc((count + 1) * sizeof *index->offsets);
    index->numbers = malloc((count + 1) * sizeof *index->numbers);
    index->places = malloc((count + 1) * sizeof *index->places);
    if (rows == NULL || index->offsets == NULL || index->numbers == NULL || index->places == NULL)
        goto out;
    TRY(rows_read(tables, pack_bytes, rows, index->count) ? OK : ERR_MALFORMED);
    for (uint32_t i = 0; i < index->count; i++) {
        index->offsets[i] = rows[i].offset;
        index->numbers[i] = rows[i].number;
        index->places[rows[i].number] = i;
    }
    index->offsets[count] = pack_bytes;
out:
    free(rows);
    return e;
}

enum err pack_index_read(struct slice bytes, size_t id_bytes, uint64_t pack_bytes,
                         struct pack_index *index)
{
    const size_t fixed = HEAD_BYTES + 4 * FAN + 2 * id_bytes;
    struct tables tables;
    uint64_t count, rows_bytes;
    enum err e;

    *index = (struct pack_index){ .id_bytes = id_bytes };
    if (bytes.size < fixed || id_bytes > ID_BYTES_MOST || pack_bytes < PACK_HEAD_BYTES + id_bytes)
        return ERR_MALFORMED;
    if (memcmp(bytes.at, "\377tOc\0\0\0\2", HEAD_BYTES) != 0)
        return memcmp(bytes.at, "\377tOc", 4) == 0 ? ERR_MALFORMED : ERR_VERSION;
    count = number32(bytes.at + HEAD_BYTES + 4 * (FAN - 1));
    rows_bytes = count * (id_bytes + 8);
    if (rows_bytes > bytes.size - fixed)
        return ERR_MALFORMED;
    index->count = (uint32_t)count;
    index->ids = (const uint8_t *)bytes.at + HEAD_BYTES + 4 * FAN;
    tables.small = (const char *)index->ids + count * (id_bytes + 4);
    tables.large = tables.small + 4 * count;
    tables.large_count = (bytes.size - fixed - rows_bytes) / 8;
    e = index_fill(index, &tables, pack_bytes - id_bytes);
    if (e != OK)
        pack_index_wipe(index);
    return e;
}

void pack_index_wipe(struct pack_index *index)
{
    free(index->offsets);
    free(index->numbers);
    free(index->places);
    *index = (struct pack_index){ .count = 0 };
}

const uint8_t *pack_index_id(const struct pack_index *index, uint32_t place)
{
    return index->ids == NULL ? NULL : index->ids + index->numbers[place] * index->id_bytes;
}

bool pack_index_at(const struct pack_index *index, uint64_t offset, uint32_t *place)
{
    uint32_t low = 0, high = index->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (index->offsets[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    *place = low;
    return low < index->count && index->offsets[low] == offset;
}

bool pack_index_find(const struct pack_index *index, const uint8_t *id, uint32_t *place)
{
    uint32_t low = 0, high = index->ids == NULL ? 0 : index->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(index->ids + (size_t)middle * index->id_bytes, id, index->id_bytes);

        if (order == 0) {
            *place = index->places[middle];
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
