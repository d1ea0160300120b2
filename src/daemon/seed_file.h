/* daemon/seed_file.h: the seed of a signing key, on disk */
#ifndef DAEMON_SEED_FILE_H
#define DAEMON_SEED_FILE_H

#include "audit/note.h"
#include "base/err.h"

/* Reads the seed, or draws it at the first start: mode 0600.  The caller wipes it.  Why not is said
 * in the journal of `part`.  ERR_DENIED: others may read the file.  ERR_CORRUPT: it is no seed.
 * ERR_IO. */
must_use enum err seed_file_open(const char *part, const char *path, uint8_t seed[NOTE_SEED_SIZE]);

#endif
