/* scanner/gunzip.h: what a gzip file unpacks to, all at once
 *
 * libdeflate inflates twice as fast as the zlib of libarchive, but only into memory that is large
 * enough.  Where it cannot, the caller takes the slow way, which also says what is wrong.
 */
#ifndef SCANNER_GUNZIP_H
#define SCANNER_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* All members of the file (RFC 1952), of at most `most` bytes together, into memory that the caller
 * frees.  False: no gzip file, damaged, larger than the last member says, something behind it, or
 * no memory. */
bool gunzip(struct slice packed, size_t most, char **bytes, size_t *size);

#endif
