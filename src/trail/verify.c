#include "trail/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/checkpoint.h"
#include "base/clock.h"
#include "base/file.h"
#include "trail/cursor.h"
#include "trail/heads.h"
#include "trail/retired.h"
#include "trail/tile_reader.h"
#include "trail/tiles.h"

enum { FINDINGS_SHOWN_MOST = 1000 };

/* A head that the tree must have had at its size. */
struct claim {
    struct checkpoint head;
    uint64_t number; /* in the list, from 1; 0: the newest, or the caller's own */
};

struct verification {
    const struct verify_options *options;
    struct verify_report *report;
    struct note_key key;
    struct checkpoint newest;
    bool has_newest;
    struct claim *claim; /* by size */
    size_t claim_count, claim_capacity, claim_next;
    uint64_t entry_count;
    uint64_t proved_size; /* of the last claim that was right */
    bool claims_failed, tree_broken, out_of_memory;
    struct retired retired;
    bool retired_told; /* a record of the log says so */
    bool tiles_too;
    struct merkle_frontier tree;
    struct tiles tiles;
    struct cursor cursor;
    uint64_t bytes_total, bytes_before; /* of the files behind the one being read */
    uint64_t spoke_at_ns;
};

__attribute__((format(printf, 5, 6))) static void find(struct verification *v,
                                                       enum verify_finding_kind kind,
                                                       uint64_t index, uint64_t index_end,
                                                       const char *format, ...)
{
    struct verify_finding finding = { .kind = kind, .index = index, .index_end = index_end };
    va_list arguments;

    if (v->report->finding_count++ >= FINDINGS_SHOWN_MOST || v->options->finding == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(finding.text, sizeof finding.text, format, arguments);
    va_end(arguments);
    v->options->finding(v->options->context, &finding);
}

static void progress(struct verification *v, bool last)
{
    uint64_t now_ns = clock_mono_ns();

    v->report->bytes = v->bytes_before + v->cursor.offset;
    if (v->options->progress == NULL || (!last && now_ns - v->spoke_at_ns < NS_PER_S / 10))
        return;
    v->spoke_at_ns = now_ns;
    v->options->progress(v->options->context, last ? v->bytes_total : v->report->bytes,
                         v->bytes_total);
}

/* ---- the signed heads ---- */

static void claim_add(struct verification *v, const struct checkpoint *head, uint64_t number)
{
    if (v->claim_count == v->claim_capacity) {
        size_t capacity = v->claim_capacity == 0 ? 1024 : 2 * v->claim_capacity;
        struct claim *more = realloc(v->claim, capacity * sizeof *more);

        if (more == NULL) {
            v->out_of_memory = true;
            return;
        }
        v->claim = more;
        v->claim_capacity = capacity;
    }
    v->claim[v->claim_count++] = (struct claim){ *head, number };
}

static void entry_take(void *context, struct slice text)
{
    struct verification *v = context;
    struct checkpoint head;

    v->entry_count++;
    switch (checkpoint_parse(text, &v->key, &head)) {
    case CHECKPOINT_SIGNED:
        claim_add(v, &head, v->entry_count);
        break;
    case CHECKPOINT_FORGED:
        find(v, VERIFY_KEY_WRONG, head.size, head.size,
             "entry %" PRIu64 " of checkpoints is not signed by %s", v->entry_count, v->key.name);
        break;
    case CHECKPOINT_MALFORMED:
        find(v, VERIFY_CHECKPOINT_MALFORMED, 0, 0, "entry %" PRIu64 " of checkpoints is not one",
             v->entry_count);
        break;
    }
}

static int claim_order(const void *a, const void *b)
{
    const struct claim *left = a, *right = b;

    if (left->head.size != right->head.size)
        return left->head.size < right->head.size ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

static enum err newest_read(struct verification *v)
{
    char path[FILE_PATH_SIZE];
    struct buffer text;
    enum err e;

    snprintf(path, sizeof path, "%.*s/checkpoint", FILE_PATH_SIZE - 32, v->options->folder);
    buffer_init(&text);
    e = file_read(path, CHECKPOINT_TEXT_MOST, &text);
    if (e == OK) {
        enum checkpoint_answer answer = checkpoint_parse(buffer_slice(&text), &v->key, &v->newest);

        v->has_newest = answer == CHECKPOINT_SIGNED;
        if (v->has_newest)
            claim_add(v, &v->newest, 0);
        else if (answer == CHECKPOINT_FORGED)
            find(v, VERIFY_KEY_WRONG, 0, v->newest.size, "checkpoint is not signed by %s",
                 v->key.name);
        else
            find(v, VERIFY_CHECKPOINT_MALFORMED, 0, 0, "checkpoint is not a signed checkpoint");
    }
    buffer_wipe(&text);
    if (e == ERR_FULL)
        find(v, VERIFY_CHECKPOINT_MALFORMED, 0, 0, "checkpoint is too long for one");
    return e == ERR_MISSING || e == ERR_FULL ? OK : e;
}

static enum err heads_read(struct verification *v)
{
    struct checkpoint witness;
    uint64_t largest = 0;
    enum err e;

    TRY(newest_read(v));
    e = heads_each(v->options->folder, entry_take, v);
    if (e == ERR_CORRUPT)
        find(v, VERIFY_CHECKPOINT_MALFORMED, 0, 0,
             "checkpoints is not a list of checkpoints behind "
             "entry %" PRIu64,
             v->entry_count);
    if (e == ERR_CORRUPT || e == ERR_MISSING)
        e = OK;
    TRY(e);
    if (v->options->witness.size > 0) {
        if (checkpoint_parse(v->options->witness, &v->key, &witness) != CHECKPOINT_SIGNED)
            return ERR_MALFORMED;
        claim_add(v, &witness, 0);
    }
    if (v->out_of_memory)
        return ERR_MEMORY;
    if (v->claim_count > 0) {
        qsort(v->claim, v->claim_count, sizeof *v->claim, claim_order);
        largest = v->claim[v->claim_count - 1].head.size;
    }
    if (v->has_newest && largest > v->newest.size)
        find(v, VERIFY_CHECKPOINT_OLDER, v->newest.size, largest,
             "checkpoint covers %" PRIu64 " records, but %" PRIu64
             " were signed before: an older one was put back",
             v->newest.size, largest);
out:
    return e;
}

/* Holds the tree against what was signed at its present size. */
static void claims_check(struct verification *v)
{
    struct merkle_hash root;

    for (; v->claim_next < v->claim_count && v->claim[v->claim_next].head.size == v->tree.size;
         v->claim_next++) {
        const struct claim *claim = &v->claim[v->claim_next];

        if (v->tree_broken)
            continue;
        merkle_root(&v->tree, &root);
        if (merkle_equal(&root, &claim->head.root)) {
            v->report->checkpoint_count++;
            v->report->checkpoint_size = claim->head.size;
            merkle_root_format(&root, v->report->root);
            v->proved_size = claim->head.size;
        } else if (!v->claims_failed) {
            /* Every later root hangs on this one: one finding says it. */
            v->claims_failed = true;
            find(v, VERIFY_RECORDS_ALTERED, v->proved_size, claim->head.size,
                 "records %" PRIu64 " to %" PRIu64 " are not those that were signed (altered, "
                 "swapped, dropped or put in)",
                 v->proved_size, claim->head.size - 1);
        }
    }
}

/* ---- the log ---- */

static void tile_wrong(void *context, const char *name, bool is_missing, uint64_t index,
                       uint64_t index_end)
{
    struct verification *v = context;

    if (is_missing)
        find(v, VERIFY_TILE_MISSING, index, index_end, "%s is missing", name);
    else if (index_end - index == 1)
        find(v, VERIFY_TILE_WRONG, index, index_end, "%s differs from the log at record %" PRIu64,
             name, index);
    else
        find(v, VERIFY_TILE_WRONG, index, index_end,
             "%s differs from the log in records %" PRIu64 " to %" PRIu64, name, index,
             index_end - 1);
}

static void retirement_note(struct verification *v, struct slice change)
{
    uint64_t index;

    if (v->retired.index > 0 && !v->retired_told && retired_is_told(change, &index))
        v->retired_told = index == v->retired.index;
}

static enum err record_take(struct verification *v, const struct frame *frame)
{
    struct audit_record record;
    struct merkle_hash leaf;
    struct slice text;
    enum err e = OK;

    if (record_decode(frame->record, &record, &text) != OK)
        find(v, VERIFY_RECORD_DAMAGED, frame->index, frame->index + 1,
             "record %" PRIu64 " is not a record of this version", frame->index);
    else if (v->report->first_at_us == 0)
        v->report->first_at_us = record.received_at_us;
    v->report->last_at_us = record.received_at_us;
    v->report->size++;
    if (record.kind == RECORD_CHANGE)
        retirement_note(v, text);
    if (v->tree_broken)
        return OK;
    merkle_leaf(frame->record, &leaf);
    merkle_append(&v->tree, &leaf);
    /* Tiles follow the log up to each checkpoint; what lies beyond is not published yet. */
    if (v->tiles_too && v->tree.size <= v->newest.size) {
        TRY(tiles_add(&v->tiles, frame->record, &leaf));
        if (v->tree.size == v->newest.size)
            TRY(tiles_publish(&v->tiles));
    }
    claims_check(v);
out:
    return e;
}

/* Says what is wrong at the cursor and finds where to go on; false: nowhere. */
static bool damage_pass(struct verification *v)
{
    struct cursor *cursor = &v->cursor;
    uint64_t expected = cursor->index;
    uint32_t number = cursor->number;
    char what[sizeof cursor->problem];
    struct frame frame;

    memcpy(what, cursor->problem, sizeof what);
    v->tree_broken = true;
    for (;;) {
        while (cursor_find_frame(cursor, &frame) == CURSOR_RECORD)
            if (frame.index > expected) {
                find(v, VERIFY_RECORD_DAMAGED, expected, frame.index,
                     "%s: records %" PRIu64 " to %" PRIu64 " cannot be read", what, expected,
                     frame.index - 1);
                cursor->index = frame.index;
                return true;
            }
        v->bytes_before += cursor->size;
        if (cursor_enter(cursor, ++number) != CURSOR_RECORD)
            break;
        if (cursor->index >= expected) {
            find(v, VERIFY_RECORD_DAMAGED, expected, cursor->index + (cursor->index == expected),
                 "%s: what stands there is not a record", what);
            return true;
        }
    }
    find(v, VERIFY_RECORD_DAMAGED, expected, expected + 1,
         "%s: from record %" PRIu64 " on nothing can be read", what, expected);
    return false;
}

/* The bundle in which the first record kept stands begins with retired ones: it is still whole. */
static enum err first_bundle_read(struct verification *v, const struct log_files *files)
{
    uint64_t number = v->retired.index / TILES_WIDTH, index = number * TILES_WIDTH;
    struct slice rest, record;
    struct merkle_hash leaf;
    struct buffer bundle;
    enum err e;

    buffer_init(&bundle);
    e = bundle_read(files, number, index + TILES_WIDTH, &bundle);
    rest = buffer_slice(&bundle);
    for (; e == OK && index < v->retired.index; index++) {
        if (!bundle_take(&rest, &record)) {
            e = ERR_CORRUPT;
            break;
        }
        merkle_leaf(record, &leaf);
        TRY(tiles_add(&v->tiles, record, &leaf));
    }
    if (e == ERR_MISSING || e == ERR_CORRUPT || e == ERR_FULL) {
        find(v, e == ERR_MISSING ? VERIFY_TILE_MISSING : VERIFY_TILE_WRONG, index, v->retired.index,
             "the entry bundle of records %" PRIu64 " to %" PRIu64 " %s", number * TILES_WIDTH,
             (number + 1) * TILES_WIDTH - 1, e == ERR_MISSING ? "is missing" : "is damaged");
        v->tiles_too = false;
        e = OK;
    }
out:
    buffer_wipe(&bundle);
    return e;
}

/* What is not kept any more: its tree, from the hashes of its records up to every signed root. */
static enum err retired_tree_read(struct verification *v)
{
    const struct log_files files = log_files_of_folder(v->options->folder);
    struct merkle_hash leaves[TILES_WIDTH];
    struct tile_reader reader;
    struct merkle_source source;
    enum err e = OK;

    tile_reader_init(&reader, &files, v->retired.index);
    source = tile_reader_source(&reader);
    while (v->tree.size < v->retired.index) {
        struct merkle_hash *leaf = &leaves[v->tree.size % TILES_WIDTH];

        claims_check(v);
        e = source.node(source.context, 0, v->tree.size, leaf);
        if (e == ERR_MISSING || e == ERR_CORRUPT) {
            find(v, VERIFY_TILE_MISSING, v->tree.size, v->retired.index,
                 "%s: retired records from %" PRIu64 " on cannot be verified", reader.problem,
                 v->tree.size);
            v->tree_broken = true;
            v->tiles_too = false;
            e = OK;
            break;
        }
        TRY(e);
        merkle_append(&v->tree, leaf);
        if (v->tiles_too && v->tree.size % TILES_WIDTH == 0)
            TRY(tiles_add_leaves(&v->tiles, leaves));
        progress(v, false);
    }
    if (v->tiles_too && v->retired.index % TILES_WIDTH != 0)
        TRY(first_bundle_read(v, &files));
    v->report->size = v->report->retired = v->retired.index;
out:
    return e;
}

static enum err retired_find(struct verification *v)
{
    enum err e = retired_read(v->options->folder, &v->key, &v->retired);

    if (e == ERR_CORRUPT) {
        find(v, VERIFY_KEY_WRONG, 0, 0, "the file retired is damaged or not signed by %s",
             v->key.name);
        v->retired = (struct retired){ .number = 1 };
        e = OK;
    }
    return e;
}

static enum err log_read(struct verification *v)
{
    struct cursor *cursor = &v->cursor;
    enum cursor_step step = cursor_enter(cursor, v->retired.number);
    enum err e = OK;

    claims_check(v);
    if (step == CURSOR_RECORD && cursor->index != v->retired.index)
        find(v, VERIFY_FILE_DAMAGED, v->retired.index, cursor->index,
             "log/%06" PRIu32 ".log does not begin with record %" PRIu64, v->retired.number,
             v->retired.index);
    while (step == CURSOR_RECORD) {
        uint32_t number = cursor->number;
        uint64_t size = cursor->size;
        struct frame frame;

        step = cursor_next(cursor, UINT64_MAX, &frame);
        if (cursor->number != number)
            v->bytes_before += size;
        if (step == CURSOR_RECORD)
            TRY(record_take(v, &frame));
        else if (step == CURSOR_BAD && damage_pass(v))
            step = CURSOR_RECORD;
        progress(v, false);
    }
    if (step == CURSOR_BAD && cursor->number <= v->retired.number &&
        v->report->size == v->retired.index && !v->tree_broken)
        find(v, VERIFY_FILE_DAMAGED, 0, 0, "%s", cursor->problem);
    if (step == CURSOR_FAILED)
        e = ERR_IO;
    if (step == CURSOR_NEWER)
        e = ERR_VERSION;
out:
    return e;
}

/* What was signed beyond the end of the log. */
static void end_check(struct verification *v)
{
    uint64_t largest = v->claim_count == 0 ? 0 : v->claim[v->claim_count - 1].head.size;
    uint64_t size = v->cursor.index;

    if (v->claim_count == 0 && size > 0)
        find(v, VERIFY_CHECKPOINT_MISSING, 0, size,
             "no signed checkpoint vouches for %" PRIu64 " records", size);
    if (largest > size)
        find(v, VERIFY_RECORDS_MISSING, size, largest,
             "the log ends with %" PRIu64 " records, but %" PRIu64 " were signed: %" PRIu64
             " are missing",
             size, largest, largest - size);
    if (v->retired.index > 0 && !v->retired_told)
        find(v, VERIFY_RETIRED_UNTOLD, 0, v->retired.index,
             "records 0 to %" PRIu64 " were retired, and no record says who did it",
             v->retired.index - 1);
    v->report->unsigned_count = size > largest ? size - largest : 0;
}

static enum err files_count(struct verification *v)
{
    char path[FILE_PATH_SIZE];
    struct stat status;
    uint32_t count;
    enum err e = cursor_files_count(v->options->folder, v->retired.number, &count);

    if (e == ERR_MISSING) {
        find(v, VERIFY_FILE_MISSING, 0, 0, "log/%06" PRIu32 ".log is missing", count);
        return OK;
    }
    for (uint32_t number = v->retired.number; e == OK && number <= count; number++) {
        cursor_path(v->options->folder, number, path);
        if (stat(path, &status) == 0)
            v->bytes_total += (uint64_t)status.st_size;
    }
    return e;
}

enum err trail_verify(const struct verify_options *options, struct verify_report *report)
{
    struct verification v = { .options = options, .report = report, .cursor = { .fd = -1 } };
    struct slice key = options->verifier_key;
    struct stat status;
    enum err e;

    *report = (struct verify_report){ 0 };
    while (key.size > 0 && strchr(" \r\n\t", key.at[key.size - 1]) != NULL)
        key.size--;
    if (sodium_init() < 0 || !note_key_parse(key, NOTE_KEY_LOG, &v.key))
        return ERR_MALFORMED;
    if (stat(options->folder, &status) != 0 || !S_ISDIR(status.st_mode))
        return ERR_MISSING;
    TRY(cursor_open(&v.cursor, options->folder, true));
    TRY(tiles_init(&v.tiles, options->folder, TILES_COMPARE));
    v.tiles.wrong = tile_wrong;
    v.tiles.context = &v;
    TRY(retired_find(&v));
    TRY(files_count(&v));
    TRY(heads_read(&v));
    v.tiles_too = !options->skip_tiles && v.retired.index <= v.newest.size;
    TRY(retired_tree_read(&v));
    TRY(log_read(&v));
    end_check(&v);
    progress(&v, true);
    report->tile_count = v.tiles.compared;
out:
    free(v.claim);
    tiles_wipe(&v.tiles);
    cursor_close(&v.cursor);
    return e;
}
