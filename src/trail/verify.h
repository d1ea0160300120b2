/* trail/verify.h: is this audit log what was signed?
 *
 * Reads a folder (docs/formats/trail.md), the living one or a copy, and believes nothing in it but
 * what the given verifier key signed.  One pass over the log files finds altered, dropped,
 * reordered and cut records, and says which by index; the tiles and entry bundles that others read
 * are compared with the same pass.  Writes nothing, needs no authority and no index.
 *
 * What it cannot see: that a log was cut back to an older checkpoint and every later checkpoint
 * removed from the folder too.  For that give it a checkpoint that was kept elsewhere.
 */
#ifndef TRAIL_VERIFY_H
#define TRAIL_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum verify_finding_kind {
    VERIFY_KEY_WRONG,          /* the checkpoint is not signed by the given key */
    VERIFY_CHECKPOINT_MISSING, /* records, but no signed checkpoint */
    VERIFY_CHECKPOINT_MALFORMED,
    VERIFY_CHECKPOINT_OLDER, /* the list or the caller's copy holds a larger signed head */
    VERIFY_FILE_MISSING,     /* a log file is not there */
    VERIFY_FILE_DAMAGED,     /* its header or the space after its end */
    VERIFY_RECORD_DAMAGED,   /* a frame that does not add up, at `index` */
    VERIFY_RECORDS_MISSING,  /* log ends at `index`, a checkpoint has signed more */
    VERIFY_RECORDS_ALTERED,  /* tree of the log differs from a signed root: records in
                              * [index, index_end) are not what was signed */
    VERIFY_TILE_WRONG,       /* a tile or bundle differs from the log */
    VERIFY_TILE_MISSING,
    VERIFY_RETIRED_UNTOLD, /* records were retired, and no record of the log says so */
};

struct verify_finding {
    enum verify_finding_kind kind;
    uint64_t index;     /* first record concerned */
    uint64_t index_end; /* after the last one concerned */
    char text[512];     /* a sentence for a person, names the file */
};

struct verify_report {
    uint64_t size;             /* records in the log, retired ones included */
    uint64_t retired;          /* so many of them are not kept; their tree was verified */
    uint64_t bytes;            /* of log files read */
    uint64_t checkpoint_size;  /* records under the newest good signature */
    uint64_t checkpoint_count; /* signed heads checked against the tree */
    uint64_t unsigned_count;   /* records after the last checkpoint: at most about a second's */
    uint64_t finding_count;    /* 0: the log is what was signed */
    uint64_t tile_count;       /* tiles and bundles compared */
    uint64_t first_at_us;      /* received_at of the first and last record; 0: empty */
    uint64_t last_at_us;
    char root[45]; /* base64 of the root at checkpoint_size; "" when unsigned */
};

struct verify_options {
    const char *folder;
    struct slice verifier_key; /* "origin+id+key"; whitespace at the end is fine */
    struct slice witness;      /* a signed checkpoint kept elsewhere; empty: none */
    bool skip_tiles;
    /* Called about ten times a second; NULL: not. */
    void (*progress)(void *context, uint64_t bytes_done, uint64_t bytes_total);
    /* Called for each finding, at most 1000 times; NULL: only counted. */
    void (*finding)(void *context, const struct verify_finding *finding);
    void *context;
};

/* OK: it ran to the end; report->finding_count is the answer.
 * ERR_MALFORMED: verifier key or witness is not one.  ERR_MISSING: no such folder.
 * ERR_VERSION: written by a newer version.  ERR_IO, ERR_MEMORY: could not be read. */
must_use enum err trail_verify(const struct verify_options *options, struct verify_report *report);

#endif
