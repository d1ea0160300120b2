/* scanner/pack.h: every object of a pack of git, each once
 *
 * Objects are told by their differences to others, which form trees.  Each tree is walked depth
 * first, so that an object is put together once and held only as long as something below it is left
 * to do; a base whose last difference is being followed is let go first, so that a chain of any
 * length holds two objects.  At most `held_most` bytes are held a thread.
 *
 * Hashes are not computed: what is there is what is looked at.
 */
#ifndef SCANNER_PACK_H
#define SCANNER_PACK_H

#include "base/err.h"
#include "base/slice.h"
#include "scanner/pack_entry.h"
#include "scanner/pack_index.h"

enum { PACK_THREADS_MOST = 8 };

struct pack_object {
    const uint8_t *id; /* borrowed */
    enum pack_type type;
    struct slice content;
};

struct pack_visitor {
    /* In no order; with threads[i] on each of them, at the same time. */
    void (*object)(void *thread, const struct pack_object *object);
    /* An object of which not all bytes were told; called as `object` is. */
    void (*fault)(void *thread, const uint8_t *id, const char *why);
    void *threads[PACK_THREADS_MOST];
    unsigned thread_count; /* 1 to PACK_THREADS_MOST */
    uint64_t object_most;  /* bytes of one; a larger one is a fault */
    uint64_t held_most;
};

/* `unreached` gets how many objects have no base that is there: they were not told.
 * ERR_MALFORMED: this is no pack; nothing was told.  ERR_MEMORY: not all were told. */
must_use enum err pack_walk(struct slice pack, const struct pack_index *index,
                            const struct pack_visitor *visitor, uint32_t *unreached);

#endif
