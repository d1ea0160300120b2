#include "authority/keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/observe.h"
#include "authority/publish.h"
#include "base/file.h"
#include "base/log.h"
#include "gate/verdict.h"
#include "shm/announced.h"
#include "trail/intents.h"
#include "trail/trail.h"

enum {
    BATCH_MOST = 1024,
    RECORD_SIZE_MOST = RECORD_FIXED_SIZE + RECORD_PATH_MOST,
    LOST_MOST = 2048, /* of one append */
    /* The bell or an announcement ends a sleep; what was left by its worker may wait so long. */
    SLEEP_MS = 20,
    SLEEP_FAILING_MS = 100,
};
#define BATCH_BYTES_MOST ((uint64_t)BATCH_MOST * (FRAME_HEADER_SIZE + RECORD_SIZE_MOST))

/* An intent of a predecessor. */
struct legacy {
    uint8_t id[RECORD_REQUEST_ID_SIZE];
    const struct intent *intent;
    uint64_t place; /* new one, of a request still under way */
    bool is_done;   /* the log has its record */
    bool is_alive;  /* a slot has it */
};

/* Where the intent of a request under way stood, and where it stands now. */
struct move {
    uint64_t from, to;
};

struct keeper {
    struct authority *authority;
    struct collector *collector;
    struct intents *intents; /* NULL: not durable */
    bool durable;
    pthread_t thread;
    bool runs;
    _Atomic uint32_t bell; /* not 0: stop */
    pthread_mutex_t lock;  /* of `problem` */
    char problem[KEEPER_PROBLEM_SIZE];

    /* All below belongs to the thread, or to the start. */
    struct segment *segments[PUBLISH_MAPPINGS_MOST]; /* those in use, then replaced ones */
    size_t segment_count;
    uint64_t floor;
    bool synced; /* the batch is on disk */
    enum err learned;
    struct legacy *legacies; /* sorted by id, one of each request */
    size_t legacy_count;
    struct move *moves; /* sorted by `from` */
    size_t move_count, move_capacity;
};

/* ---- what a predecessor left ---- */

static int legacy_compare(const void *a, const void *b)
{
    return memcmp(((const struct legacy *)a)->id, ((const struct legacy *)b)->id,
                  RECORD_REQUEST_ID_SIZE);
}

static struct legacy *legacy_find(const struct keeper *k, const uint8_t *id)
{
    struct legacy wanted;

    memcpy(wanted.id, id, sizeof wanted.id);
    return k->legacy_count == 0 ? NULL
                                : bsearch(&wanted, k->legacies, k->legacy_count, sizeof wanted,
                                          legacy_compare);
}

/* *floor: where the log is to be searched from. */
static enum err legacies_read(struct keeper *k, uint64_t *floor)
{
    size_t found_count, kept = 0;
    const struct intent *found = intents_found(k->intents, &found_count);
    struct audit_record record;
    struct slice text;
    enum err e = OK;

    *floor = UINT64_MAX;
    if (found_count == 0)
        return OK;
    k->legacies = calloc(found_count, sizeof *k->legacies);
    if (k->legacies == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < found_count; i++) {
        TRY(record_decode(found[i].record, &record, &text));
        memcpy(k->legacies[i].id, record.request_id, sizeof k->legacies[i].id);
        k->legacies[i].intent = &found[i];
        if (found[i].floor < *floor)
            *floor = found[i].floor;
    }
    qsort(k->legacies, found_count, sizeof *k->legacies, legacy_compare);
    for (size_t i = 0; i < found_count; i++)
        if (kept == 0 || legacy_compare(&k->legacies[kept - 1], &k->legacies[i]) != 0)
            k->legacies[kept++] = k->legacies[i];
    k->legacy_count = kept;
out:
    return e;
}

static void done_mark(void *context, const uint8_t id[RECORD_REQUEST_ID_SIZE])
{
    struct legacy *legacy = legacy_find(context, id);

    if (legacy != NULL)
        legacy->is_done = true;
}

static void alive_mark(void *context, const uint8_t *id, uint64_t *intent)
{
    struct legacy *legacy = legacy_find(context, id);

    (void)intent;
    if (legacy != NULL)
        legacy->is_alive = true;
}

static void place_tell(void *context, const uint8_t *id, uint64_t *intent)
{
    const struct legacy *legacy = legacy_find(context, id);

    if (legacy != NULL && legacy->is_alive)
        *intent = legacy->place;
}

/* The segments as they lie there.  No collector runs yet, so no slot becomes free meanwhile. */
static void slots_visit_all(struct keeper *k, const char *folder, announced_intent_visit *visit)
{
    for (enum environment v = 0; k->legacy_count > 0 && v < ENVIRONMENT_COUNT; v++) {
        char path[FILE_PATH_SIZE];
        struct segment *segment;

        snprintf(path, sizeof path, "%.*s/%s.seg", FILE_PATH_SIZE - 32, folder,
                 environment_text(v));
        /* One that cannot be read holds nothing that anybody will ever complete. */
        if (segment_open(path, &segment) == OK)
            announced_intents_each(segment, visit, k);
        segment_close(&segment);
    }
}

static enum err lost_append(struct keeper *k)
{
    uint8_t(*bytes)[RECORD_SIZE_MOST] = malloc(LOST_MOST * sizeof *bytes);
    struct slice *records = malloc(LOST_MOST * sizeof *records);
    size_t count = 0, lost = 0;
    uint64_t first;
    enum err e = bytes == NULL || records == NULL ? ERR_MEMORY : OK;

    for (size_t i = 0; e == OK && i < k->legacy_count; i++) {
        const struct legacy *legacy = &k->legacies[i];
        struct audit_record record;
        struct slice text;

        if (!legacy->is_done && !legacy->is_alive) {
            TRY(record_decode(legacy->intent->record, &record, &text));
            record.flags |= RECORD_OUTCOME_UNKNOWN;
            record.status = 0;
            records[count] =
                (struct slice){ (const char *)bytes[count], record_encode(&record, bytes[count]) };
            count++;
            lost++;
        }
        if (count == LOST_MOST || (i + 1 == k->legacy_count && count > 0)) {
            TRY(trail_append(k->authority->trail, records, count, &first));
            count = 0;
        }
    }
    if (lost > 0)
        log_warn("keeper", "%zu requests that went on have lost their answer's record: they stand "
                 "in the log with unknown outcome", lost);
out:
    free(bytes);
    free(records);
    return e;
}

/* Goes on with what is still under way. */
static enum err intents_go_on(struct keeper *k, const char *segments)
{
    struct intent *keep = calloc(k->legacy_count + 1, sizeof *keep);
    uint64_t *places = calloc(k->legacy_count + 1, sizeof *places);
    size_t alive = 0;
    enum err e = keep == NULL || places == NULL ? ERR_MEMORY : OK;

    for (size_t i = 0; e == OK && i < k->legacy_count; i++)
        if (k->legacies[i].is_alive)
            keep[alive++] = *k->legacies[i].intent;
    TRY(e);
    if (!k->durable) {
        e = alive > 0 ? OK : intents_discard(k->intents);
        goto out;
    }
    TRY(intents_begin(k->intents, keep, alive, places));
    for (size_t i = 0, at = 0; i < k->legacy_count; i++)
        if (k->legacies[i].is_alive)
            k->legacies[i].place = places[at++];
    slots_visit_all(k, segments, place_tell);
out:
    free(keep);
    free(places);
    return e;
}

enum err keeper_open(struct authority *a, const char *folder, const char *segments, bool durable,
                     struct keeper **keeper)
{
    struct keeper *k = calloc(1, sizeof *k);
    uint64_t floor;
    enum err e = ERR_MEMORY;

    *keeper = NULL;
    if (k == NULL)
        return ERR_MEMORY;
    k->authority = a;
    k->durable = durable;
    pthread_mutex_init(&k->lock, NULL);
    TRY(intents_open(folder, 0, &k->intents));
    TRY(legacies_read(k, &floor));
    if (k->legacy_count > 0)
        TRY(trail_ids_each(a->trail, floor, done_mark, k));
    slots_visit_all(k, segments, alive_mark);
    TRY(lost_append(k));
    TRY(intents_go_on(k, segments));
    free(k->legacies);
    k->legacies = NULL;
    k->legacy_count = 0;
    if (!durable)
        intents_close(&k->intents);
    *keeper = k;
    k = NULL;
out:
    if (e != OK)
        log_error("keeper", "the intents in %s cannot be used: %s", folder, err_text(e));
    keeper_close(&k);
    return e;
}

/* ---- the other file of intents ---- */

static int move_compare(const void *a, const void *b)
{
    const struct move *first = a, *second = b;

    return first->from < second->from ? -1 : first->from > second->from;
}

static void move_add(void *context, const uint8_t *id, uint64_t *intent)
{
    struct keeper *k = context;

    (void)id;
    if (k->move_count == k->move_capacity) {
        size_t capacity = k->move_capacity == 0 ? 1024 : 2 * k->move_capacity;
        struct move *moves = realloc(k->moves, capacity * sizeof *moves);

        if (moves == NULL) {
            k->learned = ERR_MEMORY;
            return;
        }
        k->moves = moves;
        k->move_capacity = capacity;
    }
    k->moves[k->move_count++] = (struct move){ *intent, *intent };
}

static void move_tell(void *context, const uint8_t *id, uint64_t *intent)
{
    const struct keeper *k = context;
    const struct move wanted = { *intent, 0 };
    const struct move *move =
        k->move_count == 0
            ? NULL
            : bsearch(&wanted, k->moves, k->move_count, sizeof wanted, move_compare);

    (void)id;
    if (move != NULL)
        *intent = move->to;
}

/* The floor comes first: what is complete and below it has left its slot before we look. */
static enum err intents_move(struct keeper *k)
{
    uint64_t floor = collector_settled(k->collector);
    uint64_t *places = NULL;
    enum err e;

    k->move_count = 0;
    k->learned = OK;
    for (size_t i = 0; i < k->segment_count; i++)
        announced_intents_each(k->segments[i], move_add, k);
    TRY(k->learned);
    places = calloc(k->move_count + 1, sizeof *places);
    TRY(places == NULL ? ERR_MEMORY : OK);
    if (k->move_count > 0)
        qsort(k->moves, k->move_count, sizeof *k->moves, move_compare);
    for (size_t i = 0; i < k->move_count; i++)
        places[i] = k->moves[i].from;
    TRY(intents_turn(k->intents, floor, places, k->move_count));
    for (size_t i = 0; i < k->move_count; i++)
        k->moves[i].to = places[i];
    for (size_t i = 0; i < k->segment_count; i++)
        announced_intents_each(k->segments[i], move_tell, k);
out:
    free(places);
    return e;
}

/* ---- the thread ---- */

static void request_show(void *context, const struct audit_record *shown, uint64_t *intent)
{
    struct keeper *k = context;
    struct audit_record record = *shown; /* a worker gone wild may still write to the slot */
    uint8_t bytes[RECORD_SIZE_MOST];
    struct intent about = { .floor = k->floor };

    if (!k->durable)
        return;
    record.kind = RECORD_REQUEST;
    if (record.path_size > RECORD_PATH_MOST)
        record.path_size = RECORD_PATH_MOST;
    about.record = (struct slice){ (const char *)bytes, record_encode(&record, bytes) };
    *intent = intents_add(k->intents, &about);
}

static bool request_keeps(void *context, const struct audit_record *record)
{
    struct keeper *k = context;
    enum err e;

    if (!k->synced)
        return false;
    if (record->verdict != VERDICT_PLAINTEXT_REVOKED || !observe_wants(k->authority, record))
        return true;
    e = observe_learn(k->authority, NULL, record);
    if (e == OK)
        return true;
    log_error("keeper", "key %.16s was used in the clear, but the store cannot keep that: %s",
              record->key, err_text(e));
    k->learned = e;
    return false;
}

static enum err requests_keep(struct keeper *k, size_t *shown)
{
    enum err e = OK;

    for (size_t i = 0; i < k->segment_count; i++)
        (void)announced_leave(k->segments[i]);
    /* After a failure the other file is also how to find out whether it works again. */
    if (k->durable && (intents_room(k->intents) < BATCH_BYTES_MOST ||
                       intents_problem(k->intents)[0] != '\0'))
        TRY(intents_move(k));
    if (k->durable)
        k->floor = collector_settled(k->collector);
    for (size_t i = 0; i < k->segment_count; i++)
        *shown += announced_show(k->segments[i], BATCH_MOST - *shown, request_show, k);
    if (*shown == 0)
        goto out;
    if (k->durable)
        e = intents_sync(k->intents);
    k->synced = e == OK;
    k->learned = OK;
    for (size_t i = 0; i < k->segment_count; i++)
        announced_settle(k->segments[i], request_keeps, k);
    e = e == OK ? k->learned : e;
out:
    return e;
}

/* A store that fails stops keys from ending, not requests from passing. */
static void problem_set(struct keeper *k, enum err e)
{
    const char *words = k->durable ? intents_problem(k->intents) : "";
    char problem[KEEPER_PROBLEM_SIZE] = "";

    if (e != OK)
        snprintf(problem, sizeof problem, "%s", words[0] != '\0' ? words : err_text(e));
    for (size_t i = 0; i < k->segment_count; i++)
        announced_stop(k->segments[i], e != OK && words[0] != '\0');
    pthread_mutex_lock(&k->lock);
    memcpy(k->problem, problem, sizeof problem);
    pthread_mutex_unlock(&k->lock);
}

/* One turn; *shown: how many requests were looked at.  Over all segments there are, which may
 * change between two turns; seen[] is of the first, in use. */
static bool turn_take(struct keeper *k, bool failing, uint32_t seen[ENVIRONMENT_COUNT],
                      size_t *shown)
{
    enum err e;

    *shown = 0;
    k->segment_count = publish_mappings_hold(k->authority->publisher, k->segments);
    for (size_t i = 0; i < k->segment_count && i < ENVIRONMENT_COUNT; i++)
        seen[i] = announced_count(k->segments[i]);
    e = requests_keep(k, shown);
    if (e != OK || failing)
        problem_set(k, e);
    publish_mappings_release(k->authority->publisher);
    return e == OK;
}

static void *keeper_run(void *context)
{
    struct keeper *k = context;
    bool failing = false;

    while (atomic_load(&k->bell) == 0) {
        uint32_t seen[ENVIRONMENT_COUNT];
        size_t shown;

        failing = !turn_take(k, failing, seen, &shown);
        /* A replaced segment stays mapped for a minute, far longer than this. */
        if (failing)
            announced_wait(NULL, NULL, 0, &k->bell, SLEEP_FAILING_MS);
        else if (shown == 0)
            announced_wait(k->segments, seen,
                           k->segment_count < ENVIRONMENT_COUNT ? k->segment_count
                                                                : ENVIRONMENT_COUNT,
                           &k->bell, SLEEP_MS);
    }
    return NULL;
}

enum err keeper_start(struct keeper *k, struct collector *collector)
{
    k->collector = collector;
    k->segment_count = publish_mappings_hold(k->authority->publisher, k->segments);
    for (size_t i = 0; i < k->segment_count; i++) {
        struct gate_settings settings = segment_settings_get(k->segments[i]);

        announced_begin(k->segments[i]);
        announced_stop(k->segments[i], false);
        settings.durable = k->durable;
        segment_settings_set(k->segments[i], &settings);
    }
    publish_mappings_release(k->authority->publisher);
    if (pthread_create(&k->thread, NULL, keeper_run, k) != 0)
        return ERR_MEMORY;
    k->runs = true;
    return OK;
}

void keeper_close(struct keeper **keeper)
{
    struct keeper *k = *keeper;

    *keeper = NULL;
    if (k == NULL)
        return;
    if (k->runs) {
        announced_ring(&k->bell);
        pthread_join(k->thread, NULL);
        k->segment_count = publish_mappings_hold(k->authority->publisher, k->segments);
        for (size_t i = 0; i < k->segment_count; i++) {
            announced_stop(k->segments[i], true);
            (void)announced_leave(k->segments[i]);
        }
        publish_mappings_release(k->authority->publisher);
    }
    intents_close(&k->intents);
    pthread_mutex_destroy(&k->lock);
    free(k->legacies);
    free(k->moves);
    free(k);
}

bool keeper_problem(struct keeper *k, char text[KEEPER_PROBLEM_SIZE])
{
    text[0] = '\0';
    if (k == NULL)
        return false;
    pthread_mutex_lock(&k->lock);
    memcpy(text, k->problem, KEEPER_PROBLEM_SIZE);
    pthread_mutex_unlock(&k->lock);
    return text[0] != '\0';
}
