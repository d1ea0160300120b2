/* store/driver_kind.h: what each kind of database brings to store/driver.h
 *
 * A kind embeds these structs at the start of its own.  store/driver.c keeps the statements, hands
 * each out once at a time and calls the kind.  Only the drivers include this.
 */
#ifndef STORE_DRIVER_KIND_H
#define STORE_DRIVER_KIND_H

#include "store/driver.h"

enum { STATEMENTS_MOST = 512 };

struct driver_kind {
    enum err (*open)(const char *where, struct driver **driver, char problem[STORE_PROBLEM_SIZE]);
    void (*close)(struct driver *driver); /* its queries are freed already */
    enum err (*execute)(struct driver *driver, const char *sql);
    enum err (*begin)(struct driver *driver);
    enum err (*commit)(struct driver *driver);
    void (*rollback)(struct driver *driver);

    enum err (*query_make)(struct driver *driver, const char *sql, struct query **query);
    void (*query_free)(struct query *query);
    void (*bind_integer)(struct query *query, const char *name, int64_t value);
    void (*bind_text)(struct query *query, const char *name, struct slice text);
    void (*bind_bytes)(struct query *query, const char *name, const void *bytes, size_t size);
    enum err (*step)(struct query *query, bool *row);
    int64_t (*integer)(const struct query *query, int column);
    struct slice (*text)(const struct query *query, int column);
    struct slice (*bytes)(const struct query *query, int column);
    int64_t (*changed)(const struct query *query);
    void (*reset)(struct query *query); /* ready to be bound again */
};

extern const struct driver_kind driver_sqlite, driver_postgres;

struct driver {
    const struct driver_kind *kind;
    struct query *queries[STATEMENTS_MOST];
    size_t query_count;
    bool failed; /* a statement has: the transaction can only be rolled back */
};

struct query {
    struct driver *driver;
    const struct driver_kind *kind;
    const char *sql; /* whose address is the key */
    bool open;
    bool in_slices; /* asked for by query_open_each */
};

#endif
