/* trail/query.h: what a query asks for, in C and in SQL
 *
 * The two must agree: a search goes through the index as far as that has come, and through the log
 * itself for the rest.  The tables are those of trail/index.c.
 */
#ifndef TRAIL_QUERY_H
#define TRAIL_QUERY_H

#include <sqlite3.h>

#include "base/buffer.h"
#include "trail/trail.h"

/* True when the record is what the query looks for (paging aside). */
bool query_matches(const struct trail_query *query, const struct audit_record *record);

/* The bit that stands for a value in the masks of an epoch. */
uint64_t query_mask_bit(uint64_t value);

/* Epochs that may hold what is looked for among the numbers $low to below $high, in the order of
 * the search. */
void query_epochs_append(const struct trail_query *query, struct buffer *sql);

/* What is looked for in $epoch, among the numbers $low to below $high. */
void query_rows_append(const struct trail_query *query, struct buffer *sql);

/* Binds the filters of either; a name that the statement does not have binds nowhere. */
void query_bind(const struct trail_query *query, sqlite3_stmt *statement);
void query_bind_number(sqlite3_stmt *statement, const char *name, uint64_t value);

#endif
