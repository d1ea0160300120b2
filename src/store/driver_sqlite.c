#include "store/driver_kind.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "base/log.h"

/* How long another process may hold the database (a backup, an inspection by hand). */
enum { BUSY_MS = 2000 };

struct sqlite_query {
    struct query query; /* first, so that a pointer to it is one to this */
    sqlite3_stmt *statement;
    sqlite3 *connection;
    int failed; /* SQLite code of the first failed bind */
};

struct sqlite_driver {
    struct driver driver; /* first */
    sqlite3 *connection;
};

static sqlite3 *connection_of(struct driver *driver)
{
    return ((struct sqlite_driver *)driver)->connection;
}

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

static enum err sqlite_execute(struct driver *driver, const char *sql)
{
    return err_of(connection_of(driver),
                  sqlite3_exec(connection_of(driver), sql, NULL, NULL, NULL));
}

static void sqlite_close(struct driver *driver)
{
    sqlite3_close(connection_of(driver));
    free(driver);
}

static enum err sqlite_open(const char *where, struct driver **driver,
                            char problem[STORE_PROBLEM_SIZE])
{
    struct sqlite_driver *d = calloc(1, sizeof *d);
    enum err e;

    (void)problem; /* the codes say it all */
    if (d == NULL)
        return ERR_MEMORY;
    d->driver.kind = &driver_sqlite;
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
    TRY(sqlite_execute(&d->driver, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                   "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
                                   "PRAGMA trusted_schema = OFF;"));
    *driver = &d->driver;
    return OK;
out:
    sqlite_close(&d->driver);
    return e;
}

static enum err sqlite_begin(struct driver *driver)
{
    return sqlite_execute(driver, "BEGIN IMMEDIATE");
}

static enum err sqlite_commit(struct driver *driver)
{
    return sqlite_execute(driver, "COMMIT");
}

static void sqlite_rollback(struct driver *driver)
{
    /* SQLite has rolled back by itself after some errors; a second one would be an error. */
    if (!sqlite3_get_autocommit(connection_of(driver)) && sqlite_execute(driver, "ROLLBACK") != OK)
        log_error("store", "cannot roll back");
}

static enum err sqlite_query_make(struct driver *driver, const char *sql, struct query **query)
{
    struct sqlite_query *q = calloc(1, sizeof *q);
    enum err e;

    if (q == NULL)
        return ERR_MEMORY;
    q->connection = connection_of(driver);
    e = err_of(q->connection, sqlite3_prepare_v3(q->connection, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                                 &q->statement, NULL));
    if (e == OK)
        *query = &q->query;
    else
        free(q);
    return e;
}

static struct sqlite_query *sqlite_of(const struct query *query)
{
    return (struct sqlite_query *)query;
}

static sqlite3_stmt *statement_of(const struct query *query)
{
    return sqlite_of(query)->statement;
}

static void sqlite_query_free(struct query *query)
{
    sqlite3_finalize(statement_of(query));
    free(query);
}

static int index_of(struct query *query, const char *name)
{
    int index = sqlite3_bind_parameter_index(statement_of(query), name);

    assert(index > 0); /* a name that the statement has not: our own mistake */
    return index;
}

static void bound(struct query *query, int code)
{
    if (sqlite_of(query)->failed == SQLITE_OK)
        sqlite_of(query)->failed = code;
}

static void sqlite_bind_integer(struct query *query, const char *name, int64_t value)
{
    bound(query, sqlite3_bind_int64(statement_of(query), index_of(query, name), value));
}

static void sqlite_bind_text(struct query *query, const char *name, struct slice text)
{
    const char *at = text.at == NULL ? "" : text.at;

    bound(query, sqlite3_bind_text64(statement_of(query), index_of(query, name), at, text.size,
                                     SQLITE_STATIC, SQLITE_UTF8));
}

static void sqlite_bind_bytes(struct query *query, const char *name, const void *bytes, size_t size)
{
    bound(query, sqlite3_bind_blob64(statement_of(query), index_of(query, name), bytes, size,
                                     SQLITE_STATIC));
}

static enum err sqlite_step(struct query *query, bool *row)
{
    const struct sqlite_query *q = sqlite_of(query);
    int code = q->failed != SQLITE_OK ? q->failed : sqlite3_step(q->statement);

    *row = code == SQLITE_ROW;
    return err_of(q->connection, code);
}

static int64_t sqlite_integer(const struct query *query, int column)
{
    return sqlite3_column_int64(statement_of(query), column);
}

static struct slice sqlite_text(const struct query *query, int column)
{
    const char *at = (const char *)sqlite3_column_text(statement_of(query), column);

    return (struct slice){ at, (size_t)sqlite3_column_bytes(statement_of(query), column) };
}

static struct slice sqlite_bytes(const struct query *query, int column)
{
    const char *at = sqlite3_column_blob(statement_of(query), column);

    return (struct slice){ at, (size_t)sqlite3_column_bytes(statement_of(query), column) };
}

static int64_t sqlite_changed(const struct query *query)
{
    return sqlite3_changes64(sqlite_of(query)->connection);
}

static void sqlite_reset(struct query *query)
{
    sqlite3_reset(statement_of(query));
    sqlite3_clear_bindings(statement_of(query));
    sqlite_of(query)->failed = SQLITE_OK;
}

const struct driver_kind driver_sqlite = {
    .open = sqlite_open,
    .close = sqlite_close,
    .execute = sqlite_execute,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .query_make = sqlite_query_make,
    .query_free = sqlite_query_free,
    .bind_integer = sqlite_bind_integer,
    .bind_text = sqlite_bind_text,
    .bind_bytes = sqlite_bind_bytes,
    .step = sqlite_step,
    .integer = sqlite_integer,
    .text = sqlite_text,
    .bytes = sqlite_bytes,
    .changed = sqlite_changed,
    .reset = sqlite_reset,
};
