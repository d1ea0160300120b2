/* Ends the keeping of the oldest records; declared in trail/trail.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "trail/scribe.h"
#include "trail/tile_reader.h"

/* Waits until the index has all that is on disk now: it knows when records were received, and what
 * has to be carried over.  ERR_STORE: it cannot follow. */
static enum err index_await(struct trail *trail)
{
    bool have;

    pthread_mutex_lock(&trail->lock);
    trail->hurry_count++;
    pthread_cond_broadcast(&trail->changed);
    while (trail->indexed < trail->synced.size && trail->trouble[TROUBLE_INDEX][0] == '\0')
        pthread_cond_wait(&trail->changed, &trail->lock);
    trail->hurry_count--;
    have = trail->trouble[TROUBLE_INDEX][0] == '\0';
    pthread_mutex_unlock(&trail->lock);
    return have ? OK : ERR_STORE;
}

/* May the log begin with this file?  Its bundle has to be a full one under the last signature, so
 * that nothing before it will ever be written again. */
static enum err beginning_get(struct trail *trail, uint32_t number, struct frame_file *file,
                              bool *may)
{
    enum frame_answer answer = FRAME_NONE;
    struct trail_state state;
    enum err e;

    trail_state_get(trail, &state);
    *may = false;
    if (number > state.log_file_count)
        return OK;
    e = cursor_header_read(trail->folder, number, &answer, file);
    *may = e == OK && answer == FRAME_GOOD &&
           (file->first_index / TILES_WIDTH + 1) * TILES_WIDTH <= state.checkpoint_size;
    return e == OK && answer != FRAME_GOOD && answer != FRAME_NONE ? ERR_CORRUPT : e;
}

enum err trail_retire_plan(struct trail *trail, uint64_t before_us, struct trail_retirement *plan)
{
    struct frame_file file;
    bool may = true;
    enum err e;

    TRY(index_await(trail));
    pthread_mutex_lock(&trail->lock);
    *plan = (struct trail_retirement){ .from = trail->retired.index,
                                       .end = trail->retired.index,
                                       .number = trail->retired.number };
    pthread_mutex_unlock(&trail->lock);
    for (;;) {
        uint64_t latest_us;

        TRY(beginning_get(trail, plan->number + 1, &file, &may));
        if (!may)
            break;
        TRY(index_latest(trail->index, plan->end, file.first_index, &latest_us));
        if (latest_us >= before_us)
            break;
        plan->end = file.first_index;
        plan->number++;
    }
out:
    return e;
}

/* The hashes of the records that go must be on disk, and be those of the log: they are all that
 * stays of them. */
static enum err tree_check(struct trail *trail, const struct trail_retirement *plan)
{
    const struct log_files files = log_files_of_folder(trail->folder);
    static const char words[] = "the tiles do not hold the hashes of the records to be retired: "
                                "delete tile/ while the authority is stopped, and start it";
    enum frame_answer answer;
    struct tile_reader reader;
    struct merkle_source source;
    struct frame_file file;
    struct merkle_frontier tree;
    struct merkle_hash leaf;
    enum err e;

    TRY(cursor_header_read(trail->folder, trail->retired.number, &answer, &file));
    tree = file.tree;
    TRY(cursor_header_read(trail->folder, plan->number, &answer, &file));
    tile_reader_init(&reader, &files, plan->end);
    source = tile_reader_source(&reader);
    for (uint64_t index = plan->from; index < plan->end; index++) {
        e = source.node(source.context, 0, index, &leaf);
        if (e != OK) {
            log_error("trail", "%s; %s", reader.problem, words);
            return e;
        }
        merkle_append(&tree, &leaf);
    }
    for (unsigned height = 0; height < MERKLE_HEIGHT_MOST; height++)
        if ((tree.size >> height & 1) != 0 &&
            !merkle_equal(&tree.peak[height], &file.tree.peak[height])) {
            log_error("trail", "%s", words);
            return ERR_CORRUPT;
        }
    syncfs(trail->folder_fd);
out:
    return e;
}

static enum err carry_over(struct trail *trail, const struct retired *retired)
{
    struct retired_writer writer;
    enum err e;

    retired_writer_begin(&writer, retired);
    e = index_summary_each(trail->index, retired_key_add, retired_account_add, &writer);
    if (e != OK)
        retired_writer_rollback(&writer);
    else
        e = retired_writer_commit(&writer, trail->folder, trail->seed);
    return e;
}

enum err trail_retire(struct trail *trail, const struct trail_retirement *plan)
{
    const struct retired retired = { .index = plan->end,
                                     .from = plan->from,
                                     .number = plan->number };
    enum err e;

    pthread_mutex_lock(&trail->retire_lock);
    if (plan->from != trail->retired.index || plan->end <= plan->from) {
        e = ERR_CONFLICT;
        goto out;
    }
    TRY(tree_check(trail, plan));
    TRY(carry_over(trail, &retired));

    /* From here on the records are gone, whatever happens.  Searches that began before still read
     * them: they are waited for. */
    pthread_rwlock_wrlock(&trail->readers);
    pthread_mutex_lock(&trail->lock);
    trail->retired = retired;
    trail->trim = true;
    pthread_cond_broadcast(&trail->changed);
    pthread_mutex_unlock(&trail->lock);
    pthread_rwlock_unlock(&trail->readers);
    if (retired_remove(trail->folder, &retired) != OK)
        log_warn("trail", "not all files of retired records could be removed; the next start "
                          "tries again");
    log_info("trail", "records %" PRIu64 " to %" PRIu64 " are retired, their tree is kept",
             plan->from, plan->end - 1);
out:
    pthread_mutex_unlock(&trail->retire_lock);
    return e;
}
