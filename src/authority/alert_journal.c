#include "authority/alert_journal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "authority/about.h"
#include "authority/vault.h"

#define BODY_KEPT_NS (90 * DAY_NS)

enum { KEY_SIZE = crypto_secretbox_KEYBYTES, NONCE_SIZE = crypto_secretbox_NONCEBYTES };

static_assert((int)KEY_SIZE + (int)VAULT_OVERHEAD <= (int)ALERT_KEY_SEALED_MOST, "it fits");

/* Nonce, then ciphertext; with a key that is used once. */
static enum err body_encrypt(struct slice body, const uint8_t key[KEY_SIZE], struct slice *sealed)
{
    uint8_t *bytes = malloc(NONCE_SIZE + crypto_secretbox_MACBYTES + body.size);

    *sealed = (struct slice){ (char *)bytes, NONCE_SIZE + crypto_secretbox_MACBYTES + body.size };
    if (bytes == NULL)
        return ERR_MEMORY;
    randombytes_buf(bytes, NONCE_SIZE);
    crypto_secretbox_easy(bytes + NONCE_SIZE, (const uint8_t *)body.at, body.size, bytes, key);
    return OK;
}

static enum err body_decrypt(struct slice sealed, const uint8_t key[KEY_SIZE], struct buffer *body)
{
    size_t size = sealed.size - NONCE_SIZE - crypto_secretbox_MACBYTES;
    const uint8_t *bytes = (const uint8_t *)sealed.at;
    uint8_t *plain;

    if (sealed.size < NONCE_SIZE + crypto_secretbox_MACBYTES)
        return ERR_CORRUPT;
    plain = malloc(size + 1);
    if (plain == NULL)
        return ERR_MEMORY;
    if (crypto_secretbox_open_easy(plain, bytes + NONCE_SIZE, sealed.size - NONCE_SIZE, bytes,
                                   key) != 0) {
        free(plain);
        return ERR_CRYPTO;
    }
    buffer_append(body, (struct slice){ (char *)plain, size });
    sodium_memzero(plain, size);
    free(plain);
    return body->failed ? ERR_MEMORY : OK;
}

/* In the transaction that stores it (authority/vault.h). */
static enum err alert_insert(struct authority *a, struct store_tx *tx, struct store_alert *alert,
                             struct slice body, const uint8_t key[KEY_SIZE])
{
    char about[ABOUT_SIZE];
    enum err e;

    TRY(store_alert_id_next(tx, &alert->id));
    alert->received_at_ns = a->now_ns();
    alert->key_sealed_size =
        vault_seal(a->vault, about_alert(alert->id, about),
                   (struct slice){ (const char *)key, KEY_SIZE }, alert->key_sealed);
    e = store_alert_insert(tx, alert, body);
out:
    return e;
}

enum err alert_journal_write(struct authority *a, struct store_alert *alert, struct slice body)
{
    struct store_alert *known = calloc(1, sizeof *known);
    struct slice sealed = SLICE_EMPTY;
    struct store_tx *tx = NULL;
    uint8_t key[KEY_SIZE];
    bool present;
    enum err e = ERR_MEMORY;

    if (known == NULL)
        goto out;
    randombytes_buf(key, sizeof key);
    crypto_hash_sha256(alert->body_sha256, (const uint8_t *)body.at, body.size);
    TRY(body_encrypt(body, key, &sealed));
    TRY(store_begin(a->store, &tx));
    TRY(store_alert_find(tx, slice_of(alert->origin), alert->body_sha256, known, &present));
    if (present) {
        *alert = *known;
        goto out;
    }
    TRY(alert_insert(a, tx, alert, sealed, key));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    sodium_memzero(key, sizeof key);
    free((void *)(uintptr_t)sealed.at);
    free(known);
    return e;
}

enum err alert_journal_read(struct authority *a, uint64_t id, struct store_alert *alert,
                            struct buffer *body)
{
    struct store_tx *tx = NULL;
    struct buffer sealed;
    uint8_t key[KEY_SIZE];
    char about[ABOUT_SIZE];
    enum err e;

    buffer_init(&sealed);
    TRY(store_begin(a->store, &tx));
    TRY(store_alert_get(tx, id, alert, &sealed));
    store_rollback(&tx);
    TRY(alert->key_sealed_size == 0 ? ERR_MISSING : OK);
    TRY(vault_unseal_exact(a->vault, about_alert(id, about),
                           (struct slice){ (char *)alert->key_sealed, alert->key_sealed_size }, key,
                           sizeof key));
    e = body_decrypt(buffer_slice(&sealed), key, body);
out:
    store_rollback(&tx);
    sodium_memzero(key, sizeof key);
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
