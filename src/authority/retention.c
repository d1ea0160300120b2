#include "authority/retention.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "authority/change.h"
#include "base/log.h"
#include "trail/retired.h"

enum {
    EACH_S = 3600,
    TELL_WAIT_S = 30, /* the collector takes 20 ms when all is well */
};

struct retention {
    struct authority *authority;
    uint64_t keep_ns;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

static json_t *first_record_json(uint64_t index)
{
    return json_pack("{s:I}", "first_record", (json_int_t)index);
}

static enum err change_tell(struct authority *a, const char *who,
                            const struct trail_retirement *plan)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(change_write(tx, (struct change){ .who = who,
                                          .what = RETIRED_WHAT,
                                          .at_ns = a->now_ns(),
                                          .before = first_record_json(plan->from),
                                          .after = first_record_json(plan->end) }));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

struct told {
    uint64_t end;
    bool found;
};

static bool row_look(void *context, const struct trail_row *row)
{
    struct told *told = context;
    uint64_t index;

    told->found = row->record.kind == RECORD_CHANGE && retired_is_told(row->text, &index) &&
                  index == told->end;
    return !told->found;
}

/* Until the log, behind record `from`, says that records below `end` go. */
static enum err told_await(struct authority *a, uint64_t from, uint64_t end)
{
    struct trail_query query = { .forward = true, .from = from, .limit = TRAIL_FIND_MOST };
    uint64_t until_ns = clock_mono_ns() + TELL_WAIT_S * NS_PER_S;
    struct told told = { .end = end };
    bool more;
    enum err e;

    for (;;) {
        TRY(trail_find(a->trail, &query, row_look, &told, &query.from, &more));
        if (told.found)
            return OK;
        if (clock_mono_ns() > until_ns)
            break;
        if (!more)
            trail_wait(a->trail, query.from, 1000);
    }
    log_error("retention", "the log does not take the record that says which records go: none was "
                           "removed");
    e = ERR_IO;
out:
    return e;
}

enum err retention_apply(struct authority *a, const char *who, uint64_t before_us,
                         struct trail_retirement *done)
{
    struct trail_state state;
    enum err e;

    TRY(trail_retire_plan(a->trail, before_us, done));
    if (done->from == done->end)
        goto out;
    trail_state_get(a->trail, &state);
    TRY(change_tell(a, who, done));
    TRY(told_await(a, state.size, done->end));
    e = trail_retire(a->trail, done);
out:
    return e;
}

/* ---- every hour ---- */

static bool sleep_or_stop(struct retention *r)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += EACH_S;
    pthread_mutex_lock(&r->lock);
    while (!r->stopping && pthread_cond_timedwait(&r->wake, &r->lock, &until) != ETIMEDOUT)
        continue;
    stopping = r->stopping;
    pthread_mutex_unlock(&r->lock);
    return stopping;
}

static void *retention_run(void *context)
{
    struct retention *r = context;

    do {
        uint64_t now_ns = r->authority->now_ns();
        struct trail_retirement done;
        enum err e = OK;

        if (now_ns > r->keep_ns)
            e = retention_apply(r->authority, "authority", (now_ns - r->keep_ns) / NS_PER_US,
                                &done);
        if (e != OK && e != ERR_CONFLICT)
            log_error("retention", "old audit records could not be retired: %s", err_text(e));
    } while (!sleep_or_stop(r));
    return NULL;
}

static void retention_free(struct retention *r)
{
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

enum err retention_start(struct authority *a, uint64_t keep_days, struct retention **retention)
{
    struct retention *r = calloc(1, sizeof *r);
    pthread_condattr_t monotonic;

    *retention = NULL;
    if (r == NULL)
        return ERR_MEMORY;
    r->authority = a;
    r->keep_ns = keep_days * DAY_NS;
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&r->thread, NULL, retention_run, r) != 0) {
        retention_free(r);
        return ERR_MEMORY;
    }
    *retention = r;
    return OK;
}

void retention_stop(struct retention **retention)
{
    struct retention *r = *retention;

    *retention = NULL;
    if (r == NULL)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    retention_free(r);
}
