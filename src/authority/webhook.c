#include "authority/webhook.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/about.h"
#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/settings.h"
#include "authority/vault.h"

enum { SIGNATURE_SIZE = 64, ID_SIZE = 32 };
static_assert(WEBHOOK_SECRET_BYTES + VAULT_OVERHEAD <= WEBHOOK_SEALED_MOST, "the row has room");

/* ---- what the owner asks for ---- */

static json_t *webhook_json(const struct store_webhook *w)
{
    return json_pack("{s:I, s:s, s:s}", "webhook", (json_int_t)w->id, "url", w->url, "events",
                     w->events);
}

static enum err told(struct authority *a, struct store_tx *tx, const struct webhook_request *r,
                     const struct store_webhook *w, const char *what)
{
    struct event event = { .kind = EVENT_WEBHOOK_CHANGED, .account = w->account,
                           .address = r->address,
                           .data = json_pack("{s:s, s:s}", "url", w->url, "what", what) };

    return event_write(a, tx, &event);
}

static void events_judge(const struct webhook_application *ask, struct store_webhook *w,
                         struct refusal *refusal)
{
    size_t used = 0;

    for (size_t i = 0; i < ask->event_count; i++) {
        struct slice word = ask->events[i];
        enum event_kind kind;

        if (!event_parse(word, &kind) || !event_has_webhooks(kind)) {
            refusal_add(refusal, REFUSAL_INVALID, "event-unknown",
                        "there is no event \"%.*s\" for webhooks", (int)word.size, word.at);
            continue;
        }
        if (used + word.size + 2 > sizeof w->events) {
            refusal_add(refusal, REFUSAL_INVALID, "events-too-many",
                        "too many events: leave them out to get all");
            return;
        }
        used += (size_t)snprintf(w->events + used, sizeof w->events - used, "%s%.*s",
                                 used == 0 ? "" : " ", (int)word.size, word.at);
    }
}

static void application_judge(struct authority *a, const struct webhook_application *ask,
                              struct store_webhook *w, struct refusal *refusal)
{
    char words[POST_WORDS_SIZE];

    if (ask->url.size == 0 || ask->url.size >= sizeof w->url ||
        memchr(ask->url.at, '\0', ask->url.size) != NULL) {
        refusal_add(refusal, REFUSAL_INVALID, "url-malformed",
                    "the address of a webhook has 1 to %d characters", WEBHOOK_URL_SIZE - 1);
    } else {
        memcpy(w->url, ask->url.at, ask->url.size);
        if (!post_url_check(w->url, a->settings->webhooks_private, words))
            refusal_add(refusal, REFUSAL_INVALID, "url-malformed", "%s", words);
    }
    if (ask->event_count > WEBHOOK_EVENTS_MOST)
        refusal_add(refusal, REFUSAL_INVALID, "events-too-many",
                    "too many events: leave them out to get all");
    else
        events_judge(ask, w, refusal);
}

static enum err room_judge(struct store_tx *tx, const struct store_webhook *w,
                           struct refusal *refusal)
{
    struct store_webhook *all = calloc(WEBHOOKS_MOST, sizeof *all);
    size_t count;
    enum err e = ERR_MEMORY;

    if (all == NULL)
        goto out;
    TRY(store_webhooks_list(tx, w->account, all, WEBHOOKS_MOST, &count));
    if (count == WEBHOOKS_MOST)
        refusal_add(refusal, REFUSAL_CLASH, "webhooks-too-many",
                    "an account has at most %d webhooks: remove one first", WEBHOOKS_MOST);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].url, w->url) == 0)
            refusal_add(refusal, REFUSAL_CLASH, "webhook-exists",
                        "there is a webhook with this address: remove it first");
out:
    free(all);
    return e;
}

static enum err webhook_insert(struct authority *a, struct store_tx *tx,
                               const struct webhook_request *r, struct webhook_grant *grant)
{
    struct store_webhook *w = &grant->webhook;
    uint8_t secret[WEBHOOK_SECRET_BYTES];
    char name[ABOUT_SIZE];
    enum err e;

    randombytes_buf(secret, sizeof secret);
    snprintf(grant->secret, sizeof grant->secret, "whsec_");
    sodium_bin2base64(grant->secret + 6, sizeof grant->secret - 6, secret, sizeof secret,
                      sodium_base64_VARIANT_ORIGINAL);
    TRY(store_webhook_id_next(tx, &w->id));
    w->sealed_size = vault_seal(a->vault, about_webhook(w->id, name),
                                (struct slice){ (const char *)secret, sizeof secret }, w->sealed);
    TRY(store_webhook_insert(tx, w));
    TRY(change_write(tx, (struct change){ .who = r->who, .what = "webhook created",
                                          .account = r->account, .at_ns = w->made_at_ns,
                                          .after = webhook_json(w) }));
    e = told(a, tx, r, w, "created");
out:
    sodium_memzero(secret, sizeof secret);
    return e;
}

enum err webhook_create(struct authority *a, const struct webhook_request *request,
                        const struct webhook_application *ask, struct webhook_grant *grant,
                        struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e = OK;

    *grant = (struct webhook_grant){ .webhook = { .account = request->account,
                                                  .state = WEBHOOK_ON,
                                                  .made_at_ns = a->now_ns() } };
    application_judge(a, ask, &grant->webhook, refusal);
    if (refusal_is(refusal))
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(room_judge(tx, &grant->webhook, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(proof_spend(a, tx, request->account, request->session, request->operation, request->proof,
                    refusal));
    if (!refusal_is(refusal))
        TRY(webhook_insert(a, tx, request, grant));
    TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    if (e != OK || refusal_is(refusal))
        sodium_memzero(grant, sizeof *grant);
    return e;
}

/* One of the account's own; somebody else's does not exist for it. */
static enum err own_get(struct store_tx *tx, uint64_t account, uint64_t id,
                        struct store_webhook *w, struct refusal *refusal)
{
    enum err e = store_webhook_get(tx, id, w);

    if (e == ERR_MISSING || (e == OK && (w->account != account || w->state == WEBHOOK_REMOVED))) {
        refusal_add(refusal, REFUSAL_MISSING, "webhook-missing", "there is no such webhook");
        return OK;
    }
    return e;
}

static enum err webhook_drop(struct authority *a, struct store_tx *tx,
                             const struct webhook_request *r, struct store_webhook *w)
{
    uint64_t now_ns = a->now_ns();
    enum err e;

    w->state = WEBHOOK_REMOVED;
    TRY(store_webhook_set(tx, w));
    TRY(store_webhook_drop(tx, w->id, now_ns, SLICE("the webhook was removed")));
    TRY(change_write(tx, (struct change){ .who = r->who, .what = "webhook removed",
                                          .account = r->account, .at_ns = now_ns,
                                          .before = webhook_json(w) }));
    e = told(a, tx, r, w, "removed");
out:
    return e;
}

enum err webhook_remove(struct authority *a, const struct webhook_request *request, uint64_t id,
                        struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct store_webhook w;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(own_get(tx, request->account, id, &w, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(proof_spend(a, tx, request->account, request->session, request->operation, request->proof,
                    refusal));
    if (!refusal_is(refusal))
        TRY(webhook_drop(a, tx, request, &w));
    TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    return e;
}

enum err webhook_list(struct authority *a, uint64_t account,
                      struct store_webhook webhooks[WEBHOOKS_MOST], size_t *count)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = store_webhooks_list(tx, account, webhooks, WEBHOOKS_MOST, count);
out:
    store_rollback(&tx);
    return e;
}

static void on_judge(const struct store_webhook *w, struct refusal *refusal)
{
    if (!refusal_is(refusal) && w->state != WEBHOOK_ON)
        refusal_add(refusal, REFUSAL_RULE, "webhook-disabled",
                    "the webhook was disabled after days of failures: remove it and make a new "
                    "one");
}

enum err webhook_test(struct authority *a, uint64_t account, uint64_t id, struct refusal *refusal)
{
    struct event event = { .kind = EVENT_WEBHOOK_TEST, .account = account };
    struct store_tx *tx = NULL;
    struct store_webhook w;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(own_get(tx, account, id, &w, refusal));
    on_judge(&w, refusal);
    if (refusal_is(refusal))
        goto out;
    event.data = json_pack("{s:s}", "url", w.url);
    TRY(event_write_to(a, tx, &event, id));
    TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    return e;
}

enum err webhook_deliveries(struct authority *a, uint64_t account, uint64_t id, uint64_t before,
                            struct store_webhook_delivery *deliveries, size_t capacity,
                            size_t *count, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct store_webhook w;
    enum err e;

    *count = 0;
    TRY(store_begin(a->store, &tx));
    TRY(own_get(tx, account, id, &w, refusal));
    if (!refusal_is(refusal))
        e = store_webhook_deliveries_list(tx, id, before, deliveries, capacity, count);
out:
    store_rollback(&tx);
    return e;
}

enum err webhook_resend(struct authority *a, uint64_t account, uint64_t id, uint64_t delivery,
                        struct refusal *refusal)
{
    struct store_webhook_delivery d = { .id = 0 };
    struct store_tx *tx = NULL;
    struct store_webhook w;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(own_get(tx, account, id, &w, refusal));
    on_judge(&w, refusal);
    if (refusal_is(refusal))
        goto out;
    e = store_webhook_delivery_get(tx, id, delivery, &d);
    if (e == ERR_MISSING) {
        refusal_add(refusal, REFUSAL_MISSING, "delivery-missing",
                    "there is no such delivery (they are kept for 30 days)");
        e = OK;
        goto out;
    }
    TRY(e);
    d.made_at_ns = d.due_at_ns = a->now_ns();
    TRY(store_webhook_delivery_insert(tx, &d));
    courier_wake(a->courier);
    TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    return e;
}

/* ---- what goes out ---- */

/* {"type":"key.created","timestamp":"2026-11-23T10:00:00.123Z","data":{...}} */
static char *body_format(const struct store_event *event)
{
    char at[CLOCK_TEXT_SIZE];
    json_t *data = json_loads(event->data, 0, NULL), *body;
    char *text = NULL;

    clock_format(event->at_ns, at);
    body = json_pack("{s:s, s:s, s:o}", "type", event_word(event->kind), "timestamp", at, "data",
                     data == NULL ? json_object() : data);
    if (body != NULL)
        text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

/* "v1,BASE64(HMAC-SHA256(secret, "ID.SECONDS.BODY"))" */
static void signature_format(const uint8_t secret[WEBHOOK_SECRET_BYTES], const char *id,
                             const char *seconds, const char *body, char text[SIGNATURE_SIZE])
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, secret, WEBHOOK_SECRET_BYTES);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)id, strlen(id));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)".", 1);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)seconds, strlen(seconds));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)".", 1);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, strlen(body));
    crypto_auth_hmacsha256_final(&state, mac);
    snprintf(text, SIGNATURE_SIZE, "v1,");
    sodium_bin2base64(text + 3, SIGNATURE_SIZE - 3, mac, sizeof mac,
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(&state, sizeof state);
}

enum err webhook_post_open(struct authority *a, const struct store_webhook *webhook,
                           const struct store_event *event, struct post **post)
{
    char id_line[80], time_line[64], signature_line[SIGNATURE_SIZE + 32];
    char name[ABOUT_SIZE], id[ID_SIZE], seconds[24], signature[SIGNATURE_SIZE];
    const char *const headers[] = { "Content-Type: application/json", id_line, time_line,
                                    signature_line, "Expect:", NULL };
    const struct slice sealed = { (const char *)webhook->sealed, webhook->sealed_size };
    uint8_t secret[WEBHOOK_SECRET_BYTES] = { 0 };
    char *body = body_format(event);
    enum err e;

    *post = NULL;
    TRY(body == NULL ? ERR_MEMORY : OK);
    TRY(vault_unseal_exact(a->vault, about_webhook(webhook->id, name), sealed, secret,
                           sizeof secret));
    snprintf(id, sizeof id, "evt_%" PRIu64, event->id);
    snprintf(seconds, sizeof seconds, "%" PRIu64, a->now_ns() / NS_PER_S);
    signature_format(secret, id, seconds, body, signature);
    snprintf(id_line, sizeof id_line, "webhook-id: %s", id);
    snprintf(time_line, sizeof time_line, "webhook-timestamp: %s", seconds);
    snprintf(signature_line, sizeof signature_line, "webhook-signature: %s", signature);
    e = post_open(webhook->url, headers, slice_of(body), a->settings->webhooks_private, post);
out:
    sodium_memzero(secret, sizeof secret);
    free(body);
    return e;
}
