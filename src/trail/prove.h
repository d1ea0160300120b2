/* trail/prove.h: makes the proof of one record
 *
 * From the files that everybody may have: a signed checkpoint, the hash tiles, and, for the record
 * itself, its entry bundle.  The hashes of a record stay when the record itself is no longer kept,
 * so it can still be proved to whoever has it from elsewhere, say from an export.
 */
#ifndef TRAIL_PROVE_H
#define TRAIL_PROVE_H

#include "audit/proof_text.h"
#include "trail/tile_reader.h"

enum { PROVE_PROBLEM_SIZE = 256 };

/* Proves record `index` under a checkpoint, whose text the proof borrows.  What comes out was
 * checked.  With words in `problem`:
 *
 *   ERR_DENIED   the checkpoint is not signed by the key
 *   ERR_RANGE    it covers fewer records
 *   ERR_CORRUPT  the record or the tiles are not what was signed
 *   ERR_MISSING  a tile is not there
 *   ERR_IO, ERR_MEMORY
 */
must_use enum err prove_record(const struct log_files *files, struct slice checkpoint,
                               const struct note_key *key, uint64_t index,
                               struct proof_text *proof, char problem[PROVE_PROBLEM_SIZE]);

/* Proves that the log of `head` begins with that of `old`, which has a record at least and is not
 * larger.  What comes out was checked.  ERR_CORRUPT: it does not, or the tiles are not those of
 * `head`.  ERR_MISSING, ERR_IO, ERR_MEMORY.  With words in `problem`. */
must_use enum err prove_growth(const struct log_files *files, const struct checkpoint *old,
                               const struct checkpoint *head, struct merkle_proof *proof,
                               char problem[PROVE_PROBLEM_SIZE]);

/* Where a request stands among the first `size` records; looks through the bundles that are kept,
 * the newest first.  ERR_MISSING: it is in none of them.  ERR_IO, ERR_MEMORY. */
must_use enum err prove_find(const struct log_files *files, uint64_t size,
                             const uint8_t request_id[RECORD_REQUEST_ID_SIZE], uint64_t *index);

#endif
