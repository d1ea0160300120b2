/* authority/event.h: what the owner of an account should hear of
 *
 * One row, written in the transaction that makes it true; from it come the notice in the console,
 * a mail to the account's address and one delivery to each webhook that wants such events, as the
 * table event.def says.
 */
#ifndef AUTHORITY_EVENT_H
#define AUTHORITY_EVENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/template.h"
#include "base/slice.h"
#include "store/events.h"
#include "store/store.h"

enum event_kind {
#define EVENT(number, name, word, mail, webhooks, notice) EVENT_##name = (number),
#include "authority/event.def"
#undef EVENT
};

struct event {
    enum event_kind kind;
    uint64_t account;
    const char *key;     /* KEY_RANDOM_SIZE characters, or NULL */
    const char *address; /* of the request that caused it, or NULL */
    bool is_mailed_already; /* another event of the same change says it in its mail */
    /* Object of strings and numbers, may be NULL; taken over, also on failure.  Owners and their
     * webhooks read it: no secret, nothing of an operator's own.  For an event about a key, "id",
     * "label" and "environment" are added. */
    json_t *data;
    char *message_id; /* NULL, or of MESSAGE_ID_SIZE: of the letter; unchanged if there is none */
};

/* ERR_FULL: the data are longer than 4 kB.  ERR_MISSING: no such account or key. */
must_use enum err event_write(struct authority *a, struct store_tx *tx, const struct event *event);

/* The same, but of all webhooks only this one gets it, whatever it asked for. */
must_use enum err event_write_to(struct authority *a, struct store_tx *tx,
                                 const struct event *event, uint64_t webhook);

/* "key.created"; static.  "unknown" for a number of another version. */
const char *event_word(uint32_t kind);
bool event_parse(struct slice word, enum event_kind *kind);

/* Words that a webhook may ask for, from index 0 on; NULL behind the last.  Static. */
const char *event_webhook_word(size_t index);

/* Whether a webhook may ask for it. */
bool event_has_webhooks(uint32_t kind);

/* Appends what a person reads in the console. */
void event_notice(const struct store_event *event, struct buffer *into);

#endif
