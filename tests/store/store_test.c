#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "fixture.h"

TEST(what_was_committed_is_there_after_reopening_and_what_was_not_is_gone)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_account bo = { .email = "bo@example.com" }, found;
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_account_insert(tx, &bo), OK);
    store_rollback(&tx);
    assert_null(tx);
    store_rollback(&tx);
    place_reopen(&p);
    tx = begun(&p);
    assert_int_equal(store_account_get(tx, ada, &found), OK);
    assert_int_equal(store_account_get(tx, bo.id, &found), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

static void *account_add(void *context)
{
    for (int i = 0; i < 20; i++) {
        char email[64];

        snprintf(email, sizeof email, "%d.%p@example.com", i, (void *)&email);
        account_made(context, email);
    }
    return NULL;
}

TEST(threads_take_turns)
{
    struct place p = place_open();
    pthread_t other;
    struct store_tx *tx;
    uint64_t count;

    assert_int_equal(pthread_create(&other, NULL, account_add, &p), 0);
    account_add(&p);
    pthread_join(other, NULL);
    tx = begun(&p);
    assert_int_equal(store_accounts_count(tx, &count), OK);
    assert_int_equal(count, 40);
    store_rollback(&tx);
    place_close(&p);
}

struct asker {
    struct place *place;
    atomic_bool served;
};

static void *once_ask(void *context)
{
    struct asker *asker = context;
    struct store_tx *tx = begun(asker->place);

    atomic_store(&asker->served, true);
    store_rollback(&tx);
    return NULL;
}

/* A thread that made one transaction after the other kept others waiting for a second: it had the
 * mutex again before they had woken. */
TEST(whoever_asks_is_served_although_another_asks_again_and_again)
{
    const struct timespec moment = { .tv_nsec = 1000000 };
    struct place p = place_open();
    struct asker asker = { .place = &p };
    struct store_tx *tx = begun(&p);
    pthread_t other;
    int turns = 0;

    assert_int_equal(pthread_create(&other, NULL, once_ask, &asker), 0);
    for (; !atomic_load(&asker.served) && turns < 20000; turns++) {
        nanosleep(&moment, NULL); /* in which it comes, and waits */
        store_rollback(&tx);
        tx = begun(&p);
    }
    assert_true(atomic_load(&asker.served));
    store_rollback(&tx);
    assert_int_equal(pthread_join(other, NULL), 0);
    place_close(&p);
}

TEST_MAIN
