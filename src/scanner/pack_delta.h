/* scanner/pack_delta.h: an object of a pack that is told by its difference to another one
 *
 * Source: gitformat-pack(5), "Deltified representation".  Pure; whatever the bytes are.
 */
#ifndef SCANNER_PACK_DELTA_H
#define SCANNER_PACK_DELTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Takes both sizes off the start of an inflated delta.  False: they are not there. */
bool pack_delta_sizes(struct slice *delta, uint64_t *base_bytes, uint64_t *result_bytes);

/* A part of what a delta makes. */
struct pack_part {
    size_t from, size;
};

enum { PACK_PARTS_MOST = 512 };

/* The parts of what is left of a delta that was carried out, in order, that its base does not have
 * as they stand there: what it inserts, and where pieces of the base meet that were apart, with
 * `reach` bytes on both sides.  Whatever is no longer than `reach` and lies in none of them, lies
 * in the base.  `parts` has room for PACK_PARTS_MOST; of more, the last one has all the rest. */
size_t pack_delta_parts(struct slice delta, size_t size, size_t reach, struct pack_part *parts);

/* What is left of the delta, carried out on its base.  False: it copies what the base does not
 * have, or does not make exactly `size` bytes; `result` holds anything then. */
bool pack_delta_apply(struct slice base, struct slice delta, char *result, size_t size);

#endif
