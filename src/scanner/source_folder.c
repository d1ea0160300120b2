#include "scanner/source_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"

enum { BATCH_MOST = 64, STATE_SIZE = 64 };

/* What is looked at in one go, and noted afterwards. */
struct batch {
    struct work work[BATCH_MOST];
    json_t *files; /* path → state; the paths of `work` are its keys */
    size_t count;
};

static void state_write(const struct stat *status, char text[STATE_SIZE])
{
    snprintf(text, STATE_SIZE, "%" PRIu64 " %" PRIu64 ".%09" PRIu64, (uint64_t)status->st_size,
             (uint64_t)status->st_mtim.tv_sec, (uint64_t)status->st_mtim.tv_nsec);
}

static enum err batch_look(struct source *s, json_t *noted, struct batch *batch)
{
    enum err e = OK;

    if (batch->count == 0)
        return OK;
    TRY(source_look(s, batch->work, batch->count, NULL));
    json_object_update(noted, batch->files);
    TRY(source_keep(s));
    json_object_clear(batch->files);
    batch->count = 0;
out:
    return e;
}

static void batch_add(struct batch *batch, const char *path, const char *state)
{
    void *member;

    json_object_set_new(batch->files, path, json_string(state));
    member = json_object_iter_at(batch->files, path);
    if (member != NULL) /* a name that is no UTF-8 cannot be noted: it is looked at by its folder */
        batch->work[batch->count++] =
            (struct work){ .place = json_object_iter_key(member), .fd = -1 };
}

/* Files that are gone are forgotten, so that the checkpoint does not grow for ever. */
static enum err gone_forget(struct source *s, json_t *noted)
{
    struct stat status;
    const char *path;
    json_t *each;
    void *next;
    bool changed = false;

    json_object_foreach_safe(noted, next, path, each)
    {
        if (lstat(path, &status) == 0 || errno != ENOENT)
            continue;
        json_object_del(noted, path);
        changed = true;
    }
    return changed ? source_keep(s) : OK;
}

static enum err file_visit(struct source *s, FTSENT *entry, json_t *noted, struct batch *batch)
{
    char state[STATE_SIZE];
    const char *known;

    if (entry->fts_name[0] == '.' && entry->fts_level > 0)
        return OK;
    if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
        source_error(s, "%.300s: %s", entry->fts_path, strerror(entry->fts_errno));
        return ERR_IO;
    }
    if (entry->fts_info != FTS_F)
        return OK;
    state_write(entry->fts_statp, state);
    known = json_string_value(json_object_get(noted, entry->fts_path));
    if (known != NULL && strcmp(known, state) == 0)
        return OK;
    batch_add(batch, entry->fts_path, state);
    return batch->count < BATCH_MOST ? OK : batch_look(s, noted, batch);
}

enum err source_folder_turn(struct source *source)
{
    char *const roots[] = { (char *)source->settings->folder, NULL };
    struct batch batch = { .files = json_object() };
    json_t *noted = json_object_get(source->checkpoint, "files");
    enum err e = OK, fault = OK;
    FTSENT *entry;
    FTS *tree;

    if (!json_is_object(noted)) {
        noted = json_object();
        json_object_set_new(source->checkpoint, "files", noted);
    }
    tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    TRY(tree == NULL || batch.files == NULL ? ERR_MEMORY : OK);
    while ((entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_D && entry->fts_level > 0 && entry->fts_name[0] == '.')
            fts_set(tree, entry, FTS_SKIP);
        e = file_visit(source, entry, noted, &batch);
        if (e != OK && e != ERR_IO)
            goto out;
        /* The others are looked at anyhow, but for an authority that does not answer. */
        if (e == ERR_IO && entry->fts_info == FTS_F)
            goto out;
        if (e == ERR_IO)
            fault = e;
    }
    TRY(batch_look(source, noted, &batch));
    TRY(gone_forget(source, noted));
    e = fault;
out:
    if (tree != NULL)
        fts_close(tree);
    json_decref(batch.files);
    return e;
}
