#include "store/driver.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store/driver_kind.h"

static bool is_postgres(const char *where)
{
    return strncmp(where, "postgresql://", 13) == 0 || strncmp(where, "postgres://", 11) == 0;
}

enum err driver_open(const char *where, struct driver **driver, char problem[STORE_PROBLEM_SIZE])
{
    *driver = NULL;
    problem[0] = '\0';
    return (is_postgres(where) ? &driver_postgres : &driver_sqlite)->open(where, driver, problem);
}

void driver_close(struct driver **driver)
{
    struct driver *d = *driver;

    *driver = NULL;
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->query_count; i++) {
        assert(!d->queries[i]->open);
        d->kind->query_free(d->queries[i]);
    }
    d->kind->close(d);
}

enum err driver_execute(struct driver *driver, const char *sql)
{
    enum err e = driver->kind->execute(driver, sql);

    driver->failed |= e != OK;
    return e;
}

enum err driver_begin(struct driver *driver)
{
    driver->failed = false;
    return driver->kind->begin(driver);
}

enum err driver_commit(struct driver *driver)
{
    return driver->failed ? ERR_STORE : driver->kind->commit(driver);
}

void driver_rollback(struct driver *driver)
{
    driver->kind->rollback(driver);
    driver->failed = false;
}

static struct query *query_find(struct driver *driver, const char *sql)
{
    for (size_t i = 0; i < driver->query_count; i++)
        if (driver->queries[i]->sql == sql)
            return driver->queries[i];
    return NULL;
}

static enum err query_take(struct driver *driver, const char *sql, bool in_slices,
                           struct query **query)
{
    struct query *q = query_find(driver, sql);

    *query = NULL;
    if (q == NULL) {
        enum err e;

        assert(driver->query_count < STATEMENTS_MOST);
        e = driver->kind->query_make(driver, sql, &q);
        if (e != OK)
            return e;
        q->driver = driver;
        q->kind = driver->kind;
        q->sql = sql;
        q->in_slices = in_slices;
        driver->queries[driver->query_count++] = q;
    }
    assert(!q->open && q->in_slices == in_slices);
    q->open = true;
    *query = q;
    return OK;
}

enum err query_open(struct driver *driver, const char *sql, struct query **query)
{
    return query_take(driver, sql, false, query);
}

enum err query_open_each(struct driver *driver, const char *sql, struct query **query)
{
    return query_take(driver, sql, true, query);
}

void query_bind_integer(struct query *query, const char *name, int64_t value)
{
    query->kind->bind_integer(query, name, value);
}

void query_bind_text(struct query *query, const char *name, struct slice text)
{
    query->kind->bind_text(query, name, text);
}

void query_bind_bytes(struct query *query, const char *name, const void *bytes, size_t size)
{
    query->kind->bind_bytes(query, name, bytes, size);
}

enum err query_step(struct query *query, bool *row)
{
    enum err e = query->driver->failed ? ERR_STORE : query->kind->step(query, row);

    if (e != OK)
        *row = false;
    query->driver->failed |= e != OK;
    return e;
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
    return query->kind->integer(query, column);
}

struct slice query_text(const struct query *query, int column)
{
    return query->kind->text(query, column);
}

struct slice query_bytes(const struct query *query, int column)
{
    return query->kind->bytes(query, column);
}

void query_text_copy(const struct query *query, int column, char *to, size_t size)
{
    struct slice text = query_text(query, column);

    snprintf(to, size, "%.*s", (int)text.size, text.at == NULL ? "" : text.at);
}

int64_t query_changed(const struct query *query)
{
    return query->kind->changed(query);
}

void query_close(struct query **query)
{
    struct query *q = *query;

    *query = NULL;
    if (q == NULL)
        return;
    q->kind->reset(q);
    q->open = false;
}
