#include "test.h"

#include "fixture.h"
#include "store/driver.h"

TEST(parameters_are_bound_by_name_wherever_they_stand)
{
    struct driver *d;
    struct query *q;
    bool row;

    assert_int_equal(driver_open(":memory:", &d), OK);
    assert_int_equal(query_open(d, "SELECT $second, $first, $second, $bytes", &q), OK);
    query_bind_integer(q, "$first", INT64_MIN);
    query_bind_text(q, "$second", SLICE("two"));
    query_bind_bytes(q, "$bytes", "\0\1", 2);
    assert_int_equal(query_step(q, &row), OK);
    assert_true(row);
    assert_true(slice_is(query_text(q, 0), SLICE("two")));
    assert_true(query_integer(q, 1) == INT64_MIN);
    assert_true(slice_is(query_text(q, 2), SLICE("two")));
    assert_int_equal(query_bytes(q, 3).size, 2);
    assert_memory_equal(query_bytes(q, 3).at, "\0\1", 2);
    assert_int_equal(query_step(q, &row), OK);
    assert_false(row);
    query_close(&q);
    assert_null(q);
    driver_close(&d);
}

TEST(a_full_disk_is_said_and_the_transaction_undone)
{
    struct driver *d;
    struct query *q = NULL;
    bool row;
    enum err e = OK;

    assert_int_equal(driver_open(":memory:", &d), OK);
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

TEST(a_taken_value_is_told_from_other_failures)
{
    struct driver *d;

    assert_int_equal(driver_open(":memory:", &d), OK);
    assert_int_equal(driver_execute(d, "CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT NOT NULL)"),
                     OK);
    assert_int_equal(driver_execute(d, "INSERT INTO t VALUES (1, 'x')"), OK);
    assert_int_equal(driver_execute(d, "INSERT INTO t VALUES (1, 'y')"), ERR_EXISTS);
    assert_int_equal(driver_execute(d, "INSERT INTO t VALUES (2, NULL)"), ERR_STORE);
    driver_close(&d);
}

TEST_MAIN
