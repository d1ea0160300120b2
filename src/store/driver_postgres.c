#include "store/driver_kind.h"

#include <assert.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* PostgreSQL 15 by libpq.  Parameters go as text, except bytes; rows come in binary, where a BIGINT
 * is eight bytes and texts and bytes are themselves.  What a server may do to us at any time, end
 * the connection, shows as ERR_IO; the next transaction connects again. */

enum {
    PARAMETERS_MOST = 48,
    NAME_SIZE = 32,
    NUMBER_SIZE = 24,
    SLICE_ROWS = 500,
    SQL_EXTRA = 64,
};

/* Of pg_type.dat: the type of a BIGINT.  Everything numeric is one, so no other is known here. */
#define OID_INT8 20

/* Held by one process for each schema.  The first number keeps it apart from locks that other
 * programs may take: "latc" in ASCII.  It waits, because the server takes a moment to see that a
 * process which held it was killed. */
#define LOCK_SQL                                                                                \
    "SET lock_timeout = '5s'; SELECT pg_advisory_lock(1818326115, hashtext(current_schema()));" \
    "SET lock_timeout = 0"

struct postgres_driver {
    struct driver driver; /* first, so that a pointer to it is one to this */
    PGconn *connection;
    char *where;
    uint64_t generation; /* counts connections: statements are prepared once in each */
};

struct postgres_query {
    struct query query; /* first */
    struct postgres_driver *driver;
    char *sql; /* with $1, $2, ... */
    char names[PARAMETERS_MOST][NAME_SIZE];
    int parameter_count;
    uint64_t generation; /* of the connection in which it is prepared */
    unsigned number;
    const char *values[PARAMETERS_MOST];
    int sizes[PARAMETERS_MOST], formats[PARAMETERS_MOST];
    char numbers[PARAMETERS_MOST][NUMBER_SIZE];
    char *texts[PARAMETERS_MOST]; /* owned copies with their zero */
    PGresult *result;             /* NULL: not run yet */
    int row;                      /* of the result */
    bool has_cursor;
};

static struct postgres_driver *postgres_of(struct driver *driver)
{
    return (struct postgres_driver *)driver;
}

static struct postgres_query *query_of(const struct query *query)
{
    return (struct postgres_query *)query;
}

/* ---- What went wrong ---- */

/* By SQLSTATE, appendix A of PostgreSQL's manual. */
static enum err err_of_state(const char *state)
{
    static const struct {
        const char *start;
        enum err e;
    } states[] = {
        { "23505", ERR_EXISTS },   /* unique_violation */
        { "40001", ERR_CONFLICT }, /* serialization_failure */
        { "40P01", ERR_CONFLICT }, /* deadlock_detected */
        { "55P03", ERR_EXISTS },   /* lock_not_available: LOCK_SQL alone waits for one */
        { "53100", ERR_FULL },     /* disk_full */
        { "53200", ERR_MEMORY },   { "08", ERR_IO }, /* connection */
        { "57P", ERR_IO },                           /* shutdown */
        { "58", ERR_IO },                            /* files of the server */
        { "XX001", ERR_CORRUPT },  { "XX002", ERR_CORRUPT },
    };

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(state, states[i].start, strlen(states[i].start)) == 0)
            return states[i].e;
    return ERR_STORE;
}

static void message_log(const char *message)
{
    log_error("store", "PostgreSQL: %.*s", (int)strcspn(message, "\n"), message);
}

static enum err result_judge(struct postgres_driver *d, const PGresult *result)
{
    const char *state;
    enum err e;

    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
        return OK;
    default:
        break;
    }
    state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    e = state != NULL                               ? err_of_state(state)
        : PQstatus(d->connection) == CONNECTION_BAD ? ERR_IO
                                                    : ERR_MEMORY;
    if (e != ERR_EXISTS && e != ERR_CONFLICT)
        message_log(PQerrorMessage(d->connection));
    return e;
}

static enum err statement_run(struct postgres_driver *d, const char *sql)
{
    PGresult *result = PQexec(d->connection, sql);
    enum err e = result_judge(d, result);

    PQclear(result);
    return e;
}

/* ---- The connection ---- */

static bool answer_is(struct postgres_driver *d, const char *sql, const char *answer)
{
    PGresult *result = PQexec(d->connection, sql);
    bool is = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
              strcmp(PQgetvalue(result, 0, 0), answer) == 0;

    PQclear(result);
    return is;
}

/* After each connecting.  Serializable, because the store's rules are written for one writer; the
 * lock ends with the connection, whatever ended that. */
static enum err session_begin(struct postgres_driver *d, char problem[STORE_PROBLEM_SIZE])
{
    enum err e;

    d->generation++;
    TRY(statement_run(d, "SET default_transaction_isolation = serializable;"
                         "SET synchronous_commit = on; SET client_encoding = 'UTF8';"
                         "SET standard_conforming_strings = on;"
                         "SET client_min_messages = warning"));
    e = statement_run(d, LOCK_SQL);
    if (e == ERR_EXISTS)
        snprintf(problem, STORE_PROBLEM_SIZE,
                 "the database %s is held by another authority: stop that one first, or give this "
                 "one a database of its own",
                 PQdb(d->connection));
    TRY(e);
    if (!answer_is(d,
                   "SELECT datcollate IN ('C', 'C.UTF-8', 'POSIX') AND "
                   "pg_encoding_to_char(encoding) = 'UTF8' FROM pg_database "
                   "WHERE datname = current_database()",
                   "t")) {
        snprintf(problem, STORE_PROBLEM_SIZE,
                 "the database %s has another locale or encoding: make it with createdb "
                 "--template=template0 --locale=C --encoding=UTF8",
                 PQdb(d->connection));
        return ERR_DENIED;
    }
out:
    return e;
}

static enum err where_judge(const char *where, char problem[STORE_PROBLEM_SIZE])
{
    char *fault = NULL;
    PQconninfoOption *options = PQconninfoParse(where, &fault);
    enum err e = OK;

    if (options == NULL) {
        snprintf(problem, STORE_PROBLEM_SIZE, "the address of the database: %s",
                 fault == NULL ? "out of memory" : fault);
        problem[strcspn(problem, "\n")] = '\0';
        e = ERR_DENIED;
    }
    for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
        if (strcmp(o->keyword, "password") != 0 || o->val == NULL)
            continue;
        snprintf(problem, STORE_PROBLEM_SIZE,
                 "the address of the database has a password in it, which everybody on this "
                 "machine can read: put it into a file of mode 0600 and name that with passfile=");
        e = ERR_DENIED;
    }
    PQfreemem(fault);
    PQconninfoFree(options);
    return e;
}

static void postgres_close(struct driver *driver)
{
    PQfinish(postgres_of(driver)->connection);
    free(postgres_of(driver)->where);
    free(driver);
}

static enum err connection_make(struct postgres_driver *d, char problem[STORE_PROBLEM_SIZE])
{
    PQfinish(d->connection);
    d->connection = PQconnectdb(d->where);
    if (PQstatus(d->connection) == CONNECTION_OK)
        return session_begin(d, problem);
    snprintf(problem, STORE_PROBLEM_SIZE, "PostgreSQL: %s", PQerrorMessage(d->connection));
    problem[strcspn(problem, "\n")] = '\0';
    return ERR_IO;
}

static enum err postgres_open(const char *where, struct driver **driver,
                              char problem[STORE_PROBLEM_SIZE])
{
    struct postgres_driver *d = calloc(1, sizeof *d);
    enum err e;

    if (d == NULL)
        return ERR_MEMORY;
    d->driver.kind = &driver_postgres;
    TRY(where_judge(where, problem));
    d->where = strdup(where);
    TRY(d->where == NULL ? ERR_MEMORY : OK);
    TRY(connection_make(d, problem));
    *driver = &d->driver;
    return OK;
out:
    postgres_close(&d->driver);
    return e;
}

static enum err connection_mend(struct postgres_driver *d)
{
    char problem[STORE_PROBLEM_SIZE] = "";

    if (connection_make(d, problem) == OK) {
        log_info("store", "connected to PostgreSQL again");
        return OK;
    }
    log_error("store", "%s", problem);
    PQfinish(d->connection); /* without the lock nothing may be read or written by it */
    d->connection = NULL;
    return ERR_IO;
}

static enum err postgres_execute(struct driver *driver, const char *sql)
{
    return statement_run(postgres_of(driver), sql);
}

static enum err postgres_begin(struct driver *driver)
{
    struct postgres_driver *d = postgres_of(driver);
    enum err e = PQstatus(d->connection) == CONNECTION_OK ? statement_run(d, "BEGIN") : ERR_IO;

    /* Nothing has been done yet, so that a connection found dead costs nothing. */
    if (e == OK || PQstatus(d->connection) == CONNECTION_OK)
        return e;
    TRY(connection_mend(d));
    e = statement_run(d, "BEGIN");
out:
    return e;
}

static enum err postgres_commit(struct driver *driver)
{
    struct postgres_driver *d = postgres_of(driver);

    /* The server would answer a COMMIT after a failed statement by rolling back, without an error.
     */
    if (PQtransactionStatus(d->connection) == PQTRANS_INERROR)
        return ERR_STORE;
    return statement_run(d, "COMMIT");
}

static void postgres_rollback(struct driver *driver)
{
    struct postgres_driver *d = postgres_of(driver);

    if (PQtransactionStatus(d->connection) != PQTRANS_IDLE &&
        PQstatus(d->connection) == CONNECTION_OK && statement_run(d, "ROLLBACK") != OK)
        log_error("store", "cannot roll back");
}

/* ---- A statement ---- */

static int name_index(struct postgres_query *q, const char *name, size_t size)
{
    for (int i = 0; i < q->parameter_count; i++)
        if (strlen(q->names[i]) == size && memcmp(q->names[i], name, size) == 0)
            return i;
    assert(q->parameter_count < PARAMETERS_MOST && size < NAME_SIZE);
    memcpy(q->names[q->parameter_count], name, size);
    return q->parameter_count++;
}

/* "$name" becomes "$n".  Our statements have no "$" in literals. */
static bool sql_number(struct postgres_query *q, const char *sql)
{
    size_t size = 0, room = strlen(sql) * 2 + SQL_EXTRA;

    q->sql = malloc(room);
    if (q->sql == NULL)
        return false;
    while (*sql != '\0') {
        size_t name = 1 + strspn(sql + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");

        if (*sql == '$') {
            size +=
                (size_t)snprintf(q->sql + size, room - size, "$%d", name_index(q, sql, name) + 1);
            sql += name;
        } else {
            q->sql[size++] = *sql++;
        }
        assert(size < room);
    }
    q->sql[size] = '\0';
    return true;
}

static void postgres_query_free(struct query *query)
{
    struct postgres_query *q = query_of(query);

    free(q->sql);
    free(q);
}

static enum err postgres_query_make(struct driver *driver, const char *sql, struct query **query)
{
    struct postgres_query *q = calloc(1, sizeof *q);

    if (q == NULL)
        return ERR_MEMORY;
    q->driver = postgres_of(driver);
    q->number = (unsigned)driver->query_count;
    if (!sql_number(q, sql)) {
        postgres_query_free(&q->query);
        return ERR_MEMORY;
    }
    *query = &q->query;
    return OK;
}

static int index_of(struct postgres_query *q, const char *name)
{
    int count = q->parameter_count, index = name_index(q, name, strlen(name));

    assert(index < count); /* a name that the statement has not: our own mistake */
    return index;
}

static void postgres_bind_integer(struct query *query, const char *name, int64_t value)
{
    struct postgres_query *q = query_of(query);
    int i = index_of(q, name);

    snprintf(q->numbers[i], sizeof q->numbers[i], "%lld", (long long)value);
    q->values[i] = q->numbers[i];
    q->formats[i] = 0;
}

static void postgres_bind_text(struct query *query, const char *name, struct slice text)
{
    struct postgres_query *q = query_of(query);
    int i = index_of(q, name);

    free(q->texts[i]);
    q->texts[i] = strndup(text.at == NULL ? "" : text.at, text.size);
    q->values[i] = q->texts[i]; /* NULL, out of memory, is refused by the column */
    q->formats[i] = 0;
}

static void postgres_bind_bytes(struct query *query, const char *name, const void *bytes,
                                size_t size)
{
    struct postgres_query *q = query_of(query);
    int i = index_of(q, name);

    q->values[i] = size == 0 ? "" : bytes;
    q->sizes[i] = (int)size;
    q->formats[i] = 1;
}

static enum err query_prepare(struct postgres_query *q, const char *name)
{
    struct postgres_driver *d = q->driver;
    PGresult *result;
    enum err e;

    if (q->generation == d->generation)
        return OK;
    result = PQprepare(d->connection, name, q->sql, 0, NULL);
    e = result_judge(d, result);
    PQclear(result);
    if (e == OK)
        q->generation = d->generation;
    return e;
}

/* A cursor cannot be prepared: it is declared with its parameters each time. */
static enum err cursor_declare(struct postgres_query *q)
{
    size_t room = strlen(q->sql) + SQL_EXTRA;
    char *sql = malloc(room);
    PGresult *result;
    enum err e;

    if (sql == NULL)
        return ERR_MEMORY;
    snprintf(sql, room, "DECLARE c%u NO SCROLL CURSOR FOR %s", q->number, q->sql);
    result = PQexecParams(q->driver->connection, sql, q->parameter_count, NULL, q->values, q->sizes,
                          q->formats, 1);
    e = result_judge(q->driver, result);
    q->has_cursor = e == OK;
    PQclear(result);
    free(sql);
    return e;
}

static enum err slice_fetch(struct postgres_query *q)
{
    char sql[SQL_EXTRA];

    PQclear(q->result);
    snprintf(sql, sizeof sql, "FETCH %d FROM c%u", SLICE_ROWS, q->number);
    q->result = PQexecParams(q->driver->connection, sql, 0, NULL, NULL, NULL, NULL, 1);
    q->row = -1;
    return result_judge(q->driver, q->result);
}

static enum err query_start(struct postgres_query *q)
{
    char name[NUMBER_SIZE];
    enum err e;

    if (q->query.in_slices) {
        TRY(cursor_declare(q));
        return slice_fetch(q);
    }
    snprintf(name, sizeof name, "q%u", q->number);
    TRY(query_prepare(q, name));
    q->result = PQexecPrepared(q->driver->connection, name, q->parameter_count, q->values, q->sizes,
                               q->formats, 1);
    q->row = -1;
    e = result_judge(q->driver, q->result);
out:
    return e;
}

static enum err postgres_step(struct query *query, bool *row)
{
    struct postgres_query *q = query_of(query);
    enum err e = OK;

    if (q->result == NULL)
        TRY(query_start(q));
    else if (q->query.in_slices && q->row + 1 == PQntuples(q->result) && q->row + 1 == SLICE_ROWS)
        TRY(slice_fetch(q));
    q->row++;
    *row = q->row < PQntuples(q->result);
out:
    return e;
}

static int64_t postgres_integer(const struct query *query, int column)
{
    const struct postgres_query *q = query_of(query);
    uint64_t bits;

    if (PQgetisnull(q->result, q->row, column))
        return 0;
    assert(PQftype(q->result, column) == OID_INT8); /* else the statement needs a CAST */
    memcpy(&bits, PQgetvalue(q->result, q->row, column), sizeof bits);
    return (int64_t)be64toh(bits);
}

static struct slice postgres_bytes(const struct query *query, int column)
{
    const struct postgres_query *q = query_of(query);

    return (struct slice){ PQgetvalue(q->result, q->row, column),
                           (size_t)PQgetlength(q->result, q->row, column) };
}

static int64_t postgres_changed(const struct query *query)
{
    return strtoll(PQcmdTuples(query_of(query)->result), NULL, 10);
}

static void postgres_reset(struct query *query)
{
    struct postgres_query *q = query_of(query);

    if (q->has_cursor && PQtransactionStatus(q->driver->connection) == PQTRANS_INTRANS) {
        char sql[SQL_EXTRA];

        snprintf(sql, sizeof sql, "CLOSE c%u", q->number);
        if (statement_run(q->driver, sql) != OK)
            log_error("store", "cannot close a cursor; the transaction will fail");
    }
    q->has_cursor = false;
    PQclear(q->result);
    q->result = NULL;
    for (int i = 0; i < q->parameter_count; i++) {
        free(q->texts[i]);
        q->texts[i] = NULL;
        q->values[i] = NULL;
        q->sizes[i] = q->formats[i] = 0;
    }
}

const struct driver_kind driver_postgres = {
    .open = postgres_open,
    .close = postgres_close,
    .execute = postgres_execute,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .query_make = postgres_query_make,
    .query_free = postgres_query_free,
    .bind_integer = postgres_bind_integer,
    .bind_text = postgres_bind_text,
    .bind_bytes = postgres_bind_bytes,
    .step = postgres_step,
    .integer = postgres_integer,
    .text = postgres_bytes, /* in binary a text is its bytes */
    .bytes = postgres_bytes,
    .changed = postgres_changed,
    .reset = postgres_reset,
};
