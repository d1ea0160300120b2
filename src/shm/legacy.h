/* shm/legacy.h: the segment that an earlier release left
 *
 * A segment holds what nothing else knows yet: audit records that were not collected, greatest
 * nonces, last uses, keys found in plaintext use or unused for too long, wallets calls.  All of it
 * moves into a segment of the present layout, complete before it takes the file's name.
 *
 * Gateways of the earlier release cannot map the new file.  Those that still run are told to refuse
 * first, so that no nonce is taken on both sides.  docs/nginx.md, "Upgrading", has the order of
 * steps in which none of them does.
 *
 * Knows layout 1, of release 0.1; its drawing ends docs/formats/segment.md.
 */
#ifndef SHM_LEGACY_H
#define SHM_LEGACY_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "keys/environment.h"

/* For the authority, before segment_create, which tells about anything that this leaves alone: no
 * file, one of the present layout, one of a layout that nobody here knows.
 *
 *   key_capacity  of the new segment, if the old one had not more; 0: the default
 *
 * Run again after a crash it does what is left.  ERR_CORRUPT: the file says that it has a known
 * layout, but is damaged or of the other environment.  ERR_FULL: tmpfs has no room for both.
 * ERR_IO, ERR_MEMORY.  A journal line says why. */
must_use enum err legacy_take_over(const char *path, mode_t mode, enum environment environment,
                                   uint32_t key_capacity);

#endif
