/* scanner/object_id.h: what git calls an object
 *
 * Source: gitformat-loose(5): the hash of "blob 12", a zero and its bytes.
 */
#ifndef SCANNER_OBJECT_ID_H
#define SCANNER_OBJECT_ID_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "scanner/pack_entry.h"

enum { OBJECT_ID_SHA1 = 20, OBJECT_ID_SHA256 = 32, OBJECT_ID_MOST = 32 };

/* `id_bytes`: one of the two.  ERR_CRYPTO: the library failed. */
must_use enum err object_id(size_t id_bytes, enum pack_type type, struct slice content,
                            uint8_t id[OBJECT_ID_MOST]);

/* Which of the two hashes a file of git ends with, as packs and indexes do; 0: none. */
size_t object_id_of_file(struct slice bytes);

#endif
