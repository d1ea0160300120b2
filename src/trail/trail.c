#include "trail/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "trail/heads.h"
#include "trail/recover.h"
#include "trail/scribe.h"
#include "trail/search.h"

/* ---- the collector: append ---- */

/* Goes on in the next file.  The scribe has it ready; only when appends were faster than that does
 * this thread wait for the disk. */
static enum err log_roll(struct trail *trail)
{
    uint32_t next = trail->log.number + 1;
    char problem[LOG_PROBLEM_SIZE];
    enum err e;

    e = scribe_reserve(trail, next, problem);
    if (e != OK) {
        memcpy(trail->log.problem, problem, sizeof trail->log.problem);
        return ERR_IO;
    }
    e = log_continue(&trail->log, next, 0, trail->log.index, false);
    if (e != OK)
        return e;
    pthread_mutex_lock(&trail->lock);
    trail->file_in_use = next;
    pthread_cond_broadcast(&trail->changed);
    pthread_mutex_unlock(&trail->lock);
    return OK;
}

static_assert(FRAME_HEADER_SIZE + FRAME_ALIGNMENT <= TRAIL_RECORD_MORE,
              "callers reckon with what a record takes in a file");

static enum err batch_check(const struct trail *trail, const struct slice *records, size_t count)
{
    struct audit_record record;
    struct slice text;
    uint64_t size = 0;

    if (count == 0 || count > TRAIL_BATCH_MOST)
        return ERR_RANGE;
    for (size_t i = 0; i < count; i++) {
        size += log_frame_size(records[i].size);
        if (record_decode(records[i], &record, &text) != OK)
            return ERR_MALFORMED;
    }
    return size > trail->file_bytes / 4 ? ERR_RANGE : OK;
}

enum err trail_append(struct trail *trail, const struct slice *records, size_t count,
                      uint64_t *first_index)
{
    enum err e;

    TRY(batch_check(trail, records, count));
    *first_index = trail->log.index;
    e = log_append(&trail->log, records, count, &trail->tree);
    if (e == ERR_FULL) {
        e = log_roll(trail);
        if (e == OK)
            e = log_append(&trail->log, records, count, &trail->tree);
    }
    if (e != OK) {
        scribe_trouble(trail, TROUBLE_LOG,
                       trail->log.problem[0] != '\0' ? trail->log.problem : err_text(e));
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        struct merkle_hash leaf;

        merkle_leaf(records[i], &leaf);
        merkle_append(&trail->tree, &leaf);
    }
    if (trail->trouble[TROUBLE_LOG][0] != '\0')
        scribe_trouble(trail, TROUBLE_LOG, "");
    pthread_mutex_lock(&trail->lock);
    trail->synced = trail->tree;
    pthread_cond_broadcast(&trail->changed);
    pthread_mutex_unlock(&trail->lock);
out:
    return e;
}

enum err trail_checkpoint_soon(struct trail *trail)
{
    enum err e = log_check(&trail->log);

    if (e != OK || trail->trouble[TROUBLE_LOG][0] != '\0')
        scribe_trouble(trail, TROUBLE_LOG, trail->log.problem);
    if (e != OK)
        return e;
    pthread_mutex_lock(&trail->lock);
    if (trail->checkpoint_size != trail->synced.size) {
        trail->sign_asked++;
        pthread_cond_broadcast(&trail->changed);
    }
    pthread_mutex_unlock(&trail->lock);
    return OK;
}

enum err trail_checkpoint(struct trail *trail)
{
    enum err e = trail_checkpoint_soon(trail);
    uint64_t asked;

    if (e != OK)
        return e;
    pthread_mutex_lock(&trail->lock);
    asked = trail->sign_asked;
    while (trail->sign_done < asked)
        pthread_cond_wait(&trail->changed, &trail->lock);
    e = trail->checkpoint_size == trail->synced.size ? OK : ERR_IO;
    pthread_mutex_unlock(&trail->lock);
    return e;
}

/* ---- everybody ---- */

void trail_state_get(struct trail *trail, struct trail_state *state)
{
    pthread_mutex_lock(&trail->lock);
    *state = (struct trail_state){
        .size = trail->synced.size,
        .first = trail->retired.index,
        .checkpoint_size = trail->checkpoint_size,
        .indexed = trail->indexed,
        .log_file_count = trail->file_in_use,
    };
    pthread_mutex_unlock(&trail->lock);
}

enum trail_health trail_problem(struct trail *trail, char text[TRAIL_PROBLEM_SIZE])
{
    enum trail_health health = TRAIL_HEALTHY;

    text[0] = '\0';
    pthread_mutex_lock(&trail->lock);
    for (int i = TROUBLE_COUNT - 1; i >= 0; i--)
        if (trail->trouble[i][0] != '\0') {
            snprintf(text, TRAIL_PROBLEM_SIZE, "%s", trail->trouble[i]);
            health = i == TROUBLE_LOG ? TRAIL_STOPPED : TRAIL_WARNING;
        }
    pthread_mutex_unlock(&trail->lock);
    return health;
}

const char *trail_folder(const struct trail *trail)
{
    return trail->folder;
}

const char *trail_verifier_key(const struct trail *trail)
{
    return trail->key_text;
}

enum err trail_checkpoint_text(struct trail *trail, struct buffer *checkpoint)
{
    char path[FILE_PATH_SIZE];
    enum err e;

    snprintf(path, sizeof path, "%.*s/checkpoint", FILE_PATH_SIZE - 32, trail->folder);
    e = file_read(path, CHECKPOINT_TEXT_MOST, checkpoint);
    return e == ERR_MISSING ? OK : e;
}

enum err trail_find(struct trail *trail, const struct trail_query *query,
                    bool (*each)(void *context, const struct trail_row *row), void *context,
                    uint64_t *next, bool *more)
{
    struct trail_state state;
    enum err e;

    pthread_rwlock_rdlock(&trail->readers);
    trail_state_get(trail, &state);
    e = search_find(trail->folder, &trail->retired, trail->index, state.size, query, each, context,
                    next, more);
    pthread_rwlock_unlock(&trail->readers);
    return e;
}

bool trail_wait(struct trail *trail, uint64_t size, uint32_t most_ms)
{
    struct timespec until = scribe_after_ms(most_ms);
    bool have;

    pthread_mutex_lock(&trail->lock);
    while (trail->synced.size <= size && !trail->stopping)
        if (pthread_cond_timedwait(&trail->changed, &trail->lock, &until) == ETIMEDOUT)
            break;
    have = trail->synced.size > size;
    pthread_mutex_unlock(&trail->lock);
    return have;
}

bool trail_signed_wait(struct trail *trail, uint64_t size, uint32_t most_ms)
{
    struct timespec until = scribe_after_ms(most_ms);
    bool is_signed;

    pthread_mutex_lock(&trail->lock);
    while (trail->checkpoint_size < size && !trail->stopping)
        if (pthread_cond_timedwait(&trail->changed, &trail->lock, &until) == ETIMEDOUT)
            break;
    is_signed = trail->checkpoint_size >= size;
    pthread_mutex_unlock(&trail->lock);
    return is_signed;
}

enum err trail_summary_each(
    struct trail *trail, void (*key)(void *context, const struct trail_key_summary *summary),
    void (*account)(void *context, const struct trail_account_summary *summary), void *context)
{
    uint64_t size;
    bool have;

    pthread_mutex_lock(&trail->lock);
    size = trail->synced.size;
    trail->hurry_count++;
    pthread_cond_broadcast(&trail->changed);
    while (trail->indexed < size && trail->trouble[TROUBLE_INDEX][0] == '\0')
        pthread_cond_wait(&trail->changed, &trail->lock);
    trail->hurry_count--;
    have = trail->indexed >= size;
    pthread_mutex_unlock(&trail->lock);
    return have ? index_summary_each(trail->index, key, account, context) : ERR_STORE;
}

enum err trail_recent_ids(struct trail *trail, uint8_t (*ids)[RECORD_REQUEST_ID_SIZE],
                          size_t capacity, size_t *count)
{
    struct trail_state state;
    enum err e;

    pthread_rwlock_rdlock(&trail->readers);
    trail_state_get(trail, &state);
    *count = state.size - state.first < capacity ? (size_t)(state.size - state.first) : capacity;
    e = search_recent_ids(trail->folder, (uint32_t)state.log_file_count, state.size, ids, *count);
    pthread_rwlock_unlock(&trail->readers);
    return e;
}

enum err trail_ids_each(struct trail *trail, uint64_t from,
                        void (*each)(void *context, const uint8_t id[RECORD_REQUEST_ID_SIZE]),
                        void *context)
{
    struct trail_state state;
    enum err e;

    pthread_rwlock_rdlock(&trail->readers);
    trail_state_get(trail, &state);
    e = search_ids_each(trail->folder, (uint32_t)state.log_file_count, state.size,
                        from < state.first ? state.first : from, each, context);
    pthread_rwlock_unlock(&trail->readers);
    return e;
}

/* ---- opening ---- */

enum { BOOT_ID_MOST = 64 };

static enum err fail(char problem[TRAIL_PROBLEM_SIZE], enum err e, const char *words)
{
    snprintf(problem, TRAIL_PROBLEM_SIZE, "%s", words);
    return e;
}

static enum err folder_open(struct trail *trail, char problem[TRAIL_PROBLEM_SIZE])
{
    char path[FILE_PATH_SIZE];
    enum err e;

    snprintf(path, sizeof path, "%.*s/log", FILE_PATH_SIZE - 32, trail->folder);
    e = file_folder_make(trail->folder, 0700);
    if (e == OK)
        e = file_folder_make(path, 0700);
    if (e != OK)
        return fail(problem, e, "the folder of the audit log cannot be made");
    trail->folder_fd = open(trail->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (trail->folder_fd < 0)
        return fail(problem, ERR_IO, "the folder of the audit log cannot be opened");
    if (flock(trail->folder_fd, LOCK_EX | LOCK_NB) != 0)
        return fail(problem, ERR_EXISTS, "another process has the audit log open");
    return OK;
}

/* key.pub tells whose log this is; a log of another key is never signed over. */
static enum err key_file_check(struct trail *trail, char problem[TRAIL_PROBLEM_SIZE])
{
    char path[FILE_PATH_SIZE], line[NOTE_KEY_TEXT_SIZE + 1];
    struct buffer found;
    struct slice wanted;
    enum err e;

    snprintf(line, sizeof line, "%s\n", trail->key_text);
    wanted = slice_of(line);
    snprintf(path, sizeof path, "%.*s/key.pub", FILE_PATH_SIZE - 32, trail->folder);
    buffer_init(&found);
    e = file_read(path, sizeof line, &found);
    if (e == ERR_MISSING)
        e = file_write_atomic(path, 0644, wanted);
    else if (e == OK && !slice_is(buffer_slice(&found), wanted))
        e = fail(problem, ERR_CONFLICT, "key.pub names another log or another signing key");
    else if (e != OK)
        fail(problem, e, "key.pub cannot be read");
    buffer_wipe(&found);
    return e;
}

static enum err head_read(struct trail *trail, struct checkpoint *head,
                          char problem[TRAIL_PROBLEM_SIZE])
{
    enum err e = heads_newest(trail->folder, &trail->key, head);
    struct checkpoint last;

    if (e != OK && e != ERR_MISSING)
        return fail(problem, e, "the newest checkpoint is not signed by this log's key");
    e = heads_recover(trail->folder, &trail->key, &last);
    if (e != OK)
        return fail(problem, e, "the list of checkpoints cannot be read");
    if (last.size > head->size)
        return fail(problem, ERR_CORRUPT,
                    "the list of checkpoints holds a larger one than the newest:"
                    " somebody has put back an older checkpoint");
    trail->checkpoint_size = head->size;
    return OK;
}

/* Tiles are written without a sync.  A process that dies loses none of them, a machine that does
 * may: so the folder remembers under which start of the machine it was last opened.  Where the
 * kernel does not tell, `boot` is empty and every opening is taken for the first one. */
static enum err boot_read(const struct trail *trail, struct buffer *boot, bool *is_same)
{
    char path[FILE_PATH_SIZE];
    struct buffer noted;
    enum err e;

    *is_same = false;
    buffer_init(&noted);
    if (file_read("/proc/sys/kernel/random/boot_id", BOOT_ID_MOST, boot) != OK)
        return OK;
    snprintf(path, sizeof path, "%.*s/boot", FILE_PATH_SIZE - 32, trail->folder);
    e = file_read(path, BOOT_ID_MOST, &noted);
    if (e == OK)
        *is_same = slice_is(buffer_slice(boot), buffer_slice(&noted));
    buffer_wipe(&noted);
    return e == ERR_MISSING || e == ERR_FULL ? OK : e;
}

static enum err boot_note(const struct trail *trail, const struct buffer *boot)
{
    char path[FILE_PATH_SIZE];

    snprintf(path, sizeof path, "%.*s/boot", FILE_PATH_SIZE - 32, trail->folder);
    return file_write_atomic(path, 0644, buffer_slice(boot));
}

/* Where the log begins; and finishes what a dying process was about to remove. */
static enum err retired_take(struct trail *trail, char problem[TRAIL_PROBLEM_SIZE])
{
    enum err e = retired_read(trail->folder, &trail->key, &trail->retired);

    if (e == ERR_CORRUPT)
        return fail(problem, e,
                    "the file retired is damaged or not signed by this log's key: "
                    "restore it");
    if (e != OK)
        return fail(problem, e, "the file retired cannot be read");
    trail->trim = trail->retired.index > 0;
    if (retired_is_left(trail->folder, &trail->retired)) {
        log_info("trail", "removing what is left of records before %" PRIu64, trail->retired.index);
        if (retired_remove(trail->folder, &trail->retired) != OK)
            log_warn("trail", "not all files of retired records could be removed");
    }
    return OK;
}

static enum err log_recover(struct trail *trail, const struct checkpoint *head,
                            char problem[TRAIL_PROBLEM_SIZE])
{
    struct recovery recovery;
    struct buffer boot;
    bool is_same_boot;
    enum err e;

    buffer_init(&boot);
    TRY(tiles_init(&trail->tiles, trail->folder, TILES_REPAIR));
    TRY(boot_read(trail, &boot, &is_same_boot));
    TRY(recover_log(trail->folder, &trail->retired, head, !is_same_boot, &trail->tiles, &recovery,
                    problem));
    if (recovery.tiles_remade || !is_same_boot)
        syncfs(trail->folder_fd);
    if (!is_same_boot)
        TRY(boot_note(trail, &boot));
    trail->tiles.mode = TILES_WRITE;
    trail->tree = recovery.tree;
    trail->synced = recovery.tree;
    if (log_reserve(trail->folder, recovery.number, trail->file_bytes, problem) != OK)
        return ERR_IO;
    log_init(&trail->log, trail->folder, trail->file_bytes);
    e = log_continue(&trail->log, recovery.number, recovery.offset, trail->synced.size,
                     recovery.wipe);
    if (e != OK)
        return fail(problem, e, trail->log.problem);
    trail->tiles_position = CURSOR_POSITION(
        recovery.number, recovery.offset == 0 ? FRAME_FILE_HEADER_SIZE : recovery.offset);
    trail->file_in_use = recovery.number;
    trail->file_reserved =
        recovery.file_count > recovery.number ? recovery.file_count : recovery.number;
    TRY(cursor_open(&trail->tiles_cursor, trail->folder, false));
    TRY(cursor_open(&trail->index_cursor, trail->folder, false));
out:
    buffer_wipe(&boot);
    return e;
}

/* Was the index made from this log?  The last record it has must stand where it says. */
static bool index_fits(struct trail *trail)
{
    struct index_place place;
    struct merkle_hash leaf;
    struct frame frame;
    uint64_t position;

    index_place_get(trail->index, &place);
    if (place.count == trail->retired.index)
        return true;
    if (place.count < trail->retired.index || place.count > trail->synced.size ||
        index_position(trail->index, place.count - 1, &position) != OK ||
        cursor_fetch(&trail->index_cursor, position, place.count - 1, &frame) != CURSOR_RECORD)
        return false;
    merkle_leaf(frame.record, &leaf);
    return merkle_equal(&leaf, &place.last_leaf);
}

static enum err index_catch_up(struct trail *trail, char problem[TRAIL_PROBLEM_SIZE])
{
    uint64_t said = 0;
    enum err e;

    TRY(index_open(trail->folder, trail->key_text, &trail->index, problem));
    if (!index_fits(trail)) {
        log_info("trail", "the search index is of another log and is built again");
        TRY(scribe_index_clear(trail));
    }
    cursor_close(&trail->index_cursor);
    TRY(cursor_open(&trail->index_cursor, trail->folder, false));
    for (;;) {
        struct index_place place;

        index_place_get(trail->index, &place);
        trail->indexed = place.count;
        if (place.count == trail->synced.size)
            break;
        if (!scribe_index(trail, trail->synced.size))
            return fail(problem, ERR_STORE, trail->trouble[TROUBLE_INDEX]);
        if (place.count - said >= 1000000) {
            said = place.count;
            log_info("trail", "search index: %" PRIu64 " of %" PRIu64 " records", said,
                     trail->synced.size);
        }
    }
out:
    return e;
}

static enum err trail_start(struct trail *trail, const struct trail_options *options,
                            char problem[TRAIL_PROBLEM_SIZE])
{
    pthread_condattr_t monotonic;
    struct checkpoint head;
    enum err e;

    pthread_mutex_init(&trail->lock, NULL);
    pthread_mutex_init(&trail->reserve_lock, NULL);
    pthread_mutex_init(&trail->retire_lock, NULL);
    pthread_rwlock_init(&trail->readers, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&trail->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);

    memcpy(trail->seed, options->seed, TRAIL_SEED_SIZE);
    e = note_key_init(&trail->key, NOTE_KEY_LOG, slice_of(options->origin), trail->seed);
    if (e != OK)
        return fail(problem, e, "the origin of the audit log is not a name");
    note_key_format(&trail->key, trail->key_text);
    TRY(folder_open(trail, problem));
    TRY(key_file_check(trail, problem));
    TRY(head_read(trail, &head, problem));
    TRY(retired_take(trail, problem));
    TRY(log_recover(trail, &head, problem));
    TRY(index_catch_up(trail, problem));
    if (pthread_create(&trail->scribe, NULL, scribe_main, trail) != 0)
        return ERR_MEMORY;
    trail->scribe_runs = true;
    /* What was recovered is signed before anything is added to it. */
    e = trail_checkpoint(trail);
out:
    return e;
}

enum err trail_open(const struct trail_options *options, struct trail **trail,
                    char problem[TRAIL_PROBLEM_SIZE])
{
    struct trail *new = calloc(1, sizeof *new);
    enum err e = ERR_MEMORY;

    *trail = NULL;
    problem[0] = '\0';
    if (new == NULL || sodium_init() < 0 || (new->folder = strdup(options->folder)) == NULL) {
        free(new);
        return ERR_MEMORY;
    }
    new->folder_fd = -1;
    new->file_bytes = options->log_file_bytes == 0 ? LOG_FILE_BYTES : options->log_file_bytes;
    new->log.fd = new->tiles_cursor.fd = new->index_cursor.fd = -1;
    if (new->file_bytes < LOG_FILE_BYTES_LEAST || new->file_bytes > LOG_FILE_BYTES_MOST ||
        new->file_bytes % FRAME_FILE_HEADER_SIZE != 0)
        e = ERR_RANGE;
    *trail = new;
    if (e != ERR_RANGE)
        e = trail_start(new, options, problem);
    if (e != OK) {
        if (problem[0] == '\0')
            fail(problem, e, err_text(e));
        log_error("trail", "the audit log cannot be opened: %s", problem);
        trail_close(trail);
    }
    return e;
}

void trail_close(struct trail **trail)
{
    struct trail *t = *trail;

    if (t == NULL)
        return;
    if (t->scribe_runs) {
        /* A failure is in the journal; the records are on disk, the next start signs them. */
        if (trail_checkpoint(t) != OK)
            log_warn("trail", "closed without a last checkpoint");
        pthread_mutex_lock(&t->lock);
        t->stopping = true;
        pthread_cond_broadcast(&t->changed);
        pthread_mutex_unlock(&t->lock);
        pthread_join(t->scribe, NULL);
    }
    index_close(&t->index);
    cursor_close(&t->index_cursor);
    cursor_close(&t->tiles_cursor);
    tiles_wipe(&t->tiles);
    log_close(&t->log);
    if (t->folder_fd >= 0)
        close(t->folder_fd);
    sodium_memzero(t->seed, sizeof t->seed);
    free(t->folder);
    free(t);
    *trail = NULL;
}
