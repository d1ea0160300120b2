/* trail/witness.h: remembers how far a log had come, and signs that it only grew
 *
 * A log alone does not show that its end was cut off together with every later signature, nor that
 * its keeper began it anew.  A witness has a folder, a key and, best, a user of its own.  Each time
 * it looks it proves from the log's public files that the log begins with all it has seen before,
 * and only then remembers the new head and signs it:
 *
 *     key          Ed25519 seed, mode 0600         key.pub   verifies its signatures
 *     log.pub      the log's verifier key          alarm     the first contradiction, if any
 *     checkpoint   the last head, signed by the log and by the witness: all that it remembers
 *
 * Source: C2SP tlog-cosignature, with the checks of tlog-witness.
 */
#ifndef TRAIL_WITNESS_H
#define TRAIL_WITNESS_H

#include "audit/cosignature.h"
#include "trail/tile_reader.h"

enum {
    WITNESS_PROBLEM_SIZE = 512,
    WITNESS_REFRESH_S = 60, /* a head that does not grow is signed again so often */
};

struct witness {
    const char *folder; /* its own, borrowed */
    struct note_key log, key;
    const uint8_t *seed;    /* NOTE_SEED_SIZE bytes, borrowed */
    struct checkpoint seen; /* size 0: nothing yet */
    uint64_t cosigned_at_s; /* since 1970 */
};

/* Takes up what the folder remembers.  The witness's other members are the caller's to set.
 * ERR_CORRUPT: what it remembers is not signed by the log and the witness.  ERR_IO, ERR_MEMORY. */
must_use enum err witness_recall(struct witness *witness);

enum witness_answer {
    WITNESS_COSIGNED, /* it has grown, or the time had come to sign again */
    WITNESS_SAME,     /* nothing new */
    WITNESS_EMPTY,    /* nothing was ever signed */
    /* From here on the log is not what it was; nothing is signed or forgotten. */
    WITNESS_GONE,     /* it has no checkpoint any more */
    WITNESS_FORGED,   /* its checkpoint is not signed by its key */
    WITNESS_CUT,      /* it has fewer records than were seen */
    WITNESS_FORKED,   /* it does not begin with the records that were seen */
    WITNESS_UNPROVEN, /* its tiles are missing or are not those that it signed */
};

bool witness_is_alarmed(enum witness_answer answer);

/* Looks at the log once.  `problem` says in words what an alarm is about; the first one is kept in
 * the folder with both heads as evidence.  ERR_IO, ERR_DENIED, ERR_MEMORY: the log could not be
 * read, or the folder not written; nothing changed. */
must_use enum err witness_look(struct witness *witness, const struct log_files *files,
                               uint64_t now_s, enum witness_answer *answer,
                               char problem[WITNESS_PROBLEM_SIZE]);

#endif
