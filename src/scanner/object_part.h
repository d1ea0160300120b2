/* scanner/object_part.h: the bytes in which a key was found, as evidence (E1)
 *
 * Up to OBJECT_WINDOW_MOST bytes are kept whole.  Of more it is a window around the key.  Windows
 * begin at multiples of half their size, so that thousands of keys in one large file have few
 * windows, and each is hashed once: a part remembers the last one.
 */
#ifndef SCANNER_OBJECT_PART_H
#define SCANNER_OBJECT_PART_H

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { OBJECT_WINDOW_MOST = 1 << 20, OBJECT_SHA256_SIZE = crypto_hash_sha256_BYTES };

/* As much of an object as is at hand; zeros after `is_whole`. */
struct object_part {
    struct slice bytes;
    uint64_t from; /* of its first byte in the object */
    bool is_whole; /* there is nothing else of it */
    bool is_hashed;
    struct object_window {
        struct slice bytes;
        uint64_t from;
        bool is_whole;
        uint8_t sha256[OBJECT_SHA256_SIZE];
    } window;
};

/* That of the key which begins at `offset` of the object, inside of the part; valid as long as the
 * part's bytes, until the next call. */
const struct object_window *object_window(struct object_part *part, uint64_t offset);

#endif
