#include "authority/alert_journal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "authority/about.h"
#include "authority/envelope.h"

#define BODY_KEPT_NS (90 * DAY_NS)

static_assert((int)ENVELOPE_KEY_SEALED_SIZE <= (int)ALERT_KEY_SEALED_MOST, "it fits");

/* In the transaction that stores it (authority/vault.h). */
static enum err alert_insert(struct authority *a, struct store_tx *tx, struct store_alert *alert,
                             const struct envelope *envelope)
{
    char about[ABOUT_SIZE];
    enum err e;

    TRY(store_alert_id_next(tx, &alert->id));
    alert->received_at_ns = a->now_ns();
    alert->key_sealed_size =
        envelope_key_seal(a->vault, about_alert(alert->id, about), envelope, alert->key_sealed);
    e = store_alert_insert(tx, alert,
                           (struct slice){ (const char *)envelope->bytes, envelope->size });
out:
    return e;
}

enum err alert_journal_write(struct authority *a, struct store_alert *alert, struct slice body)
{
    struct store_alert *known = calloc(1, sizeof *known);
    struct envelope envelope = { .size = 0 };
    struct store_tx *tx = NULL;
    bool present;
    enum err e = ERR_MEMORY;

    if (known == NULL)
        goto out;
    crypto_hash_sha256(alert->body_sha256, (const uint8_t *)body.at, body.size);
    TRY(envelope_close(body, &envelope));
    TRY(store_begin(a->store, &tx));
    TRY(store_alert_find(tx, slice_of(alert->origin), alert->body_sha256, known, &present));
    if (present) {
        *alert = *known;
        goto out;
    }
    TRY(alert_insert(a, tx, alert, &envelope));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    envelope_wipe(&envelope);
    free(known);
    return e;
}

enum err alert_journal_read(struct authority *a, uint64_t id, struct store_alert *alert,
                            struct buffer *body)
{
    struct store_tx *tx = NULL;
    struct buffer sealed;
    char about[ABOUT_SIZE];
    enum err e;

    buffer_init(&sealed);
    TRY(store_begin(a->store, &tx));
    TRY(store_alert_get(tx, id, alert, &sealed));
    store_rollback(&tx);
    TRY(alert->key_sealed_size == 0 ? ERR_MISSING : OK);
    e = envelope_open(a->vault, about_alert(id, about),
                      (struct slice){ (char *)alert->key_sealed, alert->key_sealed_size },
                      buffer_slice(&sealed), body);
out:
    store_rollback(&tx);
    buffer_wipe(&sealed);
    return e;
}

enum err alert_journal_end(struct authority *a, struct store_tx *tx, struct store_alert *alert)
{
    alert->handled_at_ns = a->now_ns();
    return store_alert_handled(tx, alert);
}

enum err alert_journal_expire(struct authority *a)
{
    struct store_tx *tx = NULL;
    bool any;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_alerts_erase(tx, a->now_ns() - BODY_KEPT_NS, &any));
    if (any)
        e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}
