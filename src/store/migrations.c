#include "store/migrations.h"

#include <stdio.h>

#include "base/log.h"
#include "store/embedded.h"

/* One file each in store/migrations, named by number. */
static const struct slice *const migrations[] = {
    &embedded_first, &embedded_terms, &embedded_people, &embedded_post,
    &embedded_factors, &embedded_reviews, &embedded_key_life, &embedded_leaks,
    &embedded_leak_objects, &embedded_leak_details,
};

enum { MIGRATION_COUNT = sizeof migrations / sizeof *migrations };

int64_t migrations_newest(void)
{
    return MIGRATION_COUNT;
}

static enum err number_find(struct driver *driver, int64_t *number)
{
    struct query *q = NULL;
    bool row = false;
    enum err e;

    TRY(query_open(driver, "SELECT COALESCE(MAX(number), 0) FROM migration", &q));
    TRY(query_step(q, &row));
    *number = row ? query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}

static enum err migration_run(struct driver *driver, int64_t number, uint64_t now_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(driver_execute(driver, migrations[number - 1]->at));
    TRY(query_open(driver, "INSERT INTO migration (number, run_at_ns) VALUES ($number, $at)", &q));
    query_bind_integer(q, "$number", number);
    query_bind_integer(q, "$at", (int64_t)now_ns);
    TRY(query_run(q));
    log_info("store", "migration %d done", (int)number);
out:
    query_close(&q);
    return e;
}

enum err migrations_run(struct driver *driver, uint64_t now_ns, int64_t *found)
{
    enum err e;

    *found = 0;
    TRY(driver_begin(driver));
    TRY(driver_execute(driver, "CREATE TABLE IF NOT EXISTS migration (\n"
                               "    number BIGINT PRIMARY KEY, -- store/migrations.c\n"
                               "    run_at_ns BIGINT NOT NULL\n"
                               ")"));
    TRY(number_find(driver, found));
    if (*found > MIGRATION_COUNT) {
        e = ERR_VERSION;
        goto out;
    }
    for (int64_t number = *found + 1; number <= MIGRATION_COUNT; number++)
        TRY(migration_run(driver, number, now_ns));
    TRY(driver_commit(driver));
out:
    driver_rollback(driver); /* does nothing once committed */
    return e;
}
