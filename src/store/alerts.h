/* store/alerts.h: the journal of what hosting services sent, before they are answered (E1)
 *
 * An alert that was acknowledged is in it, and what was not handled before a crash is found again.
 * The bytes are opaque here: they hold live secrets and lie encrypted (authority/alert.h).
 */
#ifndef STORE_ALERTS_H
#define STORE_ALERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "store/keys.h"
#include "store/store.h"

enum {
    ALERT_ORIGIN_SIZE = 33,
    ALERT_KEY_SEALED_MOST = 128,
    ALERT_IDENTIFIER_SIZE = 129,
    ALERT_SIGNATURE_SIZE = 257,
    ALERT_SIGNER_SIZE = 1025,
};

struct store_alert {
    uint64_t id;
    char origin[ALERT_ORIGIN_SIZE];
    uint8_t body_sha256[STORE_SHA256_SIZE];
    uint8_t key_sealed[ALERT_KEY_SEALED_MOST];
    size_t key_sealed_size; /* 0: erased */
    char identifier[ALERT_IDENTIFIER_SIZE];
    char signature[ALERT_SIGNATURE_SIZE];
    char signer[ALERT_SIGNER_SIZE]; /* PEM */
    uint64_t received_at_ns;
    uint64_t handled_at_ns; /* 0: not yet */
    uint64_t entries, hits;
};

must_use enum err store_alert_id_next(struct store_tx *tx, uint64_t *id);

/* Not handled yet.  ERR_EXISTS: this body of this origin is there. */
must_use enum err store_alert_insert(struct store_tx *tx, const struct store_alert *alert,
                                     struct slice body);

must_use enum err store_alert_find(struct store_tx *tx, struct slice origin,
                                   const uint8_t body_sha256[STORE_SHA256_SIZE],
                                   struct store_alert *alert, bool *present);

/* With its encrypted body, appended to an initialised buffer.  ERR_MISSING: no such alert. */
must_use enum err store_alert_get(struct store_tx *tx, uint64_t id, struct store_alert *alert,
                                  struct buffer *body);

/* The first one behind `after` that was not handled; 0: none is left. */
must_use enum err store_alert_waiting(struct store_tx *tx, uint64_t after, uint64_t *id);

/* Body and key of one without a hit are emptied. */
must_use enum err store_alert_handled(struct store_tx *tx, const struct store_alert *alert);

/* Empties body and key of handled alerts that were received before the moment. */
must_use enum err store_alerts_erase(struct store_tx *tx, uint64_t before_ns, bool *any);

#endif
