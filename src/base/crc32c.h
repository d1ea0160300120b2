/* base/crc32c.h: the checksum of the frames on disk
 *
 * Finds torn writes and flipped bits, not forgeries.  Castagnoli polynomial as in RFC 3720 B.4,
 * which processors compute in one instruction for eight bytes; zlib only has the other CRC-32.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continues from `crc`; 0 starts. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t size);

#endif
