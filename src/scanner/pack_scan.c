#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "scanner/git_pipe.h"
#include "scanner/object_id.h"
#include "scanner/pack_stream.h"
#include "scanner/scan_state.h"

/* Packs, with an index, without one, and out of a pipe, each object looked at by one of two
 * threads. */

enum {
    THREADS = 2,
    SMALL_PACK = 1 << 20, /* not worth a second thread */
    COUNT_BYTES = 1 << 20,
};

#define OBJECT_MOST (UINT64_C(512) << 20)
#define HELD_MOST   (UINT64_C(1) << 30)
#define STREAM_MOST (UINT64_C(2) << 30)
#define PACK_NS     (3600 * NS_PER_S)

/* Objects that a key was found in; more than can be traced are not noted. */
struct hits {
    uint8_t ids[PROVENANCE_WANTED_MOST][OBJECT_ID_MOST];
    size_t count;
};

/* Each once: an id and its secret often stand in one file. */
static void hit_note(struct hits *hits, const uint8_t *id, size_t id_bytes)
{
    for (size_t i = 0; i < hits->count; i++)
        if (memcmp(hits->ids[i], id, id_bytes) == 0)
            return;
    if (hits->count < PROVENANCE_WANTED_MOST)
        memcpy(hits->ids[hits->count++], id, id_bytes);
}

/* One of the threads that look at a pack; `lock` is held for whatever concerns the scan. */
struct looker {
    struct scan *scan;
    struct matcher *matcher;
    pthread_mutex_t *lock;
    size_t id_bytes;
    struct hits *hits;                /* NULL: nobody asks */
    const struct pack_object *object; /* at present */
    struct object_part part;          /* all of it */
    uint64_t object_count, bytes;     /* not counted by the scan yet */
};

/* Of an object whose bytes are there, so that it has an id whether somebody knows it or not. */
static size_t object_enter(struct looker *l, const struct pack_object *object)
{
    char name[sizeof l->scan->object + 16];
    uint8_t made[OBJECT_ID_MOST] = { 0 };
    const uint8_t *id = object->id;

    if (id == NULL && object_id(l->id_bytes, object->type, object->content, made) == OK)
        id = made;
    if (id == NULL)
        return place_enter(l->scan, " ", SLICE("an object"));
    if (l->hits != NULL)
        hit_note(l->hits, id, l->id_bytes);
    hex_format(id, l->id_bytes, l->scan->object);
    l->scan->object_type = pack_type_text(object->type);
    snprintf(name, sizeof name, "%s (%s)", l->scan->object, l->scan->object_type);
    return place_enter(l->scan, " object ", slice_of(name));
}

static bool object_key_found(void *context, const struct match *match)
{
    struct looker *l = context;
    const struct pack_object *object = l->object;
    size_t before;

    pthread_mutex_lock(l->lock);
    before = object_enter(l, object);
    key_found(l->scan, match, lines_before(object->content.at, match->offset) + 1, &l->part);
    place_leave(l->scan, before);
    object_leave(l->scan);
    pthread_mutex_unlock(l->lock);
    return true;
}

static void lookers_count(struct looker *l)
{
    pthread_mutex_lock(l->lock);
    l->scan->totals.object_count += l->object_count;
    bytes_count(l->scan, l->bytes);
    pthread_mutex_unlock(l->lock);
    l->object_count = l->bytes = 0;
}

static void object_look(void *thread, const struct pack_object *object)
{
    struct looker *l = thread;
    const struct pack_part all = { 0, object->content.size };
    const struct pack_part *parts = object->parts == NULL ? &all : object->parts;
    size_t count = object->parts == NULL ? 1 : object->part_count;

    l->object = object;
    l->part = (struct object_part){ .bytes = object->content, .is_whole = true };
    for (size_t i = 0; i < count; i++)
        matcher_scan(l->matcher,
                     (struct slice){ object->content.at + parts[i].from, parts[i].size },
                     parts[i].size, parts[i].from, object_key_found, l);
    l->object_count++;
    l->bytes += object->content.size;
    if (l->bytes >= COUNT_BYTES)
        lookers_count(l);
}

static void object_fault(void *thread, const struct pack_object *object, const char *why)
{
    struct looker *l = thread;
    char name[2 * OBJECT_ID_MOST + 1];
    size_t before;

    if (object->id != NULL)
        hex_format(object->id, l->id_bytes, name);
    else
        snprintf(name, sizeof name, "at %llu", (unsigned long long)object->offset);
    pthread_mutex_lock(l->lock);
    before = place_enter(l->scan, " object ", slice_of(name));
    incomplete_say(l->scan, "%s", why);
    place_leave(l->scan, before);
    pthread_mutex_unlock(l->lock);
}

/* The threads, and what they share. */
struct crew {
    struct looker lookers[THREADS];
    pthread_mutex_t lock;
    struct pack_visitor visitor;
};

/* False: there is nobody, which is said. */
static bool crew_begin(struct crew *crew, struct scan *scan, size_t id_bytes, unsigned wanted)
{
    struct pack_visitor *v = &crew->visitor;

    *v = (struct pack_visitor){ .object = object_look,
                                .fault = object_fault,
                                .reach = MATCHER_OVERLAP,
                                .object_most = OBJECT_MOST,
                                .held_most = HELD_MOST,
                                .until_ns = clock_mono_ns() + PACK_NS };
    pthread_mutex_init(&crew->lock, NULL);
    for (unsigned i = 0; i < wanted; i++) {
        struct looker *l = &crew->lookers[i];

        *l = (struct looker){ .scan = scan, .lock = &crew->lock, .id_bytes = id_bytes };
        if (matcher_clone(scan->matcher, &l->matcher) != OK)
            break;
        v->threads[v->thread_count++] = l;
    }
    if (v->thread_count == 0)
        incomplete_say(scan, "no memory for any of its objects");
    return v->thread_count > 0;
}

static void crew_end(struct crew *crew)
{
    for (unsigned i = 0; i < crew->visitor.thread_count; i++) {
        lookers_count(&crew->lookers[i]);
        matcher_close(&crew->lookers[i].matcher);
    }
    pthread_mutex_destroy(&crew->lock);
}

static void unreached_say(struct scan *scan, uint32_t unreached)
{
    if (unreached > 0)
        incomplete_say(scan, "%u objects are told by their difference to ones that are not there",
                       (unsigned)unreached);
}

static unsigned threads_for(uint64_t bytes)
{
    return bytes < SMALL_PACK ? 1 : THREADS;
}

void pack_scan(struct scan *scan, struct slice pack, const struct pack_index *index)
{
    struct crew crew;
    uint32_t unreached = 0;
    enum err e;

    if (crew_begin(&crew, scan, index->id_bytes, threads_for(pack.size))) {
        e = pack_walk(pack, index, &crew.visitor, &unreached);
        if (e != OK)
            incomplete_say(scan, e == ERR_MEMORY ? "no memory for all of its objects"
                                 : e == ERR_FULL ? "takes too long"
                                                 : "is no pack of git");
        else
            unreached_say(scan, unreached);
    }
    crew_end(&crew);
}

/* What has come is told to its end, and what has not is said. */
static void stream_end(struct scan *scan, struct pack_stream *stream)
{
    uint32_t unreached;

    if (pack_stream_end(stream, &unreached) != OK)
        incomplete_say(scan, "%s", pack_stream_why(stream));
    else
        unreached_say(scan, unreached);
}

void bare_pack_scan(struct scan *scan, struct slice pack, size_t id_bytes)
{
    struct pack_stream *stream = NULL;
    struct crew crew;

    if (crew_begin(&crew, scan, id_bytes, threads_for(pack.size))) {
        if (pack_stream_open(id_bytes, STREAM_MOST, &crew.visitor, &stream) == OK) {
            pack_stream_take_all(stream, pack);
            stream_end(scan, stream);
        } else {
            incomplete_say(scan, "no memory for any of its objects");
        }
    }
    pack_stream_close(&stream);
    crew_end(&crew);
}

bool pack_is(struct slice start)
{
    uint32_t object_count;

    return pack_head_read(start, &object_count);
}

void pack_file_scan(struct scan *scan, int fd, uint64_t size)
{
    void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    struct slice pack = { at, size };
    size_t id_bytes;

    if (at == MAP_FAILED) {
        incomplete_say(scan, "cannot be read: %s", strerror(errno));
        return;
    }
    id_bytes = object_id_of_file(pack);
    bare_pack_scan(scan, pack, id_bytes == 0 ? OBJECT_ID_SHA1 : id_bytes);
    munmap(at, size);
}

/* ---- Out of a pipe ---- */

struct intake {
    struct scan *scan;
    struct crew crew;
    struct pack_stream *stream;
    bool has_crew;
    struct hits hits;
    struct provenance *provenance; /* NULL: nobody asks, or no memory */
    size_t id_bytes;
};

/* Tells what comes by which ids; the pack follows. */
static bool format_take(void *context, size_t id_bytes)
{
    struct intake *i = context;

    i->id_bytes = id_bytes;
    i->has_crew = crew_begin(&i->crew, i->scan, id_bytes, THREADS);
    if (i->scan->listener.traced != NULL && provenance_open(id_bytes, &i->provenance) == OK)
        for (unsigned k = 0; k < i->crew.visitor.thread_count; k++)
            i->crew.lookers[k].hits = &i->hits;
    if (i->has_crew && pack_stream_open(id_bytes, STREAM_MOST, &i->crew.visitor, &i->stream) != OK)
        incomplete_say(i->scan, "no memory for any of its objects");
    return i->stream != NULL;
}

static bool ref_take(void *context, struct slice name, const uint8_t *id)
{
    struct intake *i = context;

    if (i->provenance != NULL)
        provenance_ref(i->provenance, name, id);
    return true;
}

static bool bytes_take(void *context, struct slice bytes)
{
    struct intake *i = context;

    return pack_stream_take(i->stream, bytes) == OK;
}

/* ---- How the objects came into their history ---- */

static void object_trace(void *thread, const struct pack_object *object)
{
    provenance_object(thread, object->type, object->content);
}

/* Was said when it was looked at. */
static void fault_pass(void *thread, const struct pack_object *object, const char *why)
{
    (void)thread, (void)object, (void)why;
}

static void trace_tell(struct intake *i, const uint8_t *id)
{
    const struct scan_listener *listener = &i->scan->listener;
    struct provenance_trace trace;
    char object[2 * OBJECT_ID_MOST + 1];
    char *const texts[] = { trace.path, trace.author, trace.committer, trace.refs, trace.tips };

    if (provenance_trace(i->provenance, id, &trace) != OK)
        return;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        excerpt_mask(i->scan->around, texts[k]);
    hex_format(id, i->id_bytes, object);
    listener->traced(listener->context, object, &trace);
}

/* A second walk, for a pack that has a key in it; such are few. */
static void hits_trace(struct intake *i)
{
    const struct pack_visitor visitor = { .object = object_trace,
                                          .fault = fault_pass,
                                          .threads = { i->provenance },
                                          .thread_count = 1,
                                          .object_most = OBJECT_MOST,
                                          .held_most = HELD_MOST,
                                          .until_ns = clock_mono_ns() + PACK_NS };
    struct pack_stream *again = NULL;
    uint32_t unreached;

    for (size_t k = 0; k < i->hits.count; k++)
        provenance_want(i->provenance, i->hits.ids[k]);
    if (pack_stream_open(i->id_bytes, STREAM_MOST, &visitor, &again) != OK)
        return;
    pack_stream_take_all(again, pack_stream_bytes(i->stream));
    /* What is damaged was said before: of the rest it tells as much as there is. */
    if (pack_stream_end(again, &unreached) != ERR_MEMORY)
        for (size_t k = 0; k < i->hits.count; k++)
            trace_tell(i, i->hits.ids[k]);
    pack_stream_close(&again);
}

void scan_git(struct scan *scan, const char *place, int fd)
{
    struct intake intake = { .scan = scan };
    const struct git_pipe_taker taker = { format_take, ref_take, bytes_take, &intake };
    char why[GIT_WHY_SIZE];
    size_t before = place_enter(scan, "", slice_of(place));

    switch (git_pipe_receive(fd, &taker, why)) {
    case GIT_PIPE_ALL:
    case GIT_PIPE_REFUSED: /* the stream says why */
        break;
    case GIT_PIPE_TROUBLE:
        incomplete_say(scan, "%s", why);
        break;
    }
    if (intake.stream != NULL)
        stream_end(scan, intake.stream);
    if (intake.has_crew)
        crew_end(&intake.crew);
    if (intake.stream != NULL && intake.hits.count > 0)
        hits_trace(&intake);
    provenance_close(&intake.provenance);
    pack_stream_close(&intake.stream);
    place_leave(scan, before);
}
