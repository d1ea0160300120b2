#include "test.h"

#include "fixture.h"
#include "store/driver.h"

/* A driver alone in its database. */
struct bench {
    struct place place;
    struct driver *d;
};

static struct bench bench_open(void)
{
    struct bench b = { .place = place_open() };
    char problem[STORE_PROBLEM_SIZE];

    store_close(&b.place.store);
    assert_int_equal(driver_open(b.place.path, &b.d, problem), OK);
    return b;
}

static void bench_close(struct bench *b)
{
    driver_close(&b->d);
    place_close(&b->place);
}

TEST(parameters_are_bound_by_name_wherever_they_stand)
{
    struct bench b = bench_open();
    struct query *q;
    bool row;

    assert_int_equal(driver_execute(b.d, "CREATE TABLE t (a BIGINT, b TEXT, c BYTEA)"), OK);
    assert_int_equal(query_open(b.d, "INSERT INTO t (c, b, a) VALUES ($bytes, $word, $number)", &q),
                     OK);
    query_bind_integer(q, "$number", INT64_MIN);
    query_bind_text(q, "$word", SLICE("two"));
    query_bind_bytes(q, "$bytes", "\0\1", 2);
    assert_int_equal(query_run(q), OK);
    assert_int_equal(query_changed(q), 1);
    query_close(&q);
    assert_null(q);
    assert_int_equal(query_open(b.d, "SELECT a, b, c FROM t WHERE b = $word OR b || 'x' = $word",
                                &q),
                     OK);
    query_bind_text(q, "$word", SLICE("two"));
    assert_int_equal(query_step(q, &row), OK);
    assert_true(row);
    assert_true(query_integer(q, 0) == INT64_MIN);
    assert_true(slice_is(query_text(q, 1), SLICE("two")));
    assert_int_equal(query_bytes(q, 2).size, 2);
    assert_memory_equal(query_bytes(q, 2).at, "\0\1", 2);
    assert_int_equal(query_step(q, &row), OK);
    assert_false(row);
    query_close(&q);
    bench_close(&b);
}

TEST(a_taken_value_is_told_from_other_failures)
{
    struct bench b = bench_open();

    assert_int_equal(driver_execute(b.d, "CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT NOT NULL)"),
                     OK);
    assert_int_equal(driver_execute(b.d, "INSERT INTO t VALUES (1, 'x')"), OK);
    assert_int_equal(driver_execute(b.d, "INSERT INTO t VALUES (1, 'y')"), ERR_EXISTS);
    assert_int_equal(driver_execute(b.d, "INSERT INTO t VALUES (2, NULL)"), ERR_STORE);
    bench_close(&b);
}

TEST(after_a_failed_statement_a_transaction_can_only_be_rolled_back)
{
    struct bench b = bench_open();
    struct query *q;
    bool row;

    assert_int_equal(driver_execute(b.d, "CREATE TABLE t (a BIGINT PRIMARY KEY)"), OK);
    assert_int_equal(driver_begin(b.d), OK);
    assert_int_equal(driver_execute(b.d, "INSERT INTO t VALUES (1)"), OK);
    assert_int_equal(driver_execute(b.d, "INSERT INTO t VALUES (1)"), ERR_EXISTS);
    assert_int_equal(query_open(b.d, "SELECT COUNT(*) FROM t", &q), OK);
    assert_int_equal(query_step(q, &row), ERR_STORE);
    query_close(&q);
    assert_int_equal(driver_commit(b.d), ERR_STORE);
    driver_rollback(b.d);
    assert_int_equal(query_open(b.d, "SELECT COUNT(*) FROM t", &q), OK);
    assert_int_equal(query_step(q, &row), OK);
    assert_int_equal(query_integer(q, 0), 0);
    query_close(&q);
    bench_close(&b);
}

/* Other statements run meanwhile, and whoever has seen enough leaves. */
TEST(many_rows_come_in_slices)
{
    enum { ROWS = 1200 };
    struct bench b = bench_open();
    struct query *each, *one;
    bool row;

    assert_int_equal(driver_execute(b.d, "CREATE TABLE t (a BIGINT PRIMARY KEY)"), OK);
    assert_int_equal(driver_begin(b.d), OK);
    assert_int_equal(query_open(b.d, "INSERT INTO t VALUES ($a)", &one), OK);
    for (int i = 0; i < ROWS; i++) {
        query_bind_integer(one, "$a", i);
        assert_int_equal(query_run(one), OK);
        query_close(&one);
        assert_int_equal(query_open(b.d, "INSERT INTO t VALUES ($a)", &one), OK);
    }
    query_close(&one);
    for (int most = ROWS; most > 0; most -= ROWS / 2) {
        assert_int_equal(query_open_each(b.d, "SELECT a FROM t WHERE a >= $from ORDER BY a", &each),
                         OK);
        query_bind_integer(each, "$from", 0);
        for (int i = 0; i < most; i++) {
            assert_int_equal(query_step(each, &row), OK);
            assert_true(row);
            assert_int_equal(query_integer(each, 0), i);
            assert_int_equal(query_open(b.d, "SELECT a FROM t WHERE a = $a", &one), OK);
            query_bind_integer(one, "$a", i);
            assert_int_equal(query_step(one, &row), OK);
            assert_true(row);
            query_close(&one);
        }
        if (most == ROWS) {
            assert_int_equal(query_step(each, &row), OK);
            assert_false(row);
        }
        query_close(&each);
    }
    assert_int_equal(driver_commit(b.d), OK);
    bench_close(&b);
}

TEST_MAIN
