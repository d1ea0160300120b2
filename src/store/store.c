#include "store/store.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/migrations.h"
#include "store/transaction.h"

struct store_tx {
    struct store *store;
};

struct store {
    struct driver *driver;
    /* Whoever comes first is served first.  A mutex would not do: a thread that makes one
     * transaction after the other takes it again before those who wait have woken. */
    pthread_mutex_t lock; /* of the two numbers */
    pthread_cond_t next;
    uint64_t drawn, served; /* from begin to commit or rollback it is the turn of `served` */
    struct store_tx tx;
};

static void turn_take(struct store *s)
{
    uint64_t mine;

    pthread_mutex_lock(&s->lock);
    mine = s->drawn++;
    while (s->served != mine)
        pthread_cond_wait(&s->next, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static void turn_pass(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    s->served++;
    pthread_cond_broadcast(&s->next);
    pthread_mutex_unlock(&s->lock);
}

static void problem_say(enum err e, const char *where, int64_t found,
                        char problem[STORE_PROBLEM_SIZE])
{
    if (problem[0] != '\0')
        return; /* the driver knew */
    if (e == ERR_VERSION)
        snprintf(problem, STORE_PROBLEM_SIZE,
                 "the database %s has tables of version %d, this Latchkey knows up to %d: "
                 "start the newer Latchkey that wrote it",
                 where, (int)found, (int)migrations_newest());
    else if (e == ERR_CORRUPT)
        snprintf(problem, STORE_PROBLEM_SIZE,
                 "%s is damaged or not a database: put a backup in its place", where);
    else
        snprintf(problem, STORE_PROBLEM_SIZE, "cannot open the database %s: %s", where,
                 err_text(e));
}

enum err store_open(const char *where, struct store **store, char problem[STORE_PROBLEM_SIZE])
{
    struct store *s = calloc(1, sizeof *s);
    int64_t found = 0;
    enum err e;

    *store = NULL;
    problem[0] = '\0';
    if (s == NULL)
        return ERR_MEMORY;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->next, NULL);
    s->tx.store = s;
    e = driver_open(where, &s->driver, problem);
    if (e == OK)
        e = migrations_run(s->driver, clock_wall_ns(), &found);
    if (e == OK) {
        *store = s;
        return OK;
    }
    problem_say(e, where, found, problem);
    store_close(&s);
    return e;
}

void store_close(struct store **store)
{
    struct store *s = *store;

    *store = NULL;
    if (s == NULL)
        return;
    driver_close(&s->driver);
    pthread_cond_destroy(&s->next);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

enum err store_begin(struct store *store, struct store_tx **tx)
{
    enum err e;

    *tx = NULL;
    turn_take(store);
    e = driver_begin(store->driver);
    if (e == OK)
        *tx = &store->tx;
    else
        turn_pass(store);
    return e;
}

enum err store_commit(struct store_tx **tx)
{
    struct store *s = (*tx)->store;
    enum err e = driver_commit(s->driver);

    if (e != OK)
        return e;
    *tx = NULL;
    turn_pass(s);
    return OK;
}

void store_rollback(struct store_tx **tx)
{
    struct store_tx *t = *tx;

    *tx = NULL;
    if (t == NULL)
        return;
    driver_rollback(t->store->driver);
    turn_pass(t->store);
}

struct driver *store_tx_driver(struct store_tx *tx)
{
    return tx->store->driver;
}
