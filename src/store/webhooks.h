/* store/webhooks.h: where owners want their events, and what became of each delivery */
#ifndef STORE_WEBHOOKS_H
#define STORE_WEBHOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mails.h"
#include "store/store.h"

enum {
    WEBHOOK_URL_SIZE = 513,
    WEBHOOK_EVENTS_SIZE = 1024,
    WEBHOOK_SEALED_MOST = 96,
};

enum webhook_state { WEBHOOK_ON = 1, WEBHOOK_DISABLED = 2, WEBHOOK_REMOVED = 3 };

struct store_webhook {
    uint64_t id;
    uint64_t account;
    enum webhook_state state;
    uint64_t made_at_ns;
    uint64_t failing_since_ns; /* 0: the last delivery arrived, or none was tried */
    char url[WEBHOOK_URL_SIZE];
    char events[WEBHOOK_EVENTS_SIZE]; /* words with a space between; "": all */
    uint8_t sealed[WEBHOOK_SEALED_MOST];
    size_t sealed_size;
};

must_use enum err store_webhook_id_next(struct store_tx *tx, uint64_t *id);
must_use enum err store_webhook_insert(struct store_tx *tx, const struct store_webhook *webhook);
must_use enum err store_webhook_get(struct store_tx *tx, uint64_t id,
                                    struct store_webhook *webhook);
/* State and failing_since_ns. */
must_use enum err store_webhook_set(struct store_tx *tx, const struct store_webhook *webhook);
/* Those that were not removed, in the order of their making; up to `capacity`. */
must_use enum err store_webhooks_list(struct store_tx *tx, uint64_t account,
                                      struct store_webhook *webhooks, size_t capacity,
                                      size_t *count);

struct store_webhook_delivery {
    uint64_t id;
    uint64_t webhook;
    uint64_t event;
    uint32_t kind; /* enum event_kind of the event; only read */
    enum delivery_state state;
    uint32_t attempt_count;
    uint64_t made_at_ns;
    uint64_t due_at_ns;
    uint64_t done_at_ns;
    uint32_t status; /* of HTTP; 0: none came */
    char problem[DELIVERY_PROBLEM_SIZE];
};

/* Gives the delivery its id. */
must_use enum err store_webhook_delivery_insert(struct store_tx *tx,
                                                struct store_webhook_delivery *delivery);
/* ERR_MISSING: the webhook has no such delivery. */
must_use enum err store_webhook_delivery_get(struct store_tx *tx, uint64_t webhook, uint64_t id,
                                             struct store_webhook_delivery *delivery);
must_use enum err store_webhook_delivery_set(struct store_tx *tx,
                                             const struct store_webhook_delivery *delivery);
/* Newest first, below `before` (0: all). */
must_use enum err store_webhook_deliveries_list(struct store_tx *tx, uint64_t webhook,
                                                uint64_t before,
                                                struct store_webhook_delivery *deliveries,
                                                size_t capacity, size_t *count);

/* The waiting delivery that is due first, if that is not after `now_ns`, of a webhook with fewer
 * than two under way. */
must_use enum err store_webhook_due_find(struct store_tx *tx, uint64_t now_ns,
                                         struct store_webhook_delivery *delivery, bool *present);
/* When the next attempt is due; 0: none waits. */
must_use enum err store_webhook_due_get(struct store_tx *tx, uint64_t *due_at_ns);

must_use enum err store_webhook_waiting_count(struct store_tx *tx, uint64_t *count);

/* At the start, when nothing is under way: what was then waits for its next attempt. */
must_use enum err store_webhook_deliveries_recover(struct store_tx *tx);

/* Gives up what waits for the webhook, with these words. */
must_use enum err store_webhook_drop(struct store_tx *tx, uint64_t webhook, uint64_t at_ns,
                                     struct slice words);

/* Forgets up to `most` deliveries that were done before the moment. */
must_use enum err store_webhook_deliveries_forget(struct store_tx *tx, uint64_t before_ns,
                                                  uint64_t most);

#endif
