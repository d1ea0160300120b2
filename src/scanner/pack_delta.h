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

/* What is left of the delta, carried out on its base.  False: it copies what the base does not
 * have, or does not make exactly `size` bytes; `result` holds anything then. */
bool pack_delta_apply(struct slice base, struct slice delta, char *result, size_t size);

#endif
