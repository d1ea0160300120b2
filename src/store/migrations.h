/* store/migrations.h: how the tables came to be
 *
 * Each migration is numbered, runs once, inside one transaction together with the row that
 * remembers it, and is never changed after a release: what comes later is a new number.
 */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include <stdint.h>

#include "store/driver.h"

/* The number of the last migration of this version. */
int64_t migrations_newest(void);

/* Runs what has not run yet.  *found: the number that the database had (0: an empty one).
 * ERR_VERSION: the database has a number above migrations_newest. */
must_use enum err migrations_run(struct driver *driver, uint64_t now_ns, int64_t *found);

#endif
