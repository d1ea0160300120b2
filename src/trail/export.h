/* trail/export.h: every record that a query finds, as text in bounded pieces
 *
 * Oldest first, from the first record kept to the last one that was on disk when it began.  One
 * step looks at a stretch of the log and no further, so that whoever serves it can serve others
 * between two steps, however little is found.
 *
 * From a living trail it goes by the search index; from a copied folder it reads the log files,
 * needs neither index nor authority, and writes nothing.
 */
#ifndef TRAIL_EXPORT_H
#define TRAIL_EXPORT_H

#include "trail/line.h"

struct export;

/* The query's paging is not looked at.  `trail` has to outlive it; the path is copied.
 * ERR_RANGE: the path is too long.  ERR_MEMORY. */
must_use enum err export_open(struct trail *trail, const struct trail_query *query,
                              enum line_format format, struct export **export);

/* The same over a folder.  ERR_MISSING: there is no log.  ERR_IO, ERR_RANGE, ERR_MEMORY. */
must_use enum err export_folder_open(const char *folder, const struct trail_query *query,
                                     enum line_format format, struct export **export);

void export_close(struct export **export);

/* Appends what the next step finds, which may be nothing; *more is false after the last one.
 * ERR_MISSING: records were retired before they were exported.
 * ERR_IO, ERR_CORRUPT, ERR_STORE, ERR_VERSION: the rest cannot be read, and what came is not
 * all. */
must_use enum err export_next(struct export *export, struct buffer *text, bool *more);

/* Words for what export_next could not read in a folder; "" when there are none. */
const char *export_problem(const struct export *export);

#endif
