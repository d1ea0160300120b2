#include "scanner/source_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/hex.h"

enum { BATCH_MOST = 64, STATE_SIZE = 64, NAME_SIZE = sizeof "hex:" + 2 * PATH_MAX };

/* What is looked at in one go, and noted afterwards. */
struct batch {
    struct work work[BATCH_MOST];
    char *paths[BATCH_MOST]; /* of `work` */
    json_t *files;           /* name in the checkpoint → state */
    size_t count;
};

static void state_write(const struct stat *status, char text[STATE_SIZE])
{
    snprintf(text, STATE_SIZE, "%" PRIu64 " %" PRIu64 ".%09" PRIu64, (uint64_t)status->st_size,
             (uint64_t)status->st_mtim.tv_sec, (uint64_t)status->st_mtim.tv_nsec);
}

/* What the checkpoint calls it: its path, which in JSON has to be UTF-8, or the path's bytes. */
static void name_write(const char *path, char name[NAME_SIZE])
{
    json_t *text = json_string(path);

    if (text != NULL) {
        snprintf(name, NAME_SIZE, "%s", path);
    } else {
        memcpy(name, "hex:", 4);
        hex_format(path, strlen(path), name + 4);
    }
    json_decref(text);
}

static void name_read(const char *name, char path[PATH_MAX])
{
    size_t size = strlen(name) / 2 - 2;

    if (strncmp(name, "hex:", 4) == 0 && size < PATH_MAX &&
        hex_parse(slice_of(name + 4), path, size))
        path[size] = '\0';
    else
        snprintf(path, PATH_MAX, "%s", name);
}

static void batch_wipe(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        free(batch->paths[i]);
    batch->count = 0;
    json_object_clear(batch->files);
}

static enum err batch_look(struct source *s, json_t *noted, struct batch *batch)
{
    enum err e = OK;

    if (batch->count == 0)
        return OK;
    TRY(source_look(s, batch->work, batch->count, NULL));
    json_object_update(noted, batch->files);
    TRY(source_keep(s));
    batch_wipe(batch);
out:
    return e;
}

static enum err batch_add(struct batch *batch, const char *path, const char *name,
                          const char *state)
{
    char *own = strdup(path);

    if (own == NULL || json_object_set_new(batch->files, name, json_string(state)) != 0) {
        free(own);
        return ERR_MEMORY;
    }
    batch->paths[batch->count] = own;
    batch->work[batch->count++] = (struct work){ .place = own, .fd = -1 };
    return OK;
}

/* Files that are gone are forgotten, so that the checkpoint does not grow for ever. */
static enum err gone_forget(struct source *s, json_t *noted)
{
    struct stat status;
    char path[PATH_MAX];
    const char *name;
    json_t *each;
    void *next;
    bool changed = false;

    json_object_foreach_safe(noted, next, name, each)
    {
        name_read(name, path);
        if (lstat(path, &status) == 0 || errno != ENOENT)
            continue;
        json_object_del(noted, name);
        changed = true;
    }
    return changed ? source_keep(s) : OK;
}

static enum err file_visit(struct source *s, FTSENT *entry, json_t *noted, struct batch *batch)
{
    char state[STATE_SIZE], name[NAME_SIZE];
    const char *known;
    enum err e;

    if (entry->fts_name[0] == '.' && entry->fts_level > 0)
        return OK;
    if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
        source_error(s, "%.300s: %s", entry->fts_path, strerror(entry->fts_errno));
        return ERR_IO;
    }
    if (entry->fts_info != FTS_F)
        return OK;
    state_write(entry->fts_statp, state);
    name_write(entry->fts_path, name);
    known = json_string_value(json_object_get(noted, name));
    if (known != NULL && strcmp(known, state) == 0)
        return OK;
    TRY(batch_add(batch, entry->fts_path, name, state));
    if (batch->count == BATCH_MOST)
        e = batch_look(s, noted, batch);
out:
    return e;
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
    batch_wipe(&batch);
    json_decref(batch.files);
    return e;
}
