#include "console/tail.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "console/audit.h"
#include "http/server.h"

enum { HELD_MOST = 64, WAIT_STEP_MS = 250 };

struct held {
    struct http_request *request;
    struct trail_query query;
    uint64_t until_ns; /* monotonic */
};

struct tail {
    struct trail *trail;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct held held[HELD_MOST];
    size_t count;
};

/* True when the call has its answer. */
static bool held_answer(struct tail *t, struct held *h, bool last)
{
    json_t *records = NULL, *document;
    struct http_reply reply;
    uint64_t next = h->query.from;
    char *text;
    bool more;

    if (audit_page(t->trail, &h->query, &records, &next, &more) != OK)
        records = json_array();
    h->query.from = next;
    if (json_array_size(records) == 0 && !last && clock_mono_ns() < h->until_ns) {
        json_decref(records);
        return false;
    }
    document = json_pack("{s:o, s:I}", "records", records, "next", (json_int_t)next);
    text = json_dumps(document, JSON_COMPACT);
    http_reply_init(&reply);
    buffer_append(&reply.body, slice_of(text));
    http_request_answer(h->request, &reply);
    free(text);
    json_decref(document);
    return true;
}

/* With the lock held. */
static void held_look(struct tail *t, bool last)
{
    for (size_t i = 0; i < t->count;)
        if (held_answer(t, &t->held[i], last))
            t->held[i] = t->held[--t->count];
        else
            i++;
}

static void *tail_run(void *context)
{
    struct tail *t = context;
    struct trail_state state;

    pthread_mutex_lock(&t->lock);
    while (!t->stopping) {
        if (t->count == 0) {
            pthread_cond_wait(&t->wake, &t->lock);
            continue;
        }
        trail_state_get(t->trail, &state);
        held_look(t, false);
        pthread_mutex_unlock(&t->lock);
        trail_wait(t->trail, state.size, WAIT_STEP_MS);
        pthread_mutex_lock(&t->lock);
    }
    held_look(t, true);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

enum err tail_start(struct trail *trail, struct tail **tail)
{
    struct tail *t = calloc(1, sizeof *t);

    *tail = NULL;
    if (t == NULL)
        return ERR_MEMORY;
    t->trail = trail;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    if (pthread_create(&t->thread, NULL, tail_run, t) != 0) {
        free(t);
        return ERR_MEMORY;
    }
    *tail = t;
    return OK;
}

void tail_stop(struct tail *tail)
{
    pthread_mutex_lock(&tail->lock);
    tail->stopping = true;
    pthread_cond_signal(&tail->wake);
    pthread_mutex_unlock(&tail->lock);
    pthread_join(tail->thread, NULL);
}

void tail_close(struct tail **tail)
{
    struct tail *t = *tail;

    *tail = NULL;
    if (t == NULL)
        return;
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

enum err tail_take(struct tail *tail, struct http_request *request,
                   const struct trail_query *query)
{
    enum err e = ERR_FULL;

    pthread_mutex_lock(&tail->lock);
    if (tail->count < HELD_MOST && !tail->stopping) {
        tail->held[tail->count++] = (struct held){
            .request = request,
            .query = *query,
            .until_ns = clock_mono_ns() + TAIL_WAIT_S * NS_PER_S,
        };
        pthread_cond_signal(&tail->wake);
        e = OK;
    }
    pthread_mutex_unlock(&tail->lock);
    return e;
}
