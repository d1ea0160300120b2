/* store/events.h: what owners hear of, and how far each has read */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/slice.h"
#include "store/store.h"

enum { EVENT_ADDRESS_SIZE = 64, EVENT_DATA_SIZE = 4096 };

struct store_event {
    uint64_t id;
    uint64_t account;
    char key[RECORD_KEY_SIZE]; /* zeros: about no key */
    uint32_t kind;             /* enum event_kind */
    uint64_t at_ns;
    char address[EVENT_ADDRESS_SIZE]; /* "": nobody's request */
    char data[EVENT_DATA_SIZE];       /* JSON object */
};

/* Gives the event its id. */
must_use enum err store_event_insert(struct store_tx *tx, struct store_event *event);

must_use enum err store_event_get(struct store_tx *tx, uint64_t id, struct store_event *event);

/* Calls `each` for up to `most` events of the account with ids below `before` (0: all), newest
 * first, until it returns false. */
must_use enum err store_events_each(struct store_tx *tx, uint64_t account, uint64_t before,
                                    size_t most,
                                    bool (*each)(void *context, const struct store_event *event),
                                    void *context);

/* 0: nothing was read. */
must_use enum err store_notice_read_get(struct store_tx *tx, uint64_t account, uint64_t *up_to);
/* Only ever rises. */
must_use enum err store_notice_read_set(struct store_tx *tx, uint64_t account, uint64_t up_to);
/* Events behind the mark, counted to `most`. */
must_use enum err store_notices_unread_count(struct store_tx *tx, uint64_t account, uint64_t most,
                                             uint64_t *count);

#endif
