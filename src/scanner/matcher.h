/* scanner/matcher.h: keys of ours in bytes of any kind
 *
 * Vectorscan looks for the four prefixes in twelve encodings (scanner/encoding.h) at once; behind
 * each, the text is decoded and its checksum decides (keys/key_text.h).  A made-up text passes one
 * time in four billion, so that what is found needs no second look.
 *
 * A matcher serves one thread.
 */
#ifndef SCANNER_MATCHER_H
#define SCANNER_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "keys/environment.h"
#include "keys/key_text.h"
#include "scanner/encoding.h"

enum {
    /* Longest key in its longest encoding: what may stand across the end of a block. */
    MATCHER_OVERLAP = SECRET_TEXT_SIZE * ENCODING_BYTES_MOST,
};

enum match_kind { MATCH_ID, MATCH_SECRET };

struct match {
    enum match_kind kind;
    enum environment environment;
    enum encoding encoding;
    uint64_t offset;                 /* of its first byte */
    size_t size;                     /* bytes that it takes, encoded */
    char text[SECRET_TEXT_SIZE + 1]; /* decoded; wipe it */
};

struct matcher;

/* ERR_MEMORY. */
must_use enum err matcher_open(struct matcher **matcher);

/* Another one for another thread; the first outlives it.  ERR_MEMORY. */
must_use enum err matcher_clone(const struct matcher *matcher, struct matcher **clone);

void matcher_close(struct matcher **matcher);

/* Calls `found` for each key that begins in the first `fresh` bytes of the block, in no order,
 * until it returns false.  Bytes behind those only complete them: whoever reads in blocks passes
 * MATCHER_OVERLAP bytes more than are fresh, and begins the next block with these.  Offsets in
 * matches begin at `offset`. */
void matcher_scan(struct matcher *matcher, struct slice block, size_t fresh, uint64_t offset,
                  bool (*found)(void *context, const struct match *match), void *context);

/* "lks_live_...a1B2": enough to recognise a secret, too little to use it.  An id is shown whole. */
enum { MATCH_SHOWN_SIZE = 32 };
void match_show(const struct match *match, char text[MATCH_SHOWN_SIZE]);

#endif
