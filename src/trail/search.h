/* trail/search.h: one page of records, from the index and from the log behind it
 *
 * The index is written behind, so the newest records are looked for in the log itself: whatever is
 * on disk is found, however far the index has come.
 */
#ifndef TRAIL_SEARCH_H
#define TRAIL_SEARCH_H

#include "trail/index.h"
#include "trail/retired.h"
#include "trail/trail.h"

/* As trail_find, over a log of `size` records that begins where `retired` says. */
must_use enum err search_find(const char *folder, const struct retired *retired,
                              struct index *index, uint64_t size,
                              const struct trail_query *query,
                              bool (*each)(void *context, const struct trail_row *row),
                              void *context, uint64_t *next, bool *more);

/* Request ids of records size - count to size - 1, the newest first, as the log holds them;
 * `number` is the newest file.  ERR_CORRUPT, ERR_IO, ERR_MEMORY. */
must_use enum err search_recent_ids(const char *folder, uint32_t number, uint64_t size,
                                    uint8_t (*ids)[RECORD_REQUEST_ID_SIZE], size_t count);

/* Visits the request ids of records `from` to size - 1, in order. */
must_use enum err search_ids_each(const char *folder, uint32_t number, uint64_t size,
                                  uint64_t from,
                                  void (*each)(void *context,
                                               const uint8_t id[RECORD_REQUEST_ID_SIZE]),
                                  void *context);

#endif
