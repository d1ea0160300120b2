/* authority/notice.h: the events of an account as its owner reads them in the console */
#ifndef AUTHORITY_NOTICE_H
#define AUTHORITY_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "store/events.h"

enum { NOTICES_MOST = 50, NOTICES_COUNTED_MOST = 100 };

/* Calls `each` for up to NOTICES_MOST notices with ids below `before` (0: all), newest first.
 * *unread: how many of all were not read, counted to NOTICES_COUNTED_MOST. */
must_use enum err notices_each(struct authority *a, uint64_t account, uint64_t before,
                               bool (*each)(void *context, const struct store_event *event,
                                            bool is_read),
                               void *context, uint64_t *unread);

/* All up to this one are read. */
must_use enum err notices_read(struct authority *a, uint64_t account, uint64_t up_to);

#endif
