/* authority/history.h: what requests have done to an account, for its owner to look through
 *
 * Events that somebody's request has caused, with the address; what Latchkey did by itself is in
 * the notices (authority/notice.h).
 */
#ifndef AUTHORITY_HISTORY_H
#define AUTHORITY_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/country.h"
#include "store/events.h"

/* Calls `each` for events with ids below `before` (0: all), the newest first, until it returns
 * false; `country` is that of the event's address today, "" when it is in none. */
must_use enum err history_each(struct authority *a, uint64_t account, uint64_t before,
                               bool (*each)(void *context, const struct store_event *event,
                                            const char country[COUNTRY_SIZE]),
                               void *context);

#endif
