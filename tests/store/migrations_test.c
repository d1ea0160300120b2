#include "test.h"

#include "fixture.h"
#include "store/migrations.h"

TEST(migrations_run_once)
{
    struct place p = place_open();
    char problem[STORE_PROBLEM_SIZE];
    struct driver *d;
    int64_t found;

    store_close(&p.store);
    assert_int_equal(driver_open(p.path, &d, problem), OK);
    assert_int_equal(migrations_run(d, 1, &found), OK);
    assert_int_equal(found, migrations_newest());
    driver_close(&d);
    place_close(&p);
}

TEST(a_newer_database_is_refused_in_one_sentence_and_left_alone)
{
    struct place p = place_open();
    char problem[STORE_PROBLEM_SIZE];
    struct store *s;
    struct driver *d;
    int64_t found;

    store_close(&p.store);
    assert_int_equal(driver_open(p.path, &d, problem), OK);
    assert_int_equal(driver_execute(d, "INSERT INTO migration (number, run_at_ns) VALUES (99, 0)"),
                     OK);
    assert_int_equal(migrations_run(d, 1, &found), ERR_VERSION);
    assert_int_equal(found, 99);
    driver_close(&d);
    assert_int_equal(store_open(p.path, &s, problem), ERR_VERSION);
    assert_non_null(strstr(problem, "version 99"));
    assert_non_null(strstr(problem, "start the newer Latchkey"));
    place_close(&p);
}

TEST_MAIN
