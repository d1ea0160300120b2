/* trail/index.h: finds records without reading the log
 *
 * An SQLite file that is derived from the log: it may be deleted at any time and is built again
 * when the trail opens.  Records are grouped in epochs of 65,536; every index starts with the
 * epoch, so that rows always go to the end of small, warm trees, however many keys there are.  A
 * search goes from epoch to epoch and skips those that cannot hold what it looks for.
 *
 * One thread writes; one connection of its own reads beside it (SQLite's write-ahead log).
 */
#ifndef TRAIL_INDEX_H
#define TRAIL_INDEX_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/merkle.h"
#include "base/err.h"
#include "trail/trail.h"

enum { INDEX_EPOCH_SHIFT = 16 };

/* How far the index has come: `count` records, the next one expected at `position`. */
struct index_place {
    uint64_t count;
    uint64_t position;
    struct merkle_hash last_leaf; /* of record count - 1, to recognise the log it was made from */
};

struct index;

/* Opens or creates folder/index.sqlite for the log of a verifier key.  A file that is damaged, of
 * another version or of another log is deleted and begun again.  ERR_STORE, see problem. */
must_use enum err index_open(const char *folder, const char *verifier_key, struct index **index,
                             char problem[TRAIL_PROBLEM_SIZE]);
void index_close(struct index **index);
void index_place_get(struct index *index, struct index_place *place);

/* Where a record stands.  ERR_MISSING, ERR_STORE. */
must_use enum err index_position(struct index *index, uint64_t number, uint64_t *position);

/* Deletes everything in it: the log turned out to be another one. */
must_use enum err index_reset(struct index *index);

/* Writer: begin, add records in order, commit with the place reached. */
must_use enum err index_begin(struct index *index);
must_use enum err index_add(struct index *index, uint64_t number, uint64_t position,
                            const struct audit_record *record);
must_use enum err index_commit(struct index *index, const struct index_place *place);
void index_rollback(struct index *index);

/* Writer, between begin and commit: what is known from records that are no longer kept. */
must_use enum err index_key_put(struct index *index, const struct trail_key_summary *key);
must_use enum err index_account_put(struct index *index,
                                    const struct trail_account_summary *account);

/* Writer: deletes some of the rows below `first`, whose records are no longer kept; the summaries
 * stay.  *more: there may be others. */
must_use enum err index_trim(struct index *index, uint64_t first, bool *more);

/* Reader: when the latest of the records `first` to below `end` was received. */
must_use enum err index_latest(struct index *index, uint64_t first, uint64_t end, uint64_t *at_us);

/* Reader: calls `each` with number and position of what matches from `first` on, newest first below
 * query->before, or oldest first from query->from on, until it returns false.  *place is what the
 * index held at that moment.  `each` must not call the index. */
must_use enum err index_find(struct index *index, const struct trail_query *query, uint64_t first,
                             bool (*each)(void *context, uint64_t number, uint64_t position),
                             void *context, struct index_place *place);

must_use enum err index_summary_each(
    struct index *index, void (*key)(void *context, const struct trail_key_summary *summary),
    void (*account)(void *context, const struct trail_account_summary *summary), void *context);

/* Words of the last failure. */
const char *index_problem(const struct index *index);

#endif
