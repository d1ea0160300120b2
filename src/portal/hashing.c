#include "portal/hashing.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

enum { THREADS_MOST = 4 };

struct hashing {
    void (*run)(void *job);
    pthread_t threads[THREADS_MOST];
    size_t thread_count;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t changed;
    void *jobs[HASHING_QUEUE_MOST]; /* a ring */
    size_t first, count;
    bool stopping;
};

/* The next job; NULL: there is none and no more will come. */
static void *job_await(struct hashing *h)
{
    void *job = NULL;

    pthread_mutex_lock(&h->lock);
    while (h->count == 0 && !h->stopping)
        pthread_cond_wait(&h->changed, &h->lock);
    if (h->count > 0) {
        job = h->jobs[h->first];
        h->first = (h->first + 1) % HASHING_QUEUE_MOST;
        h->count--;
    }
    pthread_mutex_unlock(&h->lock);
    return job;
}

static void *work(void *context)
{
    struct hashing *h = context;
    void *job;

    while ((job = job_await(h)) != NULL)
        h->run(job);
    return NULL;
}

static size_t threads_wanted(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (cores < 3)
        return 1;
    return cores - 1 > THREADS_MOST ? THREADS_MOST : (size_t)cores - 1;
}

enum err hashing_start(void (*run)(void *job), struct hashing **hashing)
{
    struct hashing *h = calloc(1, sizeof *h);
    size_t wanted = threads_wanted();

    *hashing = NULL;
    if (h == NULL)
        return ERR_MEMORY;
    h->run = run;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
    while (h->thread_count < wanted &&
           pthread_create(&h->threads[h->thread_count], NULL, work, h) == 0)
        h->thread_count++;
    if (h->thread_count == 0) {
        log_error("portal", "no thread can be started");
        hashing_stop(&h);
        return ERR_MEMORY;
    }
    *hashing = h;
    return OK;
}

enum err hashing_take(struct hashing *h, void *job)
{
    enum err e = ERR_FULL;

    pthread_mutex_lock(&h->lock);
    if (h->count < HASHING_QUEUE_MOST) {
        h->jobs[(h->first + h->count++) % HASHING_QUEUE_MOST] = job;
        pthread_cond_signal(&h->changed);
        e = OK;
    }
    pthread_mutex_unlock(&h->lock);
    return e;
}

void hashing_stop(struct hashing **hashing)
{
    struct hashing *h = *hashing;

    *hashing = NULL;
    if (h == NULL)
        return;
    pthread_mutex_lock(&h->lock);
    h->stopping = true;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    for (size_t i = 0; i < h->thread_count; i++)
        pthread_join(h->threads[i], NULL);
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
