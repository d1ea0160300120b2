/* venue/snapshot.h: an arena in a file, so that not all of a journal is replayed
 *
 * A snapshot is the memory of the exchange as it stood behind some command of its journal.  It is a
 * shortcut and nothing else: it is used when it was written by this very program, is whole, and the
 * journal still has that command at that place; else, or without one, the journal is replayed from
 * its beginning, to the same bytes.  Layout: docs/formats/journal.md, "Snapshot".
 *
 * It is written by a child process, which has the memory as it was when the child was made, so
 * nobody waits for the disk.
 */
#ifndef VENUE_SNAPSHOT_H
#define VENUE_SNAPSHOT_H

#include <stdbool.h>

#include "base/err.h"
#include "venue/arena.h"
#include "venue/journal.h"

struct snapshot {
    const char *folder; /* FOLDER/snapshot, outlives this */
    int child;          /* process that writes one; 0: none */
};

/* Begins to write one unless the last is still being written.  Everything up to `mark` is on disk.
 * What goes wrong is logged; the one before stays. */
void snapshot_begin(struct snapshot *snapshot, struct arena *arena,
                    const struct journal_mark *mark);

/* Has the child ended?  Also when there was none. */
bool snapshot_is_written(struct snapshot *snapshot);

/* Kills a child that still writes. */
void snapshot_stop(struct snapshot *snapshot);

/* Fills a cleared arena and says where the journal goes on.  False: there is none that can be used,
 * and the arena is clear. */
bool snapshot_load(const struct snapshot *snapshot, struct arena *arena, struct journal_mark *mark);

#endif
