/* trail/scribe.h: what goes on behind the append
 *
 * The state that the trail's threads share, and the thread that writes tiles, checkpoints and the
 * search index and reserves the next log file, so that none of it is in the way of a record
 * becoming durable.
 */
#ifndef TRAIL_SCRIBE_H
#define TRAIL_SCRIBE_H

#include <pthread.h>
#include <time.h>

#include "audit/checkpoint.h"
#include "trail/cursor.h"
#include "trail/index.h"
#include "trail/log.h"
#include "trail/retired.h"
#include "trail/tiles.h"
#include "trail/trail.h"

/* What can be wrong, the worst first. */
enum trouble {
    TROUBLE_LOG,
    TROUBLE_RESERVE,
    TROUBLE_CHECKPOINT,
    TROUBLE_TILES,
    TROUBLE_INDEX,
    TROUBLE_COUNT
};

struct trail {
    char *folder;
    struct note_key key;
    char key_text[NOTE_KEY_TEXT_SIZE];
    uint8_t seed[TRAIL_SEED_SIZE];
    int folder_fd; /* locked: one process at a time */
    uint64_t file_bytes;

    /* The collector's own. */
    struct log log;
    struct merkle_frontier tree;

    /* The scribe's own, once it runs; the index has a reader for everybody. */
    struct tiles tiles;
    struct cursor tiles_cursor;
    uint64_t tiles_position; /* of the next record they take */
    struct index *index;
    struct cursor index_cursor;
    pthread_t scribe;
    bool scribe_runs;
    pthread_mutex_t reserve_lock;

    pthread_mutex_t retire_lock; /* one retirement at a time */
    pthread_rwlock_t readers;    /* held by searches; for writing where the log's begin moves */

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t changed;
    struct merkle_frontier synced; /* over all records on disk */
    uint64_t checkpoint_size, indexed;
    uint64_t sign_asked, sign_done; /* a checkpoint is asked for; tried, with or without success */
    uint32_t file_in_use, file_reserved;
    struct retired retired; /* changes with `readers` held for writing as well */
    bool trim;    /* the index has rows of retired records */
    bool reindex; /* the index is to be made again */
    unsigned hurry_count; /* callers that wait for the index */
    bool stopping;
    char trouble[TROUBLE_COUNT][LOG_PROBLEM_SIZE];
};

/* Remembers a trouble, or forgets it ("" as words); the journal hears of a change. */
void scribe_trouble(struct trail *trail, enum trouble which, const char *words);

/* A moment of the clock that trail->changed waits by. */
struct timespec scribe_after_ms(uint64_t ms);

/* Makes log file `number` unless it is there; `problem` says why not, whatever other threads say of
 * other files meanwhile.  Any thread. */
must_use enum err scribe_reserve(struct trail *trail, uint32_t number,
                                 char problem[LOG_PROBLEM_SIZE]);

/* Puts up to a transaction's worth of the first `size` records into the index; false, with a
 * trouble, when that failed.  Not while the scribe runs. */
bool scribe_index(struct trail *trail, uint64_t size);

/* Opens the index, empty but for what is carried over from retired records, or throws away what is
 * in it.  Not while the scribe runs. */
must_use enum err scribe_index_clear(struct trail *trail);

/* The thread, over a struct trail, until trail->stopping. */
void *scribe_main(void *trail);

#endif
