/* trail/recover.h: brings a log back to the last record that somebody was promised
 *
 * Reads the end of the log, checks it against its signed checkpoint, repairs the tiles of that
 * stretch, and finds the place to go on.  A dying process leaves a torn batch at most; anything
 * else is damage or tampering and is refused in words, never repaired.
 */
#ifndef TRAIL_RECOVER_H
#define TRAIL_RECOVER_H

#include "audit/checkpoint.h"
#include "base/err.h"
#include "trail/retired.h"
#include "trail/tiles.h"
#include "trail/trail.h"

struct recovery {
    uint32_t number;             /* file to go on in; it may have to be reserved first */
    uint64_t offset;             /* 0: the file is unused */
    bool wipe;                   /* a torn batch stands behind the place */
    uint32_t file_count;         /* with those reserved */
    bool tiles_remade;           /* all of them, from the first record on */
    struct merkle_frontier tree; /* over all records */
};

/* The log begins where `retired` says.  `signed_head` may be all zeros: nothing was signed yet.
 * `machine_restarted`: files written in the minutes before may not be on disk, so the tiles of that
 * stretch are looked at too.  Leaves `tiles` behind the last record, in mode TILES_REPAIR.
 * ERR_CORRUPT, ERR_VERSION, ERR_IO, ERR_MEMORY, with `problem`. */
must_use enum err recover_log(const char *folder, const struct retired *retired,
                              const struct checkpoint *signed_head, bool machine_restarted,
                              struct tiles *tiles, struct recovery *recovery,
                              char problem[TRAIL_PROBLEM_SIZE]);

#endif
