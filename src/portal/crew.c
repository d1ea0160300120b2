#include "portal/crew.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

enum { THREADS_MOST = 8, THREADS_OF_CORES_MOST = 4 };

struct crew {
    void (*run)(void *job);
    pthread_t threads[THREADS_MOST];
    size_t thread_count;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t changed;
    void *jobs[CREW_QUEUE_MOST]; /* a ring */
    size_t first, count;
    bool stopping;
};

/* The next job; NULL: there is none and no more will come. */
static void *job_await(struct crew *c)
{
    void *job = NULL;

    pthread_mutex_lock(&c->lock);
    while (c->count == 0 && !c->stopping)
        pthread_cond_wait(&c->changed, &c->lock);
    if (c->count > 0) {
        job = c->jobs[c->first];
        c->first = (c->first + 1) % CREW_QUEUE_MOST;
        c->count--;
    }
    pthread_mutex_unlock(&c->lock);
    return job;
}

static void *work(void *context)
{
    struct crew *c = context;
    void *job;

    while ((job = job_await(c)) != NULL)
        c->run(job);
    return NULL;
}

static size_t threads_of_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores < 3)
        return 1;
    return cores - 1 > THREADS_OF_CORES_MOST ? THREADS_OF_CORES_MOST : (size_t)cores - 1;
}

enum err crew_start(size_t threads, void (*run)(void *job), struct crew **crew)
{
    struct crew *c = calloc(1, sizeof *c);
    size_t wanted = threads == CREW_OF_CORES ? threads_of_cores() : threads;

    *crew = NULL;
    if (c == NULL)
        return ERR_MEMORY;
    c->run = run;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    while (c->thread_count < wanted && c->thread_count < THREADS_MOST &&
           pthread_create(&c->threads[c->thread_count], NULL, work, c) == 0)
        c->thread_count++;
    if (c->thread_count == 0) {
        log_error("portal", "no thread can be started");
        crew_stop(&c);
        return ERR_MEMORY;
    }
    *crew = c;
    return OK;
}

enum err crew_take(struct crew *c, void *job)
{
    enum err e = ERR_FULL;

    pthread_mutex_lock(&c->lock);
    if (c->count < CREW_QUEUE_MOST) {
        c->jobs[(c->first + c->count++) % CREW_QUEUE_MOST] = job;
        pthread_cond_signal(&c->changed);
        e = OK;
    }
    pthread_mutex_unlock(&c->lock);
    return e;
}

void crew_stop(struct crew **crew)
{
    struct crew *c = *crew;

    *crew = NULL;
    if (c == NULL)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < c->thread_count; i++)
        pthread_join(c->threads[i], NULL);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c);
}
