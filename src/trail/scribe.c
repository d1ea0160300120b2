#include "trail/scribe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "trail/heads.h"

enum {
    INDEX_ROWS = 16384,  /* of one transaction, and behind by so many it goes on at once */
    INDEX_WAIT_MS = 500, /* fewer than that may wait so long */
    RETRY_MS = 1000,
};

void scribe_trouble(struct trail *trail, enum trouble which, const char *words)
{
    bool is_new;

    pthread_mutex_lock(&trail->lock);
    is_new = strcmp(trail->trouble[which], words) != 0;
    if (is_new)
        snprintf(trail->trouble[which], LOG_PROBLEM_SIZE, "%s", words);
    if (is_new)
        pthread_cond_broadcast(&trail->changed);
    pthread_mutex_unlock(&trail->lock);
    if (is_new && which != TROUBLE_LOG && words[0] != '\0')
        log_warn("trail", "%s", words);
    if (is_new && words[0] == '\0')
        log_info("trail", "%s",
                 which == TROUBLE_LOG ? "records can be kept again" : "an earlier warning is over");
}

struct timespec scribe_after_ms(uint64_t ms)
{
    uint64_t at_ns = clock_mono_ns() + ms * NS_PER_MS;

    return (struct timespec){ (time_t)(at_ns / NS_PER_S), (long)(at_ns % NS_PER_S) };
}

static enum err index_rows(struct trail *trail, uint64_t size)
{
    struct cursor *cursor = &trail->index_cursor;
    struct index_place place;
    struct frame frame = { 0 };
    enum err e;

    index_place_get(trail->index, &place);
    TRY(index_begin(trail->index));
    for (unsigned rows = 0; rows < INDEX_ROWS && cursor->index < size; rows++) {
        struct audit_record record;
        struct slice text;
        uint64_t position;

        if (cursor_next(cursor, size, &frame) != CURSOR_RECORD) {
            log_error("trail", "index: %s", cursor->problem);
            e = ERR_CORRUPT;
            goto out;
        }
        position = CURSOR_POSITION(cursor->number, cursor->offset - frame.size);
        TRY(record_decode(frame.record, &record, &text));
        TRY(index_add(trail->index, frame.index, position, &record));
    }
    place.count = cursor->index;
    place.position = CURSOR_POSITION(cursor->number, cursor->offset);
    merkle_leaf(frame.record, &place.last_leaf);
    TRY(index_commit(trail->index, &place));
out:
    if (e != OK)
        index_rollback(trail->index);
    return e;
}

static struct retired beginning_get(struct trail *trail)
{
    struct retired retired;

    pthread_mutex_lock(&trail->lock);
    retired = trail->retired;
    pthread_mutex_unlock(&trail->lock);
    return retired;
}

static enum err key_carry(void *context, const struct trail_key_summary *summary)
{
    return index_key_put(context, summary);
}

static enum err account_carry(void *context, const struct trail_account_summary *summary)
{
    return index_account_put(context, summary);
}

enum err scribe_index_clear(struct trail *trail)
{
    const struct retired retired = beginning_get(trail);
    const struct index_place begin = {
        .count = retired.index,
        .position = CURSOR_POSITION(retired.number, FRAME_FILE_HEADER_SIZE),
    };
    enum err e;

    TRY(index_reset(trail->index));
    if (retired.index > 0) {
        TRY(index_begin(trail->index));
        TRY(retired_summary_each(trail->folder, &trail->key, key_carry, account_carry,
                                 trail->index));
        TRY(index_commit(trail->index, &begin));
    }
out:
    if (e != OK)
        index_rollback(trail->index);
    return e;
}

/* To where the index stands; also after a failed transaction. */
static enum err index_cursor_place(struct trail *trail)
{
    const struct retired retired = beginning_get(trail);
    struct index_place place;
    enum cursor_step step;

    index_place_get(trail->index, &place);
    step = place.count <= retired.index
               ? cursor_enter(&trail->index_cursor, retired.number)
               : cursor_seek(&trail->index_cursor, place.position, place.count);
    return step == CURSOR_RECORD ? OK : ERR_CORRUPT;
}

bool scribe_index(struct trail *trail, uint64_t size)
{
    char words[LOG_PROBLEM_SIZE];
    struct index_place place;
    enum err e = OK;

    if (trail->index_cursor.fd < 0 || trail->trouble[TROUBLE_INDEX][0] != '\0')
        e = index_cursor_place(trail);
    if (e == OK)
        e = index_rows(trail, size);
    index_place_get(trail->index, &place);
    pthread_mutex_lock(&trail->lock);
    trail->indexed = place.count;
    pthread_cond_broadcast(&trail->changed);
    pthread_mutex_unlock(&trail->lock);
    if (e == OK) {
        scribe_trouble(trail, TROUBLE_INDEX, "");
        return true;
    }
    snprintf(words, sizeof words, "the search index cannot be written: %s",
             e == ERR_STORE ? index_problem(trail->index) : err_text(e));
    scribe_trouble(trail, TROUBLE_INDEX, words);
    return false;
}

enum err scribe_reserve(struct trail *trail, uint32_t number, char problem[LOG_PROBLEM_SIZE])
{
    enum err e;

    /* Told under the same lock, or an earlier success could wipe out a later failure. */
    pthread_mutex_lock(&trail->reserve_lock);
    e = log_reserve(trail->folder, number, trail->file_bytes, problem);
    scribe_trouble(trail, TROUBLE_RESERVE, problem);
    pthread_mutex_unlock(&trail->reserve_lock);
    if (e == OK) {
        pthread_mutex_lock(&trail->lock);
        if (trail->file_reserved < number)
            trail->file_reserved = number;
        pthread_mutex_unlock(&trail->lock);
    }
    return e;
}

/* Brings the tiles behind the first `size` records; what they cannot write now they write later. */
static enum err tiles_follow(struct trail *trail, uint64_t size)
{
    struct cursor *cursor = &trail->tiles_cursor;
    struct frame frame;
    enum err e = OK;

    if (trail->tiles.size == size)
        return OK;
    if (cursor_seek(cursor, trail->tiles_position, trail->tiles.size) != CURSOR_RECORD)
        return ERR_IO;
    while (cursor_next(cursor, size, &frame) == CURSOR_RECORD) {
        struct merkle_hash leaf;

        merkle_leaf(frame.record, &leaf);
        TRY(tiles_add(&trail->tiles, frame.record, &leaf));
        trail->tiles_position = CURSOR_POSITION(cursor->number, cursor->offset);
    }
    e = trail->tiles.size == size ? OK : ERR_IO;
out:
    return e;
}

static void tiles_update(struct trail *trail, uint64_t size)
{
    enum err e = tiles_follow(trail, size);

    if (e == OK)
        e = tiles_publish(&trail->tiles);
    if (e == OK)
        scribe_trouble(trail, TROUBLE_TILES, "");
    else
        scribe_trouble(trail, TROUBLE_TILES,
                       trail->tiles.problem[0] != '\0' ? trail->tiles.problem
                                                       : "the tiles cannot follow the log");
}

/* Signs what `tree` stands over: records on disk, whatever is appended meanwhile. */
static bool checkpoint_publish(struct trail *trail, const struct merkle_frontier *tree)
{
    struct checkpoint head = { .size = tree->size };
    char text[CHECKPOINT_TEXT_MOST], words[LOG_PROBLEM_SIZE];
    size_t size;

    tiles_update(trail, tree->size);
    memcpy(head.origin, trail->key.name, sizeof head.origin);
    merkle_root(tree, &head.root);
    size = checkpoint_format(&head, &trail->key, trail->seed, text);
    if (heads_publish(trail->folder, (struct slice){ text, size }) != OK) {
        snprintf(words, sizeof words, "the checkpoint cannot be written: %s", strerror(errno));
        scribe_trouble(trail, TROUBLE_CHECKPOINT, words);
        return false;
    }
    scribe_trouble(trail, TROUBLE_CHECKPOINT, "");
    pthread_mutex_lock(&trail->lock);
    trail->checkpoint_size = head.size;
    pthread_mutex_unlock(&trail->lock);
    return true;
}

/* What there was to do at one moment. */
struct work {
    struct merkle_frontier tree;
    uint64_t asked; /* 0: no checkpoint */
    uint32_t file;  /* to reserve; 0: none */
    bool index;
    bool trim;
    bool reindex;
    bool stopping;
};

static bool checkpoint_answer(struct trail *trail, const struct work *work)
{
    bool fine = trail->checkpoint_size == work->tree.size || checkpoint_publish(trail, &work->tree);

    pthread_mutex_lock(&trail->lock);
    trail->sign_done = work->asked;
    pthread_cond_broadcast(&trail->changed);
    pthread_mutex_unlock(&trail->lock);
    return fine;
}

static bool work_is_due(const struct trail *trail)
{
    uint64_t behind = trail->synced.size - trail->indexed;

    return trail->sign_done < trail->sign_asked || behind >= INDEX_ROWS || trail->trim ||
           trail->reindex || (behind > 0 && trail->hurry_count > 0) ||
           trail->file_reserved <= trail->file_in_use;
}

/* Sleeps until there is work; a few new records may wait for more of them. */
static void scribe_wait(struct trail *trail)
{
    struct timespec until = scribe_after_ms(INDEX_WAIT_MS);

    while (!trail->stopping && !work_is_due(trail)) {
        if (trail->synced.size == trail->indexed) {
            pthread_cond_wait(&trail->changed, &trail->lock);
            until = scribe_after_ms(INDEX_WAIT_MS);
        } else if (pthread_cond_timedwait(&trail->changed, &trail->lock, &until) == ETIMEDOUT) {
            return;
        }
    }
}

/* After a failure: not at once again, but at once when somebody waits for it. */
static void scribe_pause(struct trail *trail)
{
    struct timespec until = scribe_after_ms(RETRY_MS);

    while (!trail->stopping && trail->sign_done == trail->sign_asked)
        if (pthread_cond_timedwait(&trail->changed, &trail->lock, &until) == ETIMEDOUT)
            return;
}

static void work_take(struct trail *trail, bool fine, struct work *work)
{
    pthread_mutex_lock(&trail->lock);
    if (fine)
        scribe_wait(trail);
    else
        scribe_pause(trail);
    *work = (struct work){
        .tree = trail->synced,
        .asked = trail->sign_done < trail->sign_asked ? trail->sign_asked : 0,
        .index = trail->indexed < trail->synced.size || trail->reindex,
        .trim = trail->trim,
        .reindex = trail->reindex,
        .stopping = trail->stopping,
    };
    if (!work->stopping && trail->file_reserved <= trail->file_in_use)
        work->file = trail->file_in_use + 1;
    pthread_mutex_unlock(&trail->lock);
}

/* Throws the index away; what follows puts the records in again. */
static bool reindex(struct trail *trail)
{
    enum err e;

    /* Searches would find neither index nor log in between. */
    pthread_rwlock_wrlock(&trail->readers);
    e = scribe_index_clear(trail);
    cursor_close(&trail->index_cursor);
    if (e == OK)
        e = cursor_open(&trail->index_cursor, trail->folder, false);
    pthread_mutex_lock(&trail->lock);
    trail->indexed = trail->retired.index;
    trail->reindex = false;
    pthread_cond_broadcast(&trail->changed);
    pthread_mutex_unlock(&trail->lock);
    pthread_rwlock_unlock(&trail->readers);
    if (e != OK)
        scribe_trouble(trail, TROUBLE_INDEX,
                       "the search index cannot be made again: restart the "
                       "authority, which tries it at its start");
    return e == OK;
}

/* Rows of retired records go bit by bit; no search looks at them. */
static bool trim(struct trail *trail)
{
    bool more;

    if (index_trim(trail->index, beginning_get(trail).index, &more) != OK)
        return false;
    pthread_mutex_lock(&trail->lock);
    trail->trim = more;
    pthread_mutex_unlock(&trail->lock);
    return true;
}

void *scribe_main(void *context)
{
    struct trail *trail = context;
    char problem[LOG_PROBLEM_SIZE];
    bool fine = true;

    for (;;) {
        struct work work;

        work_take(trail, fine, &work);
        /* First what an append may have to wait for, then what has a second, then the rest. */
        fine = work.file == 0 || scribe_reserve(trail, work.file, problem) == OK;
        if (work.asked != 0)
            fine = checkpoint_answer(trail, &work) && fine;
        if (work.reindex)
            fine = reindex(trail) && fine;
        if (work.trim && !work.stopping)
            fine = trim(trail) && fine;
        if (work.index)
            fine = scribe_index(trail, work.tree.size) && fine;
        if (work.stopping && (trail->indexed == work.tree.size || !fine))
            return NULL;
    }
}
