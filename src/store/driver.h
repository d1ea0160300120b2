/* store/driver.h: what a database must be able to do
 *
 * Connect, bind, step, commit: nothing here knows a table.  The SQL that passes through is the
 * dialect which SQLite 3.40 and PostgreSQL 15 share; parameters are bound by name ("$name"), since
 * SQLite numbers "$1" by first appearance.  store/driver_sqlite.c and store/driver_postgres.c do
 * the work, store/driver.c knows which.  Only store/ includes this.
 */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "store/store.h"

struct driver;
struct query;

/* `where`: a file for SQLite (":memory:" too), or "postgresql://...", a URI of libpq: its database
 * is created with --locale=C --encoding=UTF8, so that texts have the same order in both, and one
 * process at a time holds it.  `problem` says why not, where that is known.
 *   ERR_EXISTS  another process holds the PostgreSQL database
 *   ERR_DENIED  what `where` says may not be: a password in it, another locale
 *   ERR_IO      the server cannot be reached; what it says is in the journal
 *   ERR_CORRUPT, ERR_STORE, ERR_MEMORY */
must_use enum err driver_open(const char *where, struct driver **driver,
                              char problem[STORE_PROBLEM_SIZE]);
void driver_close(struct driver **driver);

/* Runs statements without parameters, separated by ";". */
must_use enum err driver_execute(struct driver *driver, const char *sql);

/* A writing transaction.  ERR_CONFLICT: another process holds the database; run it again. */
must_use enum err driver_begin(struct driver *driver);
must_use enum err driver_commit(struct driver *driver);
void driver_rollback(struct driver *driver);

/* Prepares `sql`, a literal: prepared statements are kept by its address until driver_close.
 * A failure to bind is remembered and returned by the next step. */
must_use enum err query_open(struct driver *driver, const char *sql, struct query **query);
/* The same for a SELECT of more rows than memory should hold: they come in slices. */
must_use enum err query_open_each(struct driver *driver, const char *sql, struct query **query);
void query_bind_integer(struct query *query, const char *name, int64_t value);
void query_bind_text(struct query *query, const char *name, struct slice text);
void query_bind_bytes(struct query *query, const char *name, const void *bytes, size_t size);

/* Bound bytes and text are borrowed until query_close.  *row: whether there is (another) row.
 * After an error the transaction can only be rolled back, in every kind of database. */
must_use enum err query_step(struct query *query, bool *row);

/* Steps once and expects no row. */
must_use enum err query_run(struct query *query);

/* Columns of the row, counted from zero; text and bytes are valid until the next step or close. */
int64_t query_integer(const struct query *query, int column);
struct slice query_text(const struct query *query, int column);
struct slice query_bytes(const struct query *query, int column);

/* Copies a column into a zero-terminated field; what the store wrote fits, what somebody else wrote
 * into the file is cut. */
void query_text_copy(const struct query *query, int column, char *to, size_t size);

/* Rows that the last INSERT, UPDATE or DELETE touched. */
int64_t query_changed(const struct query *query);

/* Accepts NULL in *query and sets it. */
void query_close(struct query **query);

#endif
