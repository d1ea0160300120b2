#include "trail/tile_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum err folder_read(void *context, const char *name, size_t most, struct buffer *content)
{
    char path[FILE_PATH_SIZE];

    if (snprintf(path, sizeof path, "%s/%s", (const char *)context, name) >= (int)sizeof path)
        return ERR_MISSING;
    return file_read(path, most, content);
}

struct log_files log_files_of_folder(const char *folder)
{
    return (struct log_files){ folder_read, (void *)folder };
}

void tile_reader_init(struct tile_reader *reader, const struct log_files *files, uint64_t size)
{
    *reader = (struct tile_reader){ .files = files, .size = size };
}

/* A tile that was cut off at `size` stays until the full one is there, which begins with it. */
static enum err cut_file_read(const struct log_files *files, unsigned level, uint64_t number,
                              uint64_t size, size_t most, struct buffer *content, unsigned *width)
{
    uint64_t count = level == TILES_ENTRIES ? size : size >> 8 * level;
    uint64_t left = count - number * TILES_WIDTH;
    char name[128];
    enum err e;

    *width = left < TILES_WIDTH ? (unsigned)left : TILES_WIDTH;
    tiles_name(level, number, *width, name);
    e = files->read(files->context, name, most, content);
    if (e == ERR_MISSING && *width < TILES_WIDTH) {
        tiles_name(level, number, TILES_WIDTH, name);
        e = files->read(files->context, name, most, content);
    }
    return e;
}

__attribute__((format(printf, 3, 4))) static enum err fail(struct tile_reader *reader, enum err e,
                                                           const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reader->problem, sizeof reader->problem, format, arguments);
    va_end(arguments);
    return e;
}

static enum err tile_keep(struct tile_reader *reader, unsigned level, uint64_t number,
                          struct tile_kept *kept)
{
    struct buffer content;
    char name[128];
    unsigned width;
    enum err e;

    buffer_init(&content);
    kept->width = 0;
    e = cut_file_read(reader->files, level, number, reader->size, sizeof kept->hash, &content,
                      &width);
    tiles_name(level, number, width, name);
    if (e == OK && content.size < width * MERKLE_HASH_SIZE)
        e = ERR_CORRUPT;
    if (e == OK) {
        memcpy(kept->hash, content.at, width * MERKLE_HASH_SIZE);
        kept->number = number;
        kept->width = width;
    } else if (e == ERR_CORRUPT || e == ERR_FULL) {
        e = fail(reader, ERR_CORRUPT, "%s has not the length of a tile", name);
    } else {
        fail(reader, e, "%s cannot be read: %s", name, err_text(e));
    }
    buffer_wipe(&content);
    return e;
}

static enum err node_get(void *context, unsigned height, uint64_t index, struct merkle_hash *hash)
{
    struct tile_reader *reader = context;
    unsigned level = height / 8;
    uint64_t first = index << height % 8, number = first / TILES_WIDTH;
    struct tile_kept *kept = &reader->kept[level];
    enum err e = OK;

    if (kept->width == 0 || kept->number != number)
        TRY(tile_keep(reader, level, number, kept));
    merkle_fold(&kept->hash[first % TILES_WIDTH], (size_t)1 << height % 8, hash);
out:
    return e;
}

struct merkle_source tile_reader_source(struct tile_reader *reader)
{
    return (struct merkle_source){ node_get, reader };
}

enum err bundle_read(const struct log_files *files, uint64_t number, uint64_t size,
                     struct buffer *bundle)
{
    unsigned width;

    return cut_file_read(files, TILES_ENTRIES, number, size, TILES_BUNDLE_MOST, bundle, &width);
}

bool bundle_take(struct slice *bundle, struct slice *record)
{
    size_t size;

    if (bundle->size < 2)
        return false;
    size = (size_t)(uint8_t)bundle->at[0] << 8 | (uint8_t)bundle->at[1];
    if (bundle->size - 2 < size)
        return false;
    *record = (struct slice){ bundle->at + 2, size };
    *bundle = slice_from(*bundle, 2 + size);
    return true;
}
