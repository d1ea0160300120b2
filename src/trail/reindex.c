/* Makes the search index again; declared in trail/trail.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "trail/heads.h"
#include "trail/scribe.h"

void trail_reindex(struct trail *trail)
{
    pthread_mutex_lock(&trail->lock);
    trail->reindex = true;
    pthread_cond_broadcast(&trail->changed);
    while (trail->reindex && !trail->stopping)
        pthread_cond_wait(&trail->changed, &trail->lock);
    pthread_mutex_unlock(&trail->lock);
}

static enum err fail(char problem[TRAIL_PROBLEM_SIZE], enum err e, const char *words)
{
    snprintf(problem, TRAIL_PROBLEM_SIZE, "%s", words);
    return e;
}

/* As much of a trail as the scribe's indexing needs, of a folder that nobody has open. */
static enum err folder_take(struct trail *trail, char problem[TRAIL_PROBLEM_SIZE])
{
    char path[FILE_PATH_SIZE];
    struct checkpoint head;
    struct buffer key;
    enum err e;

    buffer_init(&key);
    trail->folder_fd = open(trail->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (trail->folder_fd < 0)
        return fail(problem, ERR_MISSING, "there is no such folder");
    if (flock(trail->folder_fd, LOCK_EX | LOCK_NB) != 0)
        return fail(problem, ERR_EXISTS, "an authority has the audit log open");
    snprintf(path, sizeof path, "%.*s/key.pub", FILE_PATH_SIZE - 32, trail->folder);
    e = file_read(path, sizeof trail->key_text, &key);
    if (e == OK && !note_key_parse((struct slice){ key.at, key.size - (key.size > 0) },
                                   NOTE_KEY_LOG, &trail->key))
        e = ERR_CORRUPT;
    buffer_wipe(&key);
    if (e != OK)
        return fail(problem, e, "key.pub is not there or not a verifier key");
    note_key_format(&trail->key, trail->key_text);
    e = heads_newest(trail->folder, &trail->key, &head);
    if (e != OK)
        return fail(problem, e, "there is no checkpoint signed by the key of key.pub");
    e = retired_read(trail->folder, &trail->key, &trail->retired);
    if (e != OK)
        return fail(problem, e, "the file retired is damaged or not signed by the log's key");
    trail->synced.size = head.size;
    return OK;
}

static enum err folder_index(struct trail *trail,
                             void (*progress)(void *context, uint64_t done, uint64_t total),
                             void *context, char problem[TRAIL_PROBLEM_SIZE])
{
    enum err e;

    TRY(folder_take(trail, problem));
    TRY(index_open(trail->folder, trail->key_text, &trail->index, problem));
    TRY(cursor_open(&trail->index_cursor, trail->folder, false));
    TRY(scribe_index_clear(trail));
    for (trail->indexed = trail->retired.index; trail->indexed < trail->synced.size;) {
        if (!scribe_index(trail, trail->synced.size))
            return fail(problem, ERR_STORE, trail->trouble[TROUBLE_INDEX]);
        if (progress != NULL)
            progress(context, trail->indexed, trail->synced.size);
    }
out:
    return e;
}

enum err trail_reindex_folder(const char *folder,
                              void (*progress)(void *context, uint64_t done, uint64_t total),
                              void *context, char problem[TRAIL_PROBLEM_SIZE])
{
    struct trail *trail = calloc(1, sizeof *trail);
    enum err e = ERR_MEMORY;

    problem[0] = '\0';
    if (trail == NULL)
        return e;
    trail->folder_fd = trail->index_cursor.fd = -1;
    pthread_mutex_init(&trail->lock, NULL);
    pthread_cond_init(&trail->changed, NULL);
    trail->folder = strdup(folder);
    if (trail->folder != NULL)
        e = folder_index(trail, progress, context, problem);
    if (e != OK && problem[0] == '\0')
        fail(problem, e, err_text(e));
    index_close(&trail->index);
    cursor_close(&trail->index_cursor);
    if (trail->folder_fd >= 0)
        close(trail->folder_fd);
    pthread_cond_destroy(&trail->changed);
    pthread_mutex_destroy(&trail->lock);
    free(trail->folder);
    free(trail);
    return e;
}
