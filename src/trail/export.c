#include "trail/export.h"

#include <stdlib.h>
#include <string.h>

#include "trail/cursor.h"
#include "trail/query.h"
#include "trail/retired.h"

enum {
    STEP_ROWS = 256,        /* lines of a step: some 100 KiB */
    STEP_RECORDS = 1 << 16, /* records that a step looks at: an epoch of the index */
};

struct export {
    enum line_format format;
    struct trail_query query;
    char path[RECORD_PATH_MOST];
    bool begun;
    uint64_t next, end; /* records still to be looked at */

    struct trail *trail; /* NULL: from a folder */
    char *folder;
    struct retired retired;
    struct cursor cursor;

    struct buffer *text; /* of the running step */
};

static enum err export_make(const struct trail_query *query, enum line_format format,
                            struct export **export)
{
    struct export *new;

    *export = NULL;
    if (query->path.size > RECORD_PATH_MOST)
        return ERR_RANGE;
    new = calloc(1, sizeof *new);
    if (new == NULL)
        return ERR_MEMORY;
    new->format = format;
    new->query = *query;
    if (query->path.size > 0)
        memcpy(new->path, query->path.at, query->path.size);
    new->query.path.at = new->path;
    new->query.forward = true;
    new->query.limit = STEP_ROWS;
    new->cursor.fd = -1;
    *export = new;
    return OK;
}

enum err export_open(struct trail *trail, const struct trail_query *query, enum line_format format,
                     struct export **export)
{
    struct trail_state state;
    enum err e = export_make(query, format, export);

    if (e != OK)
        return e;
    trail_state_get(trail, &state);
    (*export)->trail = trail;
    (*export)->next = state.first;
    (*export)->end = state.size;
    return OK;
}

enum err export_folder_open(const char *folder, const struct trail_query *query,
                            enum line_format format, struct export **export)
{
    uint32_t last;
    enum err e;

    TRY(export_make(query, format, export));
    (*export)->folder = strdup(folder);
    if ((*export)->folder == NULL) {
        e = ERR_MEMORY;
        goto out;
    }
    TRY(cursor_open(&(*export)->cursor, (*export)->folder, true));
    TRY(retired_read(folder, NULL, &(*export)->retired));
    TRY(cursor_files_count(folder, (*export)->retired.number, &last));
    if (last == 0)
        e = ERR_MISSING;
out:
    if (e != OK)
        export_close(export);
    return e;
}

void export_close(struct export **export)
{
    if (*export == NULL)
        return;
    cursor_close(&(*export)->cursor);
    free((*export)->folder);
    free(*export);
    *export = NULL;
}

static bool row_append(void *context, const struct trail_row *row)
{
    struct export *export = context;

    line_append(export->format, row, export->text);
    return !export->text->failed;
}

static enum err trail_step(struct export *export, bool *more)
{
    struct trail_query *query = &export->query;
    struct trail_state state;
    bool found_more;
    enum err e;

    query->from = export->next;
    query->end = export->end - export->next > STEP_RECORDS ? export->next + STEP_RECORDS
                                                           : export->end;
    TRY(trail_find(export->trail, query, row_append, export, &export->next, &found_more));
    trail_state_get(export->trail, &state);
    if (state.first > query->from)
        return ERR_MISSING;
    if (!found_more)
        export->next = query->end;
    *more = export->next < export->end;
out:
    return e;
}

static enum err cursor_err(enum cursor_step step)
{
    return step == CURSOR_NEWER ? ERR_VERSION : step == CURSOR_FAILED ? ERR_IO : ERR_CORRUPT;
}

static enum err folder_step(struct export *export, bool *more)
{
    struct cursor *cursor = &export->cursor;
    enum cursor_step step = CURSOR_RECORD;
    unsigned rows = 0;

    if (cursor->number == 0)
        step = cursor_enter(cursor, export->retired.number);
    for (unsigned i = 0; i < STEP_RECORDS && rows < STEP_ROWS && step == CURSOR_RECORD; i++) {
        struct trail_row row;
        struct frame frame;

        step = cursor_next(cursor, UINT64_MAX, &frame);
        if (step != CURSOR_RECORD)
            break;
        row.index = frame.index;
        if (record_decode(frame.record, &row.record, &row.text) != OK)
            return ERR_CORRUPT;
        if (query_matches(&export->query, &row.record)) {
            row_append(export, &row);
            rows++;
        }
    }
    export->next = cursor->index;
    *more = step == CURSOR_RECORD;
    return *more || step == CURSOR_END ? OK : cursor_err(step);
}

enum err export_next(struct export *export, struct buffer *text, bool *more)
{
    enum err e = OK;

    *more = false;
    export->text = text;
    if (!export->begun) {
        export->begun = true;
        line_head_append(export->format, text);
    }
    if (export->trail == NULL)
        e = folder_step(export, more);
    else if (export->next < export->end)
        e = trail_step(export, more);
    return e == OK && text->failed ? ERR_MEMORY : e;
}

const char *export_problem(const struct export *export)
{
    return export->cursor.problem;
}
