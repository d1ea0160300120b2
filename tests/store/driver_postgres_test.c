#include "test.h"

#include <stdio.h>
#include <string.h>

#include "store/driver.h"

/* What is told without a server; with one, tests/scenarios/postgres.test.mjs runs the others. */

static void refused(const char *where, enum err e, const char *words)
{
    char problem[STORE_PROBLEM_SIZE];
    struct driver *d;

    assert_int_equal(driver_open(where, &d, problem), e);
    assert_null(d);
    if (strstr(problem, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, problem);
    assert_null(strstr(problem, "hunter2"));
}

TEST(a_password_has_no_place_in_an_address)
{
    refused("postgresql://latchkey:hunter2@localhost/latchkey", ERR_DENIED, "passfile=");
    refused("postgresql:///latchkey?password=hunter2", ERR_DENIED, "passfile=");
}

TEST(an_address_that_libpq_does_not_understand_is_said)
{
    refused("postgresql:///latchkey?hots=nowhere", ERR_DENIED, "invalid URI query parameter");
}

TEST(a_server_that_is_not_there_is_named)
{
    refused("postgresql:///latchkey?host=/nonexistent", ERR_IO, "/nonexistent");
}

TEST_MAIN
