#include "trail/recover.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "trail/cursor.h"

/* Linux writes a dirty page back within half a minute, and commits a new name within five seconds;
 * a disk under load takes longer, but not twenty times as long. */
enum { SETTLE_S = 600 };

struct walk {
    const char *folder;
    const struct retired *retired;
    const struct checkpoint *head;
    struct tiles *tiles;
    struct recovery *recovery;
    struct cursor cursor;
    uint32_t last_used;  /* highest file with a good header */
    uint64_t tiles_from; /* record at which the tiles begin to be looked at */
    char *problem;
};

__attribute__((format(printf, 3, 4))) static enum err refuse(struct walk *walk, enum err e,
                                                             const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(walk->problem, TRAIL_PROBLEM_SIZE, format, arguments);
    va_end(arguments);
    return e;
}

static enum err header_get(struct walk *walk, uint32_t number, enum frame_answer *answer,
                           struct frame_file *file)
{
    enum err e = cursor_header_read(walk->folder, number, answer, file);

    if (e != OK)
        return refuse(walk, ERR_IO, "log/%06" PRIu32 ".log cannot be read", number);
    if (*answer == FRAME_NEWER)
        return refuse(walk, ERR_VERSION, "log/%06" PRIu32 ".log was written by a newer version",
                      number);
    return OK;
}

static time_t written_at(const struct walk *walk, uint32_t number)
{
    char path[FILE_PATH_SIZE];
    struct stat status;

    cursor_path(walk->folder, number, path);
    return stat(path, &status) == 0 ? status.st_mtime : 0;
}

/* The file to begin with: behind it lie the checkpoint, the file that was being written, and a
 * whole bundle's start before both. */
static enum err start_find(struct walk *walk, bool machine_restarted, uint32_t *start)
{
    enum frame_answer answer = FRAME_NONE;
    struct frame_file file = { 0 };
    const uint32_t first = walk->retired->number;
    uint64_t floor;
    int64_t settled;
    enum err e;

    e = cursor_files_count(walk->folder, first, &walk->recovery->file_count);
    if (e == ERR_MISSING)
        return refuse(walk, ERR_CORRUPT, "log/%06" PRIu32 ".log is missing: restore it",
                      walk->recovery->file_count);
    TRY(e);
    walk->last_used = walk->recovery->file_count;
    for (; walk->last_used >= first; walk->last_used--) {
        TRY(header_get(walk, walk->last_used, &answer, &file));
        if (answer == FRAME_GOOD)
            break;
    }
    *start = walk->last_used >= first ? walk->last_used : first;
    floor = file.first_index < walk->head->size ? file.first_index : walk->head->size;
    floor -= floor % TILES_WIDTH;
    settled = machine_restarted ? written_at(walk, *start) - SETTLE_S : INT64_MAX;
    while (*start > first &&
           (file.first_index > floor || written_at(walk, *start - 1) >= settled)) {
        --*start;
        TRY(header_get(walk, *start, &answer, &file));
        if (answer != FRAME_GOOD)
            return refuse(walk, ERR_CORRUPT,
                          "log/%06" PRIu32 ".log has a damaged header: restore it", *start);
    }
out:
    return e;
}

static enum err head_check(struct walk *walk)
{
    struct merkle_hash root;

    if (walk->recovery->tree.size != walk->head->size || walk->head->size == 0)
        return OK;
    merkle_root(&walk->recovery->tree, &root);
    if (merkle_equal(&root, &walk->head->root))
        return OK;
    return refuse(walk, ERR_CORRUPT,
                  "the first %" PRIu64 " records are not those that were signed: "
                  "run latchkey audit verify, and restore the log",
                  walk->head->size);
}

/* At a bundle's start: the tiles must hold what comes before.  ERR_MISSING: they do not. */
static enum err tiles_begin(struct walk *walk)
{
    if (walk->recovery->tree.size != walk->tiles_from || walk->tiles_from == 0)
        return OK;
    return tiles_load(walk->tiles, &walk->recovery->tree);
}

static enum err record_take(struct walk *walk, struct slice record)
{
    struct merkle_hash leaf;
    enum err e;

    TRY(tiles_begin(walk));
    merkle_leaf(record, &leaf);
    if (walk->recovery->tree.size >= walk->tiles_from) {
        e = tiles_add(walk->tiles, record, &leaf);
        if (e != OK)
            return refuse(walk, e, "%s", walk->tiles->problem);
    }
    merkle_append(&walk->recovery->tree, &leaf);
    TRY(head_check(walk));
out:
    return e;
}

/* Is the bad place a torn batch?  Then no later batch can exist: every batch was synced before the
 * next one was begun. */
static enum err tear_judge(struct walk *walk)
{
    struct cursor *cursor = &walk->cursor;
    uint64_t offset = cursor->offset, bad = cursor->index;
    enum frame_answer answer;
    struct frame_file file;
    struct frame frame;
    enum cursor_step step;
    enum err e = OK;

    if (walk->last_used > cursor->number || (offset == 0 && walk->last_used == cursor->number) ||
        (offset > 0 && cursor->size != cursor->file.file_bytes))
        return refuse(walk, ERR_CORRUPT, "%s, and later records stand behind it: restore the log",
                      cursor->problem);
    if (offset == 0)
        TRY(header_get(walk, cursor->number, &answer, &file));
    while ((step = cursor_find_frame(cursor, &frame)) == CURSOR_RECORD)
        if (frame.batch > bad)
            return refuse(walk, ERR_CORRUPT,
                          "%s: record %" PRIu64 " is damaged, and record %" PRIu64
                          " behind it is whole: restore the log",
                          cursor->problem, bad, frame.index);
    if (step == CURSOR_FAILED)
        return refuse(walk, ERR_IO, "%s", cursor->problem);
    log_info("trail", "cut an unfinished batch behind record %" PRIu64, bad);
    cursor->offset = offset;
    walk->recovery->wipe = true;
out:
    return e;
}

static enum err walk_end(struct walk *walk, enum cursor_step step)
{
    struct cursor *cursor = &walk->cursor;
    enum err e = OK;

    if (step == CURSOR_FAILED)
        return refuse(walk, ERR_IO, "%s", cursor->problem);
    if (step == CURSOR_NEWER)
        return refuse(walk, ERR_VERSION, "%s", cursor->problem);
    if (walk->recovery->tree.size < walk->head->size)
        return refuse(walk, ERR_CORRUPT,
                      "records %" PRIu64 " to %" PRIu64 " were signed and are gone"
                      "%s%s: restore the log",
                      walk->recovery->tree.size, walk->head->size - 1,
                      step == CURSOR_BAD ? "; " : "", step == CURSOR_BAD ? cursor->problem : "");
    if (step == CURSOR_BAD)
        TRY(tear_judge(walk));
    TRY(tiles_begin(walk));
    walk->recovery->number = cursor->number > 0 ? cursor->number : walk->retired->number;
    walk->recovery->offset = cursor->offset;
out:
    return e;
}

static enum err walk_from(struct walk *walk, uint32_t start)
{
    struct recovery *recovery = walk->recovery;
    struct frame frame;
    enum cursor_step step;
    enum err e = OK;

    merkle_frontier_init(&recovery->tree);
    recovery->wipe = false;
    walk->tiles->size = 0;
    walk->tiles->bundle_size = 0;
    step = cursor_enter(&walk->cursor, start);
    if (step == CURSOR_RECORD) {
        recovery->tree = walk->cursor.file.tree;
        if (start == walk->retired->number && recovery->tree.size != walk->retired->index)
            return refuse(walk, ERR_CORRUPT,
                          "log/%06" PRIu32 ".log does not begin with record %" PRIu64, start,
                          walk->retired->index);
        walk->tiles_from =
            start == 1 ? 0 : (recovery->tree.size + TILES_WIDTH - 1) / TILES_WIDTH * TILES_WIDTH;
        TRY(head_check(walk));
        while ((step = cursor_next(&walk->cursor, UINT64_MAX, &frame)) == CURSOR_RECORD)
            TRY(record_take(walk, frame.record));
    }
    TRY(walk_end(walk, step));
out:
    return e;
}

enum err recover_log(const char *folder, const struct retired *retired,
                     const struct checkpoint *signed_head, bool machine_restarted,
                     struct tiles *tiles, struct recovery *recovery,
                     char problem[TRAIL_PROBLEM_SIZE])
{
    struct walk walk = { .folder = folder,
                         .retired = retired,
                         .head = signed_head,
                         .tiles = tiles,
                         .recovery = recovery,
                         .problem = problem };
    uint32_t start = retired->number;
    enum err e;

    *recovery = (struct recovery){ 0 };
    TRY(cursor_open(&walk.cursor, folder, true));
    TRY(start_find(&walk, machine_restarted, &start));
    e = walk_from(&walk, start);
    if (e == ERR_MISSING && start > retired->number) {
        log_info("trail", "the tiles do not fit the log and are made again");
        cursor_close(&walk.cursor);
        TRY(cursor_open(&walk.cursor, folder, true));
        recovery->tiles_remade = true;
        e = walk_from(&walk, retired->number);
    }
    if (e == ERR_MISSING)
        e = refuse(&walk, ERR_CORRUPT,
                   "the tiles of retired records are missing or damaged, and nothing else has "
                   "their hashes: restore tile/");
out:
    cursor_close(&walk.cursor);
    return e;
}
