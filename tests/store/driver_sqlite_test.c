#include "test.h"

#include "fixture.h"
#include "store/driver.h"

TEST(a_full_disk_is_said_and_the_transaction_undone)
{
    char problem[STORE_PROBLEM_SIZE];
    struct driver *d;
    struct query *q = NULL;
    bool row;
    enum err e = OK;

    assert_int_equal(driver_open(":memory:", &d, problem), OK);
    assert_int_equal(driver_execute(d, "CREATE TABLE t (a TEXT); PRAGMA max_page_count = 8"), OK);
    assert_int_equal(driver_begin(d), OK);
    for (int i = 0; i < 100 && e == OK; i++)
        e = driver_execute(d, "INSERT INTO t VALUES (hex(zeroblob(1000)))");
    assert_int_equal(e, ERR_FULL);
    driver_rollback(d);
    assert_int_equal(query_open(d, "SELECT COUNT(*) FROM t", &q), OK);
    assert_int_equal(query_step(q, &row), OK);
    assert_int_equal(query_integer(q, 0), 0);
    query_close(&q);
    driver_close(&d);
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

TEST_MAIN
