#include "../test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "portal/hashing.h"

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
    struct hashing *hashing;
    int one = 1, taken = 0;

    assert_int_equal(hashing_start(pass, &hashing), OK);
    pthread_mutex_lock(&gate); /* nobody gets on */
    while (hashing_take(hashing, &one) == OK)
        taken++;
    assert_true(taken >= HASHING_QUEUE_MOST); /* and those that the threads hold already */
    assert_true(taken < HASHING_QUEUE_MOST + 16);
    assert_int_equal(atomic_load(&done), 0);
    pthread_mutex_unlock(&gate);
    hashing_stop(&hashing); /* what waits is run first */
    assert_null(hashing);
    assert_int_equal(atomic_load(&done), taken);
    hashing_stop(&hashing);
}

TEST_MAIN
