/* trail/trail.h: the audit log on disk: append, sign, find
 *
 * A folder (docs/formats/trail.md) whose append-only log files are the truth.  Everything else in
 * it is derived: tree tiles, a search index, and checkpoints signed over records that are already
 * on disk.  Opening brings all of it up to date with the log, however the last process ended.
 *
 * Threads.  One thread, the collector, calls trail_append, trail_checkpoint_soon, trail_checkpoint
 * and trail_close.  Every other function may be called by any thread at any time between open and
 * close; none of them waits for the disk of a batch being appended.  A thread inside the trail, the
 * scribe, writes tiles, checkpoints and index and reserves the next log file: an append waits for
 * one fdatasync of the log and for nothing else, unless it fills a file before the next is there.
 *
 * Sources: RFC 6962 (tree), C2SP tlog-tiles, tlog-checkpoint and signed-note.
 */
#ifndef TRAIL_TRAIL_H
#define TRAIL_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    TRAIL_SEED_SIZE = 32,     /* Ed25519 */
    TRAIL_BATCH_MOST = 65536, /* records of one append */
    TRAIL_FIND_MOST = 1000,   /* rows of one answer */
    TRAIL_PROBLEM_SIZE = 512,
    TRAIL_FILE_BYTES = 32 << 20, /* of a log file, unless the options say otherwise */
    TRAIL_BATCH_BYTES = TRAIL_FILE_BYTES / 4, /* of one append into such files, */
    TRAIL_RECORD_MORE = 32, /* to which each record adds its own size and this */
};

struct trail;

struct trail_options {
    const char *folder;      /* DATA/audit; made (0700) when it is not there */
    const char *origin;      /* names the log in its checkpoints, e.g. "latchkey.example/audit" */
    const uint8_t *seed;     /* TRAIL_SEED_SIZE bytes; copied, wiped at close */
    uint64_t log_file_bytes; /* size of one log file; 0: TRAIL_FILE_BYTES */
};

/* Opens or creates the log, cuts off what a dying process had not finished, brings tree, tiles and
 * index up to date and writes folder/key.pub.  The reason of a refusal is in the journal and, for a
 * person, in `problem`.
 *
 *   ERR_CORRUPT  the log contradicts itself or its signed checkpoint: never repaired silently
 *   ERR_EXISTS   another process has it open
 *   ERR_VERSION  written by a newer version
 *   ERR_CONFLICT the folder belongs to another origin or signing key
 *   ERR_IO, ERR_STORE, ERR_MEMORY
 */
must_use enum err trail_open(const struct trail_options *options, struct trail **trail,
                             char problem[TRAIL_PROBLEM_SIZE]);

/* Signs a last checkpoint, waits for the index, frees.  Accepts NULL in *trail and sets it. */
void trail_close(struct trail **trail);

/* Keeps `count` records (1 to TRAIL_BATCH_MOST, together at most a quarter of a log file), each as
 * audit/record.h encodes it.  OK: all of them are on disk, numbered from *first_index on.  Anything
 * else: none of them is kept, and the caller may come again with them at any time.
 *
 *   ERR_MALFORMED, ERR_RANGE  not records, or too many: the caller's mistake
 *   ERR_IO                    no record can be kept now, see trail_problem; ends by itself when
 *                             the cause is gone, except after a failed fdatasync
 */
must_use enum err trail_append(struct trail *trail, const struct slice *records, size_t count,
                               uint64_t *first_index);

/* Has the scribe sign and publish a checkpoint over all records if there are new ones, and does not
 * wait for it.  Call it once a second, also because it looks whether the log file is still there
 * and whole, and lets a problem end while there is nothing to append.  ERR_IO: the log is not as it
 * was, see trail_problem; nothing is signed. */
must_use enum err trail_checkpoint_soon(struct trail *trail);

/* The same, and waits until the checkpoint is published.  ERR_IO: it is not, see trail_problem. */
must_use enum err trail_checkpoint(struct trail *trail);

struct trail_state {
    uint64_t size;            /* records on disk, retired ones included */
    uint64_t first;           /* the first one kept; those before it are retired */
    uint64_t checkpoint_size; /* records under the last signature */
    uint64_t indexed;         /* records in the search index; trail_find knows the others too */
    uint64_t log_file_count;
};
void trail_state_get(struct trail *trail, struct trail_state *state);

enum trail_health {
    TRAIL_HEALTHY,
    TRAIL_WARNING, /* records are kept, but something derived or reserved cannot be written */
    TRAIL_STOPPED, /* no record can be kept: the gateway must refuse */
};

/* Says in words what is wrong and what to do; "" when healthy. */
enum trail_health trail_problem(struct trail *trail, char text[TRAIL_PROBLEM_SIZE]);

/* The folder as it was given. */
const char *trail_folder(const struct trail *trail);

/* The signed note as it stands on disk, and the text that checks it ("origin+id+key").  Empty
 * checkpoint: none signed yet. */
must_use enum err trail_checkpoint_text(struct trail *trail, struct buffer *checkpoint);
const char *trail_verifier_key(const struct trail *trail);

/* What to look for.  Zero-initialise: every filter has a switch, except the ones whose zero means
 * "any". */
struct trail_query {
    char key[RECORD_KEY_SIZE]; /* random part of the key id, at whatever door it was named */
    bool by_key;
    bool by_account;
    bool by_environment;
    bool by_status;
    bool by_verdict;
    bool path_is_prefix;
    uint8_t environment;
    uint16_t status;
    uint16_t verdict;
    uint64_t account;
    uint64_t since_us; /* received at or after; 0: any */
    uint64_t until_us; /* received before; 0: any */
    struct slice path; /* whole path, or its start; empty: any */
    uint64_t before;   /* newest first below this index; 0: from the newest */
    bool forward;      /* oldest first, from index `from` on, instead */
    uint64_t from;
    uint64_t end;   /* when forward: only below this index; 0: to the end of the log */
    uint32_t limit; /* 1 to TRAIL_FIND_MOST */
};

struct trail_row {
    uint64_t index;
    struct audit_record record;
    struct slice text; /* JSON of a change, borrowed until the call returns; else empty */
};

/* Calls `each` for every record found, in order, until it returns false.  *next is where the next
 * page goes on (`before`, or `from` when forward); *more is false when there is none.  When forward
 * and everything was seen, *next is the size of the log, so that a tail goes on there.
 * ERR_RANGE: limit or path out of range.  ERR_STORE: index not readable.  ERR_IO, ERR_CORRUPT. */
must_use enum err trail_find(struct trail *trail, const struct trail_query *query,
                             bool (*each)(void *context, const struct trail_row *row),
                             void *context, uint64_t *next, bool *more);

/* Waits until there are more than `size` records, at most `most_ms`; true when there are. */
bool trail_wait(struct trail *trail, uint64_t size, uint32_t most_ms);

/* Waits until a checkpoint covers `size` records, at most `most_ms`; true when one does. */
bool trail_signed_wait(struct trail *trail, uint64_t size, uint32_t most_ms);

/* What the log knows about a key or an account; the authority takes it at its start. */
struct trail_key_summary {
    char key[RECORD_KEY_SIZE];
    uint64_t account;
    uint64_t nonce;           /* the highest that was accepted; 0: none */
    uint64_t last_used_at_us; /* last correctly signed request */
    uint64_t wallets_at_us;   /* first successful call of wallets; 0: never */
};
struct trail_account_summary {
    uint64_t account;
    uint64_t sandbox_order_at_us; /* first accepted order in the sandbox */
};

/* Calls back for each key and each account that has a summary, over all records on disk; either
 * callback may be NULL.  Waits for the index.  ERR_STORE. */
must_use enum err trail_summary_each(
    struct trail *trail, void (*key)(void *context, const struct trail_key_summary *summary),
    void (*account)(void *context, const struct trail_account_summary *summary), void *context);

/* ---- Retention ----
 *
 * Records go by whole log files, their entry bundles with them; the tree and the checkpoints stay,
 * so that all that was ever signed still verifies.  What trail_summary_each tells survives. */

struct trail_retirement {
    uint64_t from, end; /* records from `from` to below `end` go; equal: none */
    uint32_t number;    /* log file that will be the first */
};

/* What may go: files all of whose records were received before the moment; never the one that is
 * being written.  Waits for the index.  ERR_STORE, ERR_IO, ERR_CORRUPT. */
must_use enum err trail_retire_plan(struct trail *trail, uint64_t before_us,
                                    struct trail_retirement *plan);

/* Does it; a record of the log must have said so before (trail/retired.h), or verifying finds that
 * nobody did.  Done when it returns, or at the next opening, whatever happens in between.
 * ERR_CONFLICT: the plan is out of date.  ERR_CORRUPT, ERR_MISSING: the tiles do not hold the tree
 * of these records, nothing was removed.  ERR_STORE, ERR_IO, ERR_MEMORY. */
must_use enum err trail_retire(struct trail *trail, const struct trail_retirement *plan);

/* ---- The search index ---- */

/* Throws the index away and has it made again behind whatever goes on; trail_find meanwhile reads
 * the log instead.  trail_state_get tells how far it is. */
void trail_reindex(struct trail *trail);

/* The same in a folder that no process has open, for the records under its newest checkpoint;
 * `progress` may be NULL.  With words in `problem`: ERR_EXISTS: it is open.  ERR_MISSING: there is
 * no signed log.  ERR_CORRUPT, ERR_STORE, ERR_IO, ERR_MEMORY. */
must_use enum err trail_reindex_folder(const char *folder,
                                       void (*progress)(void *context, uint64_t done,
                                                        uint64_t total),
                                       void *context, char problem[TRAIL_PROBLEM_SIZE]);

/* Request ids of the newest records, newest first, into ids[capacity]; *count says how many.  The
 * collector recognises by them what it had appended before it died. */
must_use enum err trail_recent_ids(struct trail *trail, uint8_t (*ids)[RECORD_REQUEST_ID_SIZE],
                                   size_t capacity, size_t *count);

/* Request ids of all records from index `from` on that are not retired, in order. */
must_use enum err trail_ids_each(struct trail *trail, uint64_t from,
                                 void (*each)(void *context,
                                              const uint8_t id[RECORD_REQUEST_ID_SIZE]),
                                 void *context);

#endif
