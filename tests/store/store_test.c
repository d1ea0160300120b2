#include "test.h"

#include <pthread.h>

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

TEST(a_file_that_is_no_database_is_refused_in_words)
{
    struct place p = place_open();
    char problem[STORE_PROBLEM_SIZE];
    struct store *s;
    FILE *f;

    store_close(&p.store);
    f = fopen(p.path, "w");
    assert_non_null(f);
    for (int i = 0; i < 400; i++)
        fputs("this is a letter, not a database\n", f);
    fclose(f);
    assert_int_equal(store_open(p.path, &s, problem), ERR_CORRUPT);
    assert_null(s);
    assert_non_null(strstr(problem, "not a database"));
    place_close(&p);
}

TEST(another_process_in_the_database_is_a_conflict)
{
    struct place p = place_open();
    char problem[STORE_PROBLEM_SIZE];
    struct store *other;
    struct store_tx *mine, *theirs;

    assert_int_equal(store_open(p.path, &other, problem), OK);
    mine = begun(&p);
    assert_int_equal(store_begin(other, &theirs), ERR_CONFLICT);
    assert_null(theirs);
    store_rollback(&mine);
    assert_int_equal(store_begin(other, &theirs), OK);
    store_rollback(&theirs);
    store_close(&other);
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

TEST_MAIN
