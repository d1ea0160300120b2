/* authority/leak_mask.h: text about a leak, without the secret (E1)
 *
 * Whoever reports a leak should have masked what it found.  What it sends is kept, mailed and
 * shown, so nothing of the form of a secret goes through here: the prefix and the last four
 * characters stay, everything between becomes asterisks, whether its checksum is right or not.
 *
 * Pure.
 */
#ifndef AUTHORITY_LEAK_MASK_H
#define AUTHORITY_LEAK_MASK_H

#include <jansson.h>
#include <stddef.h>

#include "base/slice.h"

/* Copies as many whole UTF-8 characters as fit, masked, control characters as spaces. */
void leak_text_copy(struct slice text, char *to, size_t size);

/* An object of the strings (cut at 512 bytes) and numbers in `place`, masked, whose text has less
 * than `size` bytes; members that do not fit are left out.  NULL: out of memory. */
json_t *leak_place_clean(const json_t *place, size_t size);

#endif
