#include "authority/collector.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "authority/observe.h"
#include "authority/publish.h"
#include "base/log.h"
#include "shm/slots.h"
#include "store/changes.h"
#include "trail/trail.h"

enum {
    BATCH_MOST = 8192, /* all slots of a worker: after a stall one sync covers what it left */
    CHANGES_MOST = 64, /* of one append: they are up to 16 KiB each */
    REQUEST_SIZE_MOST = RECORD_FIXED_SIZE + RECORD_PATH_MOST,
    LESSONS_MOST = 64, /* a batch ends there, and the next turn goes on */
    /* Newest ids of the log to recognise what a predecessor had appended: more than it can have had
     * in hand, which is a batch of requests and one of changes. */
    RECENT_MOST = 32768,
    SLEEP_BUSY_MS = 2,
    SLEEP_IDLE_MS = 20,
    SLEEP_FAILING_MS = 100,
    SECOND_MS = 1000,
    SWEEP_MS = 60000,
};
static_assert(BATCH_MOST * (REQUEST_SIZE_MOST + TRAIL_RECORD_MORE) <= TRAIL_BATCH_BYTES &&
                  CHANGES_MOST * (RECORD_ENCODED_MOST + TRAIL_RECORD_MORE) <= TRAIL_BATCH_BYTES,
              "no batch is too large for the log, which would be tried again for ever");
static_assert(RECENT_MOST >= 2 * (BATCH_MOST + CHANGES_MOST), "recognises a whole batch");

struct collector {
    struct authority *authority;
    pthread_t thread;
    pthread_mutex_t lock; /* of `stopping` and `metrics` */
    pthread_cond_t wake;
    bool stopping;
    struct metrics metrics; /* of what is on disk */
    atomic_uint_fast64_t lag_ms, failing_since_ns, settled;

    /* All below belongs to the thread. */
    uint8_t (*recent)[RECORD_REQUEST_ID_SIZE]; /* sorted */
    size_t recent_count;
    uint64_t changes_appended;  /* sequence up to which the log has them */
    uint64_t changes_delivered; /* sequence up to which the store knows that */
    uint64_t second_at_ms, sweep_at_ms;

    struct slice records[BATCH_MOST];
    uint8_t bytes[BATCH_MOST][REQUEST_SIZE_MOST];
    size_t count;
    struct metrics batch_metrics;
    uint64_t oldest_us;
    struct audit_record lessons[LESSONS_MOST];
    size_t lesson_count; /* not learnt yet */
    bool stopped;        /* the gateways were told that the log cannot be written */
    bool lessons_fail;   /* they come again each turn; new ones only while there is room */
    struct observer observer;
    bool observer_fails; /* then it goes on each second, not each turn */

    struct slice changes[CHANGES_MOST];
    uint8_t change_bytes[CHANGES_MOST][RECORD_ENCODED_MOST];
    size_t change_count;
    uint64_t change_last;
};

static int id_compare(const void *a, const void *b)
{
    return memcmp(a, b, RECORD_REQUEST_ID_SIZE);
}

static bool is_recent(const struct collector *c, const uint8_t id[RECORD_REQUEST_ID_SIZE])
{
    return c->recent_count > 0 &&
           bsearch(id, c->recent, c->recent_count, RECORD_REQUEST_ID_SIZE, id_compare) != NULL;
}

/* ---- requests ---- */

static bool request_add(void *context, const struct audit_record *shown)
{
    struct collector *c = context;
    struct audit_record record = *shown; /* a worker gone wild may still write to the slot */

    if (c->count == BATCH_MOST || (c->lesson_count == LESSONS_MOST && !c->lessons_fail))
        return false;
    if (is_recent(c, record.request_id))
        return true;
    record.kind = RECORD_REQUEST;
    if (record.path_size > RECORD_PATH_MOST)
        record.path_size = RECORD_PATH_MOST;
    c->records[c->count] = (struct slice){ (const char *)c->bytes[c->count],
                                           record_encode(&record, c->bytes[c->count]) };
    c->count++;
    metrics_count(&c->batch_metrics, &record);
    if (c->oldest_us == 0 || record.received_at_us + record.latency_us < c->oldest_us)
        c->oldest_us = record.received_at_us + record.latency_us;
    if (c->lesson_count < LESSONS_MOST && observe_wants(c->authority, &record))
        c->lessons[c->lesson_count++] = record;
    return true;
}

static void failing_set(struct collector *c, bool failing)
{
    uint64_t since = atomic_load(&c->failing_since_ns);

    if (failing && since == 0) {
        atomic_store(&c->failing_since_ns, clock_wall_ns());
        log_error("collector", "audit records cannot be kept; the gateways will refuse requests");
    } else if (!failing && since != 0) {
        atomic_store(&c->failing_since_ns, 0);
        log_info("collector", "audit records are being kept again");
    }
}

static void lessons_learn(struct collector *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->lesson_count; i++) {
        enum err e = observe_learn(c->authority, &c->observer, &c->lessons[i]);

        if (e == OK)
            continue;
        if (!c->lessons_fail)
            log_error("collector", "what key %.16s did is in the log but not yet in the store: %s",
                      c->lessons[i].key, err_text(e));
        c->lessons[kept++] = c->lessons[i];
    }
    c->lesson_count = kept;
    c->lessons_fail = kept > 0;
}

/* *shown: how many slots were looked at, known ones included. */
static enum err requests_collect(struct collector *c, size_t *shown)
{
    struct segment *mappings[PUBLISH_MAPPINGS_MOST];
    size_t count = publish_mappings(c->authority->publisher, mappings);
    struct trail_state state;
    uint64_t first, now_us;
    enum err e = OK;

    *shown = 0;
    c->count = 0;
    c->oldest_us = 0;
    c->batch_metrics = (struct metrics){ 0 };
    for (size_t i = 0; i < count; i++)
        *shown += slots_drain(mappings[i], BATCH_MOST - c->count, request_add, c);
    if (c->count > 0)
        e = trail_append(c->authority->trail, c->records, c->count, &first);
    for (size_t i = 0; i < count; i++) {
        if (e == OK)
            slots_release(mappings[i]);
        else
            slots_return(mappings[i]);
    }
    if (e != OK)
        return e;
    now_us = clock_wall_ns() / NS_PER_US;
    if (c->count > 0)
        atomic_store(&c->lag_ms, now_us > c->oldest_us ? (now_us - c->oldest_us) / 1000 : 0);
    pthread_mutex_lock(&c->lock);
    metrics_add(&c->metrics, &c->batch_metrics);
    pthread_mutex_unlock(&c->lock);
    /* After the release: acquire and release order it behind the slots that became free. */
    trail_state_get(c->authority->trail, &state);
    atomic_store(&c->settled, state.size);
    lessons_learn(c);
    return OK;
}

/* ---- changes ---- */

static bool change_add(void *context, const struct store_change *change)
{
    struct collector *c = context;
    struct audit_record header = {
        .received_at_us = change->at_ns / NS_PER_US,
        .account = change->account,
        .kind = RECORD_CHANGE,
        .environment = (uint8_t)change->environment,
        .flags = change->key[0] == '\0' ? 0 : RECORD_KEY_NAMED,
    };
    size_t size = 0;

    memcpy(header.request_id, change->id, sizeof header.request_id);
    memcpy(header.key, change->key, sizeof header.key);
    c->change_last = change->sequence;
    if (is_recent(c, header.request_id))
        return true;
    if (record_encode_change(&header, change->body, c->change_bytes[c->change_count], &size) !=
        OK) {
        /* change_write lets no longer one in; somebody edited the database. */
        log_error("collector", "change %llu has a text that no record holds: left out",
                  (unsigned long long)change->sequence);
        return true;
    }
    c->changes[c->change_count] =
        (struct slice){ (const char *)c->change_bytes[c->change_count], size };
    c->change_count++;
    return true;
}

static enum err changes_read(struct collector *c)
{
    struct store_tx *tx = NULL;
    enum err e;

    c->change_count = 0;
    c->change_last = c->changes_appended;
    TRY(store_begin(c->authority->store, &tx));
    e = store_changes_waiting_each(tx, c->changes_appended, CHANGES_MOST, change_add, c);
out:
    store_rollback(&tx);
    return e;
}

static enum err changes_mark(struct collector *c)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(c->authority->store, &tx));
    TRY(store_changes_delivered(tx, c->changes_appended));
    TRY(store_commit(&tx));
    c->changes_delivered = c->changes_appended;
out:
    store_rollback(&tx);
    return e;
}

/* *more: whether there were any.  While the mark of earlier ones fails nothing more is
 * appended, so that a successor finds all unmarked ones among the newest records. */
static enum err changes_collect(struct collector *c, bool *more)
{
    uint64_t first;
    enum err e = OK;

    *more = false;
    if (c->changes_delivered != c->changes_appended)
        TRY(changes_mark(c));
    TRY(changes_read(c));
    if (c->change_last == c->changes_appended)
        goto out;
    if (c->change_count > 0)
        TRY(trail_append(c->authority->trail, c->changes, c->change_count, &first));
    c->changes_appended = c->change_last;
    *more = true;
    e = changes_mark(c);
out:
    return e;
}

/* ---- the thread ---- */

/* What clients are told: whoever cuts the log behind it later contradicts their replies. */
static void signed_size_tell(struct collector *c)
{
    struct trail_state state;

    trail_state_get(c->authority->trail, &state);
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        if (publish_segment(c->authority->publisher, v) != NULL)
            segment_signed_size_set(publish_segment(c->authority->publisher, v),
                                    state.checkpoint_size);
}

/* A log that cannot be written closes the gate at once, not when the slots are full: what waits in
 * them is lost should the power fail before the log can be written again. */
static void gateways_tell(struct collector *c)
{
    struct segment *mappings[PUBLISH_MAPPINGS_MOST];
    size_t count = publish_mappings(c->authority->publisher, mappings);
    char problem[TRAIL_PROBLEM_SIZE];

    c->stopped = trail_problem(c->authority->trail, problem) == TRAIL_STOPPED;
    for (size_t i = 0; i < count; i++)
        slots_stop(mappings[i], c->stopped);
}

/* A slice of what takes long: slots are drained in between. */
static bool observer_turn(struct collector *c)
{
    bool more;
    enum err e = observe_go_on(&c->observer, &more);

    if (e != OK && !c->observer_fails)
        log_error("collector", "what keys did is not yet known everywhere: %s", err_text(e));
    c->observer_fails = e != OK;
    return more && e == OK;
}

static void each_second(struct collector *c)
{
    uint64_t now_ms = clock_mono_ns() / NS_PER_MS;
    struct segment *mappings[PUBLISH_MAPPINGS_MOST];
    size_t count;

    if (now_ms < c->second_at_ms + SECOND_MS)
        return;
    c->second_at_ms = now_ms;
    publish_mend(c->authority->publisher);
    count = publish_mappings(c->authority->publisher, mappings);
    for (size_t i = 0; i < count; i++)
        slots_recover(mappings[i]);
    if (trail_checkpoint_soon(c->authority->trail) != OK)
        log_debug("collector", "no checkpoint now"); /* the trail has said why */
    signed_size_tell(c);
    gateways_tell(c);
    if (c->observer_fails)
        (void)observer_turn(c);
    if (now_ms >= c->sweep_at_ms + SWEEP_MS) {
        c->sweep_at_ms = now_ms;
        observe_sweep_begin(&c->observer);
    }
}

/* One turn; *busy: there was something. */
static enum err collect(struct collector *c, bool *busy)
{
    size_t shown = 0;
    bool more = false;
    enum err e = changes_collect(c, &more);

    /* Requests go on when the store fails, but not while changes wait for their mark (above). */
    if (c->changes_delivered == c->changes_appended) {
        enum err requests = requests_collect(c, &shown);

        e = e == OK ? requests : e;
    }
    *busy = shown > 0 || more;
    return e;
}

static bool sleep_or_stop(struct collector *c, uint64_t ms)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms * NS_PER_MS);
    until.tv_sec += until.tv_nsec / (long)NS_PER_S;
    until.tv_nsec %= (long)NS_PER_S;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping && pthread_cond_timedwait(&c->wake, &c->lock, &until) != ETIMEDOUT)
        continue;
    stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

static void *collector_run(void *context)
{
    struct collector *c = context;
    uint64_t sleep_ms = SLEEP_BUSY_MS;
    bool busy = false;
    enum err e;

    do {
        e = collect(c, &busy);
        failing_set(c, e != OK && e != ERR_CONFLICT);
        if (e != OK || c->stopped)
            gateways_tell(c);
        each_second(c);
        if (!c->observer_fails)
            busy |= observer_turn(c);
        if (e != OK)
            sleep_ms = SLEEP_FAILING_MS;
        else if (busy)
            sleep_ms = SLEEP_BUSY_MS;
        else if (sleep_ms < SLEEP_IDLE_MS)
            sleep_ms += 2;
        else
            sleep_ms = SLEEP_IDLE_MS;
    } while (!sleep_or_stop(c, sleep_ms));

    /* What came in since; a log that fails now has failed before, and the slots keep it. */
    do
        e = collect(c, &busy);
    while (e == OK && busy);
    if (trail_checkpoint(c->authority->trail) != OK)
        log_warn("collector", "the last checkpoint is not signed; the next start signs it");
    signed_size_tell(c);
    return NULL;
}

static void collector_free(struct collector *c)
{
    pthread_cond_destroy(&c->wake);
    pthread_mutex_destroy(&c->lock);
    observer_wipe(&c->observer);
    free(c->recent);
    free(c);
}

enum err collector_start(struct authority *a, struct collector **collector)
{
    struct collector *c = calloc(1, sizeof *c);
    pthread_condattr_t attributes;
    bool busy;
    enum err e = ERR_MEMORY;

    *collector = NULL;
    if (c == NULL)
        return ERR_MEMORY;
    c->authority = a;
    observer_init(&c->observer, a);
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&c->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    c->recent = calloc(RECENT_MOST, sizeof *c->recent);
    if (c->recent == NULL)
        goto out;
    TRY(trail_recent_ids(a->trail, c->recent, RECENT_MOST, &c->recent_count));
    qsort(c->recent, c->recent_count, sizeof *c->recent, id_compare);
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        if (publish_segment(a->publisher, v) != NULL)
            slots_collect_begin(publish_segment(a->publisher, v));
    do
        e = collect(c, &busy);
    while (e == OK && busy);
    c->sweep_at_ms = clock_mono_ns() / NS_PER_MS;
    if (pthread_create(&c->thread, NULL, collector_run, c) != 0) {
        e = ERR_MEMORY;
        goto out;
    }
    *collector = c;
    return OK;
out:
    collector_free(c);
    return e;
}

void collector_stop(struct collector **collector)
{
    struct collector *c = *collector;

    *collector = NULL;
    if (c == NULL)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    collector_free(c);
}

void collector_state_get(struct collector *collector, struct collector_state *state)
{
    state->lag_ms = atomic_load(&collector->lag_ms);
    state->failing_since_ns = atomic_load(&collector->failing_since_ns);
}

void collector_metrics_get(struct collector *collector, struct metrics *metrics)
{
    pthread_mutex_lock(&collector->lock);
    *metrics = collector->metrics;
    pthread_mutex_unlock(&collector->lock);
}

uint64_t collector_settled(struct collector *collector)
{
    return atomic_load(&collector->settled);
}
