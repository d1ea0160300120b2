#include "../test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "portal/crew.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int done;

static void pass(void *job)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    atomic_fetch_add(&done, *(int *)job);
}

TEST(jobs_run_once_each_and_the_queue_has_an_end)
{
    struct crew *crew;
    int one = 1, taken = 0;

    assert_int_equal(crew_start(CREW_OF_CORES, pass, &crew), OK);
    pthread_mutex_lock(&gate); /* nobody gets on */
    while (crew_take(crew, &one) == OK)
        taken++;
    assert_true(taken >= CREW_QUEUE_MOST); /* and those that the threads hold already */
    assert_true(taken < CREW_QUEUE_MOST + 16);
    assert_int_equal(atomic_load(&done), 0);
    pthread_mutex_unlock(&gate);
    crew_stop(&crew); /* what waits is run first */
    assert_null(crew);
    assert_int_equal(atomic_load(&done), taken);
    crew_stop(&crew);
}

TEST_MAIN
