/* tests/store/database.h: where a test's database is
 *
 * A file of SQLite in the test's folder; or, when LATCHKEY_TEST_DATABASE names a PostgreSQL
 * database, a schema of its own there (tests/scenarios/postgres.test.mjs).
 */
#ifndef TESTS_STORE_DATABASE_H
#define TESTS_STORE_DATABASE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DATABASE_SIZE = 512 };

static inline const char *database_server(void)
{
    return getenv("LATCHKEY_TEST_DATABASE");
}

/* Another name each time. */
static inline void database_name(const char *folder, char where[DATABASE_SIZE])
{
    static int count;
    const char *server = database_server();
    char sql[64];
    PGconn *connection;

    if (server == NULL) {
        snprintf(where, DATABASE_SIZE, "%s/authority.db", folder);
        return;
    }
    count++;
    snprintf(where, DATABASE_SIZE, "%s&options=-csearch_path%%3Dt%d_%d", server, (int)getpid(),
             count);
    snprintf(sql, sizeof sql, "CREATE SCHEMA t%d_%d", (int)getpid(), count);
    connection = PQconnectdb(server);
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    PQclear(PQexec(connection, sql));
    PQfinish(connection);
}

#endif
