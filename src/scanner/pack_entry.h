/* scanner/pack_entry.h: the head of an object in a pack of git
 *
 * Source: gitformat-pack(5).  Pure; whatever the bytes are.
 */
#ifndef SCANNER_PACK_ENTRY_H
#define SCANNER_PACK_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum pack_type {
    PACK_COMMIT = 1,
    PACK_TREE = 2,
    PACK_BLOB = 3,
    PACK_TAG = 4,
    PACK_OFS_DELTA = 6,
    PACK_REF_DELTA = 7,
};

struct pack_entry {
    enum pack_type type;
    uint64_t size;       /* of what is deflated behind the head */
    uint64_t distance;   /* OFS_DELTA: how far in front of this one its base begins */
    const uint8_t *base; /* REF_DELTA: id of its base; borrowed */
    size_t head_bytes;
};

/* False: there is no such head at the start of `bytes`. */
bool pack_entry_read(struct slice bytes, size_t id_bytes, struct pack_entry *entry);

static inline bool pack_entry_is_delta(const struct pack_entry *entry)
{
    return entry->type == PACK_OFS_DELTA || entry->type == PACK_REF_DELTA;
}

/* "commit", "tree", "blob" or "tag"; static. */
const char *pack_type_text(enum pack_type type);

#endif
