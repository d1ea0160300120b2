/* authority/leak_object.h: the object in which a key was found, kept for its time (E1)
 *
 * Whoever reports a finding tells the SHA-256 of the file, page or object that it stands in, or of
 * the part around it; the evidence has that, so it never changes.  The bytes follow when they are
 * asked for, so that a revocation waits for none, and are taken if they are those.  They hold the
 * secret as it was published, and lie encrypted with a key that the vault seals.  When their time
 * is over (setting leak.object_days) they are gone, and the evidence stays.
 */
#ifndef AUTHORITY_LEAK_OBJECT_H
#define AUTHORITY_LEAK_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/leak.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/leak_objects.h"
#include "store/store.h"

enum { LEAK_OBJECT_MOST = 1 << 20 }; /* bytes of one */

/* With the leak, in its transaction: these bytes are meant.  Nothing when there is no object, or
 * none are to be kept. */
must_use enum err leak_object_expect(struct authority *a, struct store_tx *tx, uint64_t leak,
                                     uint64_t found_at_ns, const struct leak_object *object);

/* Whether these are the bytes that are meant and have not come yet. */
must_use enum err leak_object_wanted(struct authority *a, struct store_tx *tx, uint64_t leak,
                                     const struct leak_object *object, bool *is);

/* Again the same is fine.  Refused: object-unwanted, object-other. */
must_use enum err leak_object_keep(struct authority *a, uint64_t leak, struct slice bytes,
                                   struct refusal *refusal);

/* Who reads, and what confirms it. */
struct leak_object_reader {
    const char *who;  /* for the change log */
    uint64_t account; /* 0: over the operator's socket, which the kernel guards */
    const char *session;
    uint8_t operation[OPERATION_SIZE];
    struct proof proof;
};

/* Into an initialised buffer, after the change log has it that they were read.  Refused: the proof;
 * object-missing. */
must_use enum err leak_object_read(struct authority *a, const struct leak_object_reader *reader,
                                   uint64_t leak, struct buffer *bytes, struct refusal *refusal);

/* What there is; *present: false when nothing was told of, or its time is over. */
must_use enum err leak_object_find(struct authority *a, uint64_t leak,
                                   struct store_leak_object *object, bool *present);

/* Removes those whose time is over. */
must_use enum err leak_object_expire(struct authority *a);

#endif
