/* trail/retired.h: where the log begins, once its oldest records are no longer kept
 *
 *     retired       what was retired, what is still known of it, and a signature
 * (docs/formats/trail.md)
 *
 * Retired are whole log files and the entry bundles that lie wholly before the first record kept.
 * Hash tiles and checkpoints stay for ever, so every root that was signed can still be derived,
 * and a retired record be proved to whoever has kept a copy.  What a start of the authority takes
 * from the log (the last nonce of each key and so on) is carried in the file: the index can then
 * be made again from what is kept.
 *
 * The file is signed by the log's key: nobody else can have the log begin later.  It is written
 * before anything is removed, and a removal that a dying process left unfinished is finished by
 * the next opening.
 */
#ifndef TRAIL_RETIRED_H
#define TRAIL_RETIRED_H

#include "audit/checkpoint.h"
#include "base/buffer.h"
#include "base/err.h"
#include "trail/trail.h"

struct retired {
    uint64_t index;  /* first record kept; 0: nothing was retired */
    uint64_t from;   /* first record of the last retirement */
    uint32_t number; /* log file that begins with `index`; 1 when nothing was retired */
};

/* How a change record says it: {"what":RETIRED_WHAT,"before":{"first_record":FROM},
 * "after":{"first_record":INDEX}}. */
#define RETIRED_WHAT "audit records retired"

/* Does a change say that records below *index are retired? */
bool retired_is_told(struct slice change, uint64_t *index);

/* ---- the file ---- */

/* Without a file: nothing was retired, OK.  `key` NULL: the signature is not looked at.
 * ERR_CORRUPT: not the key's, or damaged.  ERR_VERSION: a newer one's.  ERR_IO, ERR_MEMORY. */
must_use enum err retired_read(const char *folder, const struct note_key *key,
                               struct retired *retired);

/* What the file carries of keys and accounts. */
must_use enum err retired_summary_each(
    const char *folder, const struct note_key *key,
    enum err (*each_key)(void *context, const struct trail_key_summary *summary),
    enum err (*each_account)(void *context, const struct trail_account_summary *summary),
    void *context);

/* The content is built in this order, and then written as a whole: begin, keys, accounts. */
struct retired_writer {
    struct buffer content;
    uint64_t key_count, account_count;
};
void retired_writer_begin(struct retired_writer *writer, const struct retired *retired);
void retired_key_add(void *writer, const struct trail_key_summary *summary);
void retired_account_add(void *writer, const struct trail_account_summary *summary);
/* Signs, writes atomically, frees.  ERR_IO, ERR_MEMORY. */
must_use enum err retired_writer_commit(struct retired_writer *writer, const char *folder,
                                        const uint8_t seed[TRAIL_SEED_SIZE]);
void retired_writer_rollback(struct retired_writer *writer);

/* ---- what it is about ---- */

/* Removes the log files and bundles that the last retirement is about, as far as they are still
 * there.  ERR_IO: not all could be; they are harmless, and the next opening tries again. */
must_use enum err retired_remove(const char *folder, const struct retired *retired);

/* Is there something left for retired_remove? */
bool retired_is_left(const char *folder, const struct retired *retired);

#endif
