/* trail/heads.h: the signed checkpoints of a folder
 *
 *     checkpoint    the newest, replaced as a whole
 *     checkpoints   all of them in order, a blank line after each
 *
 * The newest is written first, so the list never knows more than it.
 */
#ifndef TRAIL_HEADS_H
#define TRAIL_HEADS_H

#include <stdbool.h>

#include "audit/checkpoint.h"
#include "base/err.h"
#include "base/slice.h"

/* The newest one, checked with the key.  ERR_MISSING: there is none.  ERR_CORRUPT: not signed by
 * the key.  ERR_IO. */
must_use enum err heads_newest(const char *folder, const struct note_key *key,
                               struct checkpoint *head);

/* Calls `each` with every entry of the list in order; an entry that a dying process left unfinished
 * at the end is passed over.  ERR_MISSING: no list.  ERR_CORRUPT: an entry without an end. */
must_use enum err heads_each(const char *folder, void (*each)(void *context, struct slice text),
                             void *context);

/* Cuts an unfinished entry off the list; *last is the last whole one (all zeros: none, or it is not
 * signed by the key). */
must_use enum err heads_recover(const char *folder, const struct note_key *key,
                                struct checkpoint *last);

/* Publishes a checkpoint: newest, then list, both synced.  ERR_IO. */
must_use enum err heads_publish(const char *folder, struct slice text);

#endif
