/* trail/intents.h: requests that were let go on before their record was complete
 *
 * With durability `disk` a request goes on only when the disk knows of it.  The log holds one
 * record a request, written when it was answered; what is known before stands here as intent, until
 * the log has the record.  After a power cut the intents without a record become records of unknown
 * outcome.
 *
 * Two files (docs/formats/intents.md) take turns, so that they never grow: when one is full, the
 * intents of requests that are still under way move to the other.  Both are reserved and synced
 * before they are used; a batch is one write and one fdatasync, and moves no metadata.
 *
 * One thread.
 */
#ifndef TRAIL_INTENTS_H
#define TRAIL_INTENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "trail/log.h"

enum {
    INTENTS_FILE_BYTES = 8 << 20,
    INTENTS_FILE_BYTES_LEAST = 64 << 10,
    INTENTS_FILE_BYTES_MOST = 1 << 30,
};

struct intents;

/* One that a predecessor left; several may be of one request. */
struct intent {
    struct slice record; /* as audit/record.h encodes it; borrowed until intents_begin or close */
    uint64_t floor;      /* its complete record, if there is one, is in the log at or behind it */
};

/* Reads what the folder holds, if there is one; writes nothing.  `file_bytes` 0: the default.
 * ERR_VERSION: written by a newer version.  ERR_IO, ERR_MEMORY. */
must_use enum err intents_open(const char *folder, uint64_t file_bytes, struct intents **intents);

/* Accepts NULL in *intents and sets it; the files stay. */
void intents_close(struct intents **intents);

/* What was found. */
const struct intent *intents_found(const struct intents *intents, size_t *count);

/* Forgets what was found, but for `keep`, whose new places go to `places` (as intents_add), and is
 * ready to add.  Makes the folder.  A power cut leaves the old or the new state.  ERR_IO, with the
 * reason in the journal. */
must_use enum err intents_begin(struct intents *intents, const struct intent *keep, size_t count,
                                uint64_t *places);

/* Removes the files: nothing in them counts any more. */
must_use enum err intents_discard(struct intents *intents);

/* Adds one to the batch; returns its place, never 0.  Only while intents_room has room for it. */
uint64_t intents_add(struct intents *intents, const struct intent *intent);

/* Bytes that the file can still take; an intent takes log_frame_size(record.size). */
uint64_t intents_room(const struct intents *intents);

/* OK: the batch is on disk.  ERR_IO: none of it counts, see intents_problem, come again with it at
 * any time; it goes on when the cause is gone, but not after a failed fdatasync.  An empty batch
 * tries whether it would work. */
must_use enum err intents_sync(struct intents *intents);

/* Goes on in the other file: moves the intents at `places`, which get their new places, with the
 * floor given; all others are forgotten.  Not with an open batch.  ERR_IO: everything stays as it
 * was. */
must_use enum err intents_turn(struct intents *intents, uint64_t floor, uint64_t *places,
                               size_t count);

/* "" when the last call was fine. */
const char *intents_problem(const struct intents *intents);

#endif
