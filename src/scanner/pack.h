/* scanner/pack.h: every object of a pack of git, each once
 *
 * Objects are told by their differences to others, which form trees.  Each tree is walked depth
 * first, so that an object is put together once and held only as long as something below it is left
 * to do; a base whose last difference is being followed is let go first, so that a chain of any
 * length holds two objects.  At most `held_most` bytes are held a thread.
 *
 * Hashes are not computed: what is there is what is looked at.  But where nobody knows what the
 * objects are called (scanner/pack_stream.h) and a delta names its base, all names are.
 */
#ifndef SCANNER_PACK_H
#define SCANNER_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "scanner/pack_delta.h"
#include "scanner/pack_entry.h"
#include "scanner/pack_index.h"

enum { PACK_THREADS_MOST = 8 };

struct pack_object {
    const uint8_t *id; /* borrowed; NULL: the pack has no index (scanner/object_id.h makes it) */
    uint64_t offset;   /* in the pack */
    enum pack_type type;
    struct slice content;
    const struct pack_part *parts; /* what its base, which is told, too, does not have; in order, */
    size_t part_count;             /* borrowed; NULL: all of it */
};

struct pack_visitor {
    /* In no order; with threads[i] on each of them, at the same time. */
    void (*object)(void *thread, const struct pack_object *object);
    /* An object of which not all bytes were told, and whose type may not be known; called as
     * `object` is. */
    void (*fault)(void *thread, const struct pack_object *object, const char *why);
    void *threads[PACK_THREADS_MOST];
    unsigned thread_count; /* 1 to PACK_THREADS_MOST */
    size_t reach; /* bytes that are looked at together, for parts of objects; 0: there are none */
    uint64_t object_most; /* bytes of one; a larger one is a fault */
    uint64_t held_most;
    uint64_t until_ns; /* by the monotonic clock: a small pack can have very much in it */
};

/* `unreached` gets how many objects have no base that is there: they were not told.
 * ERR_MALFORMED: this is no pack; nothing was told.  ERR_MEMORY, ERR_FULL (of time): not all were
 * told. */
must_use enum err pack_walk(struct slice pack, const struct pack_index *index,
                            const struct pack_visitor *visitor, uint32_t *unreached);

/* Only those that are told by their differences: the others have been looked at. */
must_use enum err pack_walk_deltas(struct slice pack, const struct pack_index *index,
                                   const struct pack_visitor *visitor, uint32_t *unreached);

/* Whether these bytes, PACK_HEAD_BYTES or more, begin a pack; how many objects it says it has. */
bool pack_head_read(struct slice bytes, uint32_t *object_count);

#endif
