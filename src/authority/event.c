#include "authority/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/courier.h"
#include "authority/postbox.h"
#include "keys/key_text.h"
#include "store/keys.h"
#include "store/webhooks.h"

static const struct row {
    uint32_t kind;
    const char *word;
    enum mail_template mail;
    bool webhooks;
    const char *notice;
} rows[] = {
#define EVENT(number, name, word, mail, webhooks, notice) \
    { number, word, MAIL_##mail, webhooks, notice },
#include "authority/event.def"
#undef EVENT
};

enum { ROW_COUNT = sizeof rows / sizeof *rows, WEBHOOKS_LISTED = 16 };

static const struct row *row_find(uint32_t kind)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
}

const char *event_word(uint32_t kind)
{
    const struct row *row = row_find(kind);

    return row == NULL ? "unknown" : row->word;
}

bool event_parse(struct slice word, enum event_kind *kind)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (slice_is(slice_of(rows[i].word), word)) {
            *kind = (enum event_kind)rows[i].kind;
            return true;
        }
    return false;
}

bool event_has_webhooks(uint32_t kind)
{
    const struct row *row = row_find(kind);

    return row != NULL && row->webhooks;
}

const char *event_webhook_word(size_t index)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].webhooks && rows[i].kind != EVENT_WEBHOOK_TEST && index-- == 0)
            return rows[i].word;
    return NULL;
}

void event_notice(const struct store_event *event, struct buffer *into)
{
    const struct row *row = row_find(event->kind);
    json_t *data = json_loads(event->data, 0, NULL);

    if (data != NULL && event->address[0] != '\0')
        json_object_set_new(data, "address", json_string(event->address));
    template_render(slice_of(row == NULL ? "Something of another version" : row->notice), data,
                    into);
    json_decref(data);
}

/* Adds what names the key to a person and to a program. */
static enum err key_name(struct store_tx *tx, const char *id, json_t *data)
{
    char text[KEY_ID_TEXT_SIZE];
    struct store_key *key = malloc(sizeof *key);
    struct key_id name;
    enum err e = ERR_MEMORY;

    if (key == NULL)
        goto out;
    TRY(store_key_get(tx, id, key));
    name.environment = key->environment;
    memcpy(name.random, id, sizeof name.random);
    key_id_format(&name, text);
    if (json_object_set_new(data, "id", json_string(text)) != 0 ||
        json_object_set_new(data, "label", json_string(key->label)) != 0 ||
        json_object_set_new(data, "environment",
                            json_string(environment_text(key->environment))) != 0)
        e = ERR_MEMORY;
out:
    free(key);
    return e;
}

/* Whether `word` is among words with a space between; none: all are meant. */
static bool is_wanted(const char *words, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = words; (at = strstr(at, word)) != NULL; at += size)
        if ((at == words || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    return words[0] == '\0';
}

/* `only`: 0 for all that asked for such events. */
static enum err webhooks_feed(struct store_tx *tx, const struct row *row,
                              const struct store_event *event, uint64_t only)
{
    struct store_webhook *webhooks = calloc(WEBHOOKS_LISTED, sizeof *webhooks);
    struct store_webhook_delivery delivery = { .event = event->id, .made_at_ns = event->at_ns,
                                               .due_at_ns = event->at_ns };
    size_t count;
    enum err e = ERR_MEMORY;

    if (webhooks == NULL)
        goto out;
    TRY(store_webhooks_list(tx, event->account, webhooks, WEBHOOKS_LISTED, &count));
    for (size_t i = 0; i < count; i++) {
        if (webhooks[i].state != WEBHOOK_ON ||
            (only != 0 ? webhooks[i].id != only : !is_wanted(webhooks[i].events, row->word)))
            continue;
        delivery.webhook = webhooks[i].id;
        TRY(store_webhook_delivery_insert(tx, &delivery));
    }
out:
    free(webhooks);
    return e;
}

static enum err mail_feed(struct authority *a, struct store_tx *tx, const struct row *row,
                          const struct event *event, const json_t *data)
{
    struct mail mail = { .template = row->mail, .account = event->account,
                         .data = json_deep_copy(data), .message_id = event->message_id };

    if (mail.data == NULL)
        return ERR_MEMORY;
    if (event->address != NULL)
        json_object_set_new(mail.data, "address", json_string(event->address));
    return mail_write(a, tx, &mail);
}

static enum err event_make(struct authority *a, struct store_tx *tx, const struct event *event,
                           uint64_t only)
{
    const struct row *row = row_find(event->kind);
    json_t *data = event->data != NULL ? event->data : json_object();
    struct store_event stored = { .account = event->account, .kind = event->kind,
                                  .at_ns = a->now_ns() };
    size_t size;
    enum err e = ERR_MEMORY;

    if (data == NULL)
        goto out;
    if (event->key != NULL) {
        memcpy(stored.key, event->key, sizeof stored.key);
        TRY(key_name(tx, event->key, data));
    }
    snprintf(stored.address, sizeof stored.address, "%s",
             event->address == NULL ? "" : event->address);
    size = json_dumpb(data, stored.data, sizeof stored.data - 1, JSON_COMPACT | JSON_SORT_KEYS);
    TRY(size == 0 ? ERR_MEMORY : size >= sizeof stored.data ? ERR_FULL : OK);
    TRY(store_event_insert(tx, &stored));
    if (row->webhooks)
        TRY(webhooks_feed(tx, row, &stored, only));
    if (row->mail != MAIL_NONE && !event->is_mailed_already)
        TRY(mail_feed(a, tx, row, event, data));
    courier_wake(a->courier);
out:
    json_decref(data);
    return e;
}

enum err event_write(struct authority *a, struct store_tx *tx, const struct event *event)
{
    return event_make(a, tx, event, 0);
}

enum err event_write_to(struct authority *a, struct store_tx *tx, const struct event *event,
                        uint64_t webhook)
{
    return event_make(a, tx, event, webhook);
}
