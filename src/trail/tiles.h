/* trail/tiles.h: the tree as plain files that others can read
 *
 *     tile/entries/x001/234     256 records, each behind its size (2 bytes, big-endian)
 *     tile/0/x001/234           their 256 leaf hashes
 *     tile/1/004                256 hashes of level 1, each over one full tile of level 0
 *     tile/0/x001/235.p/17      a tile that is not full yet, as of a checkpoint
 *
 * Derived from the log, one record after the other.  The same walk writes the files, repairs them,
 * or only compares them.
 *
 * Source: C2SP tlog-tiles.
 */
#ifndef TRAIL_TILES_H
#define TRAIL_TILES_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/merkle.h"
#include "audit/record.h"
#include "base/err.h"
#include "base/file.h"

enum {
    TILES_WIDTH = 256,
    TILES_LEVELS = MERKLE_HEIGHT_MOST / 8,
    TILES_ENTRIES = TILES_LEVELS, /* where an entry bundle stands beside the levels */
    TILES_BUNDLE_MOST = TILES_WIDTH * (2 + RECORD_ENCODED_MOST),
};

enum tiles_mode {
    TILES_WRITE,   /* every tile */
    TILES_REPAIR,  /* tiles that are not as they should be */
    TILES_COMPARE, /* none, but `wrong` hears of each */
};

struct tiles {
    const char *folder; /* DATA/audit, borrowed */
    enum tiles_mode mode;
    uint64_t size;     /* records taken */
    uint64_t compared; /* files looked at */
    /* Hashes of the tile that is being filled, per level. */
    struct merkle_hash hash[TILES_LEVELS][TILES_WIDTH];
    uint8_t *bundle;
    size_t bundle_size;
    uint64_t folder_made[TILES_LEVELS + 1]; /* number of the last folder made, plus one */
    /* Mode TILES_COMPARE: a file is missing, or differs first in entry or record `index`. */
    void (*wrong)(void *context, const char *name, bool is_missing, uint64_t index,
                  uint64_t index_end);
    void *context;
    char problem[256];
};

/* "tile/0/x001/234.p/17"; level TILES_ENTRIES is "entries"; width TILES_WIDTH: a full tile. */
void tiles_name(unsigned level, uint64_t number, unsigned width, char name[128]);

must_use enum err tiles_init(struct tiles *tiles, const char *folder, enum tiles_mode mode);
void tiles_wipe(struct tiles *tiles);

/* Starts behind record tree->size, a multiple of TILES_WIDTH, from the full tiles on disk.
 * ERR_MISSING: they are not all there or not those of the tree; start from nothing instead. */
must_use enum err tiles_load(struct tiles *tiles, const struct merkle_frontier *tree);

/* Takes the next record; writes what it completes.  ERR_IO: nothing was taken, see problem. */
must_use enum err tiles_add(struct tiles *tiles, struct slice record,
                            const struct merkle_hash *leaf);

/* Takes TILES_WIDTH records by their hashes; the records themselves are not kept any more.  Only
 * where a tile begins. */
must_use enum err tiles_add_leaves(struct tiles *tiles,
                                   const struct merkle_hash leaf[TILES_WIDTH]);

/* Writes the tiles that are not full, as a checkpoint at the present size needs them. */
must_use enum err tiles_publish(struct tiles *tiles);

#endif
