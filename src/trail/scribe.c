#include "trail/scribe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    INDEX_ROWS = 4096,   /* of one transaction, and behind by so many it goes on at once */
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

/* To where the index stands; also after a failed transaction. */
static enum err index_cursor_place(struct trail *trail)
{
    struct index_place place;
    enum cursor_step step;

    index_place_get(trail->index, &place);
    step = place.count == 0 ? cursor_enter(&trail->index_cursor, 1)
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

enum err scribe_reserve(struct trail *trail, uint32_t number)
{
    char problem[LOG_PROBLEM_SIZE];
    enum err e;

    pthread_mutex_lock(&trail->reserve_lock);
    e = log_reserve(trail->folder, number, trail->file_bytes, problem);
    pthread_mutex_unlock(&trail->reserve_lock);
    if (e == OK) {
        pthread_mutex_lock(&trail->lock);
        if (trail->file_reserved < number)
            trail->file_reserved = number;
        pthread_mutex_unlock(&trail->lock);
    }
    scribe_trouble(trail, TROUBLE_RESERVE, problem);
    return e;
}

static bool work_is_due(const struct trail *trail)
{
    uint64_t behind = trail->size - trail->indexed;

    return behind >= INDEX_ROWS || (behind > 0 && trail->hurry_count > 0) ||
           trail->file_reserved <= trail->file_in_use;
}

/* Sleeps until there is work; a few new records may wait for more of them. */
static void scribe_wait(struct trail *trail)
{
    struct timespec until = scribe_after_ms(INDEX_WAIT_MS);

    while (!trail->stopping && !work_is_due(trail)) {
        if (trail->size == trail->indexed) {
            pthread_cond_wait(&trail->changed, &trail->lock);
            until = scribe_after_ms(INDEX_WAIT_MS);
        } else if (pthread_cond_timedwait(&trail->changed, &trail->lock, &until) == ETIMEDOUT) {
            return;
        }
    }
}

/* After a failure: not at once again, but at once when the trail closes. */
static void scribe_pause(struct trail *trail)
{
    struct timespec until = scribe_after_ms(RETRY_MS);

    while (!trail->stopping)
        if (pthread_cond_timedwait(&trail->changed, &trail->lock, &until) == ETIMEDOUT)
            return;
}

void *scribe_main(void *context)
{
    struct trail *trail = context;
    bool fine = true;

    for (;;) {
        uint64_t size, indexed;
        uint32_t wanted;
        bool stopping;

        pthread_mutex_lock(&trail->lock);
        if (fine)
            scribe_wait(trail);
        else
            scribe_pause(trail);
        size = trail->size;
        indexed = trail->indexed;
        stopping = trail->stopping;
        wanted = trail->file_reserved <= trail->file_in_use ? trail->file_in_use + 1 : 0;
        pthread_mutex_unlock(&trail->lock);

        fine = true;
        if (wanted != 0 && !stopping)
            fine = scribe_reserve(trail, wanted) == OK;
        if (size > indexed)
            fine = scribe_index(trail, size) && fine;
        if (stopping && (size == trail->indexed || !fine))
            return NULL;
    }
}
