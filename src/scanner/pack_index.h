/* scanner/pack_index.h: where the objects of a pack begin, and what they are called
 *
 * Source: gitformat-pack(5), index version 2.  Nothing in it is believed that would lead out of the
 * file or the pack.
 */
#ifndef SCANNER_PACK_INDEX_H
#define SCANNER_PACK_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum { PACK_HEAD_BYTES = 12 };

struct pack_index {
    const uint8_t *ids; /* in the file's order, which is theirs; borrowed; NULL: nobody knows */
    size_t id_bytes;    /* 20, or 32 */
    uint32_t count;
    uint64_t *offsets; /* ascending; one more is the end of the last object */
    uint32_t
        *numbers;     /* of the object at each of these offsets, its place among the ids; or NULL */
    uint32_t *places; /* the other way round; or NULL */
};

/* `bytes` outlive the index.  ERR_MALFORMED: no such index, or not of this pack; ERR_VERSION: an
 * older one, without a head; ERR_MEMORY. */
must_use enum err pack_index_read(struct slice bytes, size_t id_bytes, uint64_t pack_bytes,
                                  struct pack_index *index);
void pack_index_wipe(struct pack_index *index);

/* Of the object at a place; NULL: nobody knows. */
const uint8_t *pack_index_id(const struct pack_index *index, uint32_t place);

/* Places of an offset and of an id; false: no object is there. */
bool pack_index_at(const struct pack_index *index, uint64_t offset, uint32_t *place);
bool pack_index_find(const struct pack_index *index, const uint8_t *id, uint32_t *place);

#endif
