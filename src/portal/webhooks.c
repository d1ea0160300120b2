#include "portal/webhooks.h"

#include <sodium.h>
#include <stdlib.h>

#include "authority/event.h"
#include "authority/session.h"
#include "authority/webhook.h"
#include "portal/call_proof.h"

enum { DELIVERIES_MOST = 50 };

/* A number of 1 to 18 digits; 0, which nothing has, for anything else. */
static uint64_t id_of(struct slice text)
{
    uint64_t id = 0;

    if (text.size == 0 || text.size > 18)
        return 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return 0;
        id = 10 * id + (uint64_t)(text.at[i] - '0');
    }
    return id;
}

static json_t *events_json(const char *words)
{
    json_t *list = json_array();

    while (*words != '\0') {
        size_t size = strcspn(words, " ");

        json_array_append_new(list, json_stringn(words, size));
        words += size + (words[size] == ' ');
    }
    return list;
}

static json_t *webhook_part(const struct store_webhook *w)
{
    return json_pack("{s:I, s:s, s:o, s:s, s:o, s:o}", "id", (json_int_t)w->id, "url", w->url,
                     "events", events_json(w->events), "state",
                     w->state == WEBHOOK_ON ? "on" : "disabled", "made_at",
                     moment_json(w->made_at_ns), "failing_since", moment_json(w->failing_since_ns));
}

enum err webhooks_get(struct call *c)
{
    struct store_webhook *all = calloc(WEBHOOKS_MOST, sizeof *all);
    json_t *list = json_array(), *words = json_array();
    size_t count = 0;
    const char *word;
    enum err e = ERR_MEMORY;

    if (all == NULL)
        goto out;
    TRY(webhook_list(c->authority, c->session->account, all, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, webhook_part(&all[i]));
    for (size_t i = 0; (word = event_webhook_word(i)) != NULL; i++)
        json_array_append_new(words, json_string(word));
    c->reply = json_pack("{s:O, s:O}", "webhooks", list, "events", words);
out:
    json_decref(list);
    json_decref(words);
    free(all);
    return e;
}

/* Who asks, and how it is confirmed. */
static enum err request_read(struct call *c, struct proof *proof,
                             uint8_t operation[OPERATION_SIZE], char address[64],
                             struct webhook_request *request)
{
    snprintf(address, 64, "%.*s", (int)c->address.size, c->address.at);
    *request = (struct webhook_request){ .who = c->who, .session = c->session->id,
                                         .address = address, .account = c->session->account,
                                         .proof = proof, .operation = operation };
    return call_proof(c, proof, operation);
}

static void application_read(struct call *c, struct webhook_application *ask)
{
    const json_t *events = json_object_get(c->body, "events"), *event;
    size_t i;

    ask->url = call_text(c, c->body, "url");
    if (events != NULL && !json_is_array(events))
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "events", "events-malformed",
                       "\"events\" has to be a list of words");
    json_array_foreach(events, i, event) {
        if (!json_is_string(event) || i >= WEBHOOK_EVENTS_MOST) {
            refusal_add_at(&c->refusal, REFUSAL_INVALID, "events", "events-malformed",
                           "\"events\" has to be a list of at most %d words",
                           WEBHOOK_EVENTS_MOST);
            return;
        }
        ask->events[ask->event_count++] =
            (struct slice){ json_string_value(event), json_string_length(event) };
    }
}

enum err webhooks_post(struct call *c)
{
    uint8_t operation[OPERATION_SIZE];
    struct webhook_application ask = { .event_count = 0 };
    struct webhook_request request;
    struct webhook_grant grant = { .secret = "" };
    struct proof proof;
    char address[64];
    enum err e;

    TRY(request_read(c, &proof, operation, address, &request));
    application_read(c, &ask);
    if (refusal_is(&c->refusal))
        goto out;
    TRY(webhook_create(c->authority, &request, &ask, &grant, &c->refusal));
    if (refusal_is(&c->refusal))
        goto out;
    c->status = 201;
    c->reply = json_pack("{s:o, s:s}", "webhook", webhook_part(&grant.webhook), "secret",
                         grant.secret);
out:
    sodium_memzero(&grant, sizeof grant);
    return e;
}

enum err webhook_remove_post(struct call *c)
{
    uint8_t operation[OPERATION_SIZE];
    struct webhook_request request;
    struct proof proof;
    char address[64];
    enum err e;

    TRY(request_read(c, &proof, operation, address, &request));
    c->reply = json_object();
    if (!refusal_is(&c->refusal))
        e = webhook_remove(c->authority, &request, id_of(c->value), &c->refusal);
out:
    return e;
}

enum err webhook_test_post(struct call *c)
{
    c->reply = json_object();
    return webhook_test(c->authority, c->session->account, id_of(c->value), &c->refusal);
}

static const char *state_text(enum delivery_state state)
{
    static const char *const texts[] = {
        [DELIVERY_WAITING] = "waiting",
        [DELIVERY_UNDER_WAY] = "under-way",
        [DELIVERY_DONE] = "delivered",
        [DELIVERY_GIVEN_UP] = "given-up",
    };

    return state >= DELIVERY_WAITING && state <= DELIVERY_GIVEN_UP ? texts[state] : "unknown";
}

static json_t *delivery_part(const struct store_webhook_delivery *d)
{
    return json_pack("{s:I, s:s, s:o, s:s, s:I, s:o, s:o, s:o}", "id", (json_int_t)d->id, "event",
                     event_word(d->kind), "at", moment_json(d->made_at_ns), "state",
                     state_text(d->state), "attempts", (json_int_t)d->attempt_count, "status",
                     d->status == 0 ? json_null() : json_integer(d->status), "error",
                     d->problem[0] == '\0' ? json_null() : json_string(d->problem), "next_at",
                     moment_json(d->state == DELIVERY_WAITING ? d->due_at_ns : 0));
}

enum err webhook_deliveries_get(struct call *c)
{
    struct store_webhook_delivery *all = calloc(DELIVERIES_MOST, sizeof *all);
    json_t *list = json_array();
    uint64_t before = 0;
    size_t count = 0;
    enum err e = ERR_MEMORY;

    if (all == NULL)
        goto out;
    call_number(c, "before", &before);
    TRY(webhook_deliveries(c->authority, c->session->account, id_of(c->value), before, all,
                           DELIVERIES_MOST, &count, &c->refusal));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, delivery_part(&all[i]));
    c->reply = json_pack("{s:O, s:o}", "deliveries", list, "next",
                         count < DELIVERIES_MOST ? json_null()
                                                 : json_integer((json_int_t)all[count - 1].id));
out:
    json_decref(list);
    free(all);
    return e;
}

enum err webhook_resend_post(struct call *c)
{
    c->reply = json_object();
    return webhook_resend(c->authority, c->session->account, id_of(c->value), id_of(c->second),
                          &c->refusal);
}
