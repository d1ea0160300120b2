/* trail/tile_reader.h: a log as others see it, file by file
 *
 * Checkpoint, tiles and entry bundles (C2SP tlog-tiles), read by name from wherever they lie: a
 * folder, a copy, a web server.  Nothing here is believed; who asks holds the answer against a
 * signed root.
 */
#ifndef TRAIL_TILE_READER_H
#define TRAIL_TILE_READER_H

#include "audit/proof.h"
#include "base/buffer.h"
#include "base/err.h"
#include "trail/tiles.h"

/* Reads a file of at most `most` bytes by its name below the log into an initialised buffer.
 * ERR_MISSING: there is none.  ERR_FULL: longer.  ERR_DENIED, ERR_IO, ERR_MEMORY. */
struct log_files {
    enum err (*read)(void *context, const char *name, size_t most, struct buffer *content);
    void *context;
};

/* Those of a folder; the path is borrowed. */
struct log_files log_files_of_folder(const char *folder);

struct tile_reader {
    const struct log_files *files;
    uint64_t size; /* of the tree: which tiles are full */
    /* The tile last read of each level; width 0: none. */
    struct tile_kept {
        uint64_t number;
        unsigned width;
        struct merkle_hash hash[TILES_WIDTH];
    } kept[TILES_LEVELS];
    char problem[192];
};

void tile_reader_init(struct tile_reader *reader, const struct log_files *files, uint64_t size);

/* A source of hashes for audit/proof.h, over the first `size` records.  Its errors, with `problem`:
 * ERR_MISSING (a tile is not there), ERR_CORRUPT (it has another length), and those of `read`. */
struct merkle_source tile_reader_source(struct tile_reader *reader);

/* Reads the entry bundle that holds record number * TILES_WIDTH of a log of `size` records.
 * ERR_MISSING: it is not kept (any more). */
must_use enum err bundle_read(const struct log_files *files, uint64_t number, uint64_t size,
                              struct buffer *bundle);

/* Takes the next record off a bundle; false at its end, or where it is damaged. */
bool bundle_take(struct slice *bundle, struct slice *record);

#endif
