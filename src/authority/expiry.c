#include "authority/expiry.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "authority/alert_journal.h"
#include "authority/decision.h"
#include "authority/flag_keys.h"
#include "authority/leak_object.h"
#include "base/log.h"

enum { ROUND_S = 60 };

struct expiry {
    struct authority *authority;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stopping;
};

static bool sleep_or_stop(struct expiry *x)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ROUND_S;
    pthread_mutex_lock(&x->lock);
    while (!x->stopping && pthread_cond_timedwait(&x->wake, &x->lock, &until) != ETIMEDOUT)
        ;
    stopping = x->stopping;
    pthread_mutex_unlock(&x->lock);
    return stopping;
}

/* What is in conflict, or fails, comes again in a minute. */
static void round_say(const char *what, enum err e)
{
    if (e != OK && e != ERR_CONFLICT)
        log_error("expiry", "%s could not be ended: %s", what, err_text(e));
}

static void *expiry_run(void *context)
{
    struct expiry *x = context;
    bool resumed = false;

    do {
        if (!resumed) {
            enum err e = flag_keys_resume(x->authority, &x->stopping);

            round_say("keys of flagged accounts", e);
            resumed = e == OK;
        }
        round_say("reviews", reviews_expire(x->authority));
        round_say("the keeping of alerts", alert_journal_expire(x->authority));
        round_say("the keeping of objects", leak_object_expire(x->authority));
    } while (!sleep_or_stop(x));
    return NULL;
}

static void expiry_free(struct expiry *x)
{
    pthread_cond_destroy(&x->wake);
    pthread_mutex_destroy(&x->lock);
    free(x);
}

enum err expiry_start(struct authority *a, struct expiry **expiry)
{
    struct expiry *x = calloc(1, sizeof *x);
    pthread_condattr_t monotonic;

    *expiry = NULL;
    if (x == NULL)
        return ERR_MEMORY;
    x->authority = a;
    pthread_mutex_init(&x->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&x->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&x->thread, NULL, expiry_run, x) != 0) {
        expiry_free(x);
        return ERR_MEMORY;
    }
    *expiry = x;
    return OK;
}

void expiry_stop(struct expiry **expiry)
{
    struct expiry *x = *expiry;

    *expiry = NULL;
    if (x == NULL)
        return;
    pthread_mutex_lock(&x->lock);
    x->stopping = true;
    pthread_cond_signal(&x->wake);
    pthread_mutex_unlock(&x->lock);
    pthread_join(x->thread, NULL);
    expiry_free(x);
}
