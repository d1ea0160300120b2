#include "store/driver.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "base/log.h"

enum {
    STATEMENTS_MOST = 512,
    /* How long another process may hold the database (a backup, an inspection by hand). */
    BUSY_MS = 2000,
};

struct query {
    const char *sql; /* whose address is the key */
    sqlite3_stmt *statement;
    sqlite3 *connection;
    int failed; /* SQLite code of the first failed bind */
    bool open;
};

struct driver {
    sqlite3 *connection;
    struct query queries[STATEMENTS_MOST];
    size_t query_count;
};

static enum err err_of(sqlite3 *connection, int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_CONFLICT;
    default:
        break;
    }
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        return ERR_EXISTS;
    log_error("store", "%s (SQLite code %d)", sqlite3_errmsg(connection), code);
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return ERR_MEMORY;
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return ERR_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    default:
        return ERR_STORE;
    }
}

enum err driver_execute(struct driver *driver, const char *sql)
{
    return err_of(driver->connection,
                  sqlite3_exec(driver->connection, sql, NULL, NULL, NULL));
}

enum err driver_open(const char *where, struct driver **driver)
{
    struct driver *d = calloc(1, sizeof *d);
    enum err e;

    *driver = NULL;
    if (d == NULL)
        return ERR_MEMORY;
    /* The store has its own lock, so SQLite needs none (NOMUTEX). */
    e = err_of(d->connection,
               sqlite3_open_v2(where, &d->connection,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                               NULL));
    if (e != OK)
        goto out;
    sqlite3_extended_result_codes(d->connection, 1);
    sqlite3_busy_timeout(d->connection, BUSY_MS);
    /* FULL syncs the WAL at each commit: what was acknowledged survives a power cut.  Deleted rows
     * are overwritten, so that a replaced TOTP seed does not linger in a free page. */
    TRY(driver_execute(d, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                          "PRAGMA trusted_schema = OFF;"));
    *driver = d;
    d = NULL;
out:
    driver_close(&d);
    return e;
}

void driver_close(struct driver **driver)
{
    struct driver *d = *driver;

    *driver = NULL;
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->query_count; i++) {
        assert(!d->queries[i].open);
        sqlite3_finalize(d->queries[i].statement);
    }
    sqlite3_close(d->connection);
    free(d);
}

enum err driver_begin(struct driver *driver)
{
    return driver_execute(driver, "BEGIN IMMEDIATE");
}

enum err driver_commit(struct driver *driver)
{
    return driver_execute(driver, "COMMIT");
}

void driver_rollback(struct driver *driver)
{
    /* SQLite has rolled back by itself after some errors; a second one would be an error. */
    if (!sqlite3_get_autocommit(driver->connection) && driver_execute(driver, "ROLLBACK") != OK)
        log_error("store", "cannot roll back");
}

static struct query *query_find(struct driver *driver, const char *sql)
{
    for (size_t i = 0; i < driver->query_count; i++)
        if (driver->queries[i].sql == sql)
            return &driver->queries[i];
    return NULL;
}

enum err query_open(struct driver *driver, const char *sql, struct query **query)
{
    struct query *q = query_find(driver, sql);

    *query = NULL;
    if (q == NULL) {
        enum err e;

        assert(driver->query_count < STATEMENTS_MOST);
        q = &driver->queries[driver->query_count];
        *q = (struct query){ .sql = sql, .connection = driver->connection };
        e = err_of(driver->connection,
                   sqlite3_prepare_v3(driver->connection, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                      &q->statement, NULL));
        if (e != OK)
            return e;
        driver->query_count++;
    }
    assert(!q->open);
    q->open = true;
    q->failed = SQLITE_OK;
    *query = q;
    return OK;
}

static int index_of(struct query *query, const char *name)
{
    int index = sqlite3_bind_parameter_index(query->statement, name);

    assert(index > 0); /* a name that the statement has not: our own mistake */
    return index;
}

static void bound(struct query *query, int code)
{
    if (query->failed == SQLITE_OK)
        query->failed = code;
}

void query_bind_integer(struct query *query, const char *name, int64_t value)
{
    bound(query, sqlite3_bind_int64(query->statement, index_of(query, name), value));
}

void query_bind_text(struct query *query, const char *name, struct slice text)
{
    const char *at = text.at == NULL ? "" : text.at;

    bound(query, sqlite3_bind_text64(query->statement, index_of(query, name), at, text.size,
                                     SQLITE_STATIC, SQLITE_UTF8));
}

void query_bind_bytes(struct query *query, const char *name, const void *bytes, size_t size)
{
    bound(query, sqlite3_bind_blob64(query->statement, index_of(query, name), bytes, size,
                                     SQLITE_STATIC));
}

enum err query_step(struct query *query, bool *row)
{
    int code = query->failed != SQLITE_OK ? query->failed : sqlite3_step(query->statement);

    *row = code == SQLITE_ROW;
    return err_of(query->connection, code);
}

enum err query_run(struct query *query)
{
    bool row;
    enum err e = query_step(query, &row);

    assert(e != OK || !row);
    return e;
}

int64_t query_integer(const struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

struct slice query_text(const struct query *query, int column)
{
    const char *at = (const char *)sqlite3_column_text(query->statement, column);

    return (struct slice){ at, (size_t)sqlite3_column_bytes(query->statement, column) };
}

struct slice query_bytes(const struct query *query, int column)
{
    const char *at = sqlite3_column_blob(query->statement, column);

    return (struct slice){ at, (size_t)sqlite3_column_bytes(query->statement, column) };
}

int64_t query_changed(const struct query *query)
{
    return sqlite3_changes64(query->connection);
}

void query_close(struct query **query)
{
    struct query *q = *query;

    *query = NULL;
    if (q == NULL)
        return;
    sqlite3_reset(q->statement);
    sqlite3_clear_bindings(q->statement);
    q->open = false;
}
