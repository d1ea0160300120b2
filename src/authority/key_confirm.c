#include "authority/key_confirm.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/link.h"
#include "authority/postbox.h"
#include "authority/publish.h"
#include "authority/throttle.h"
#include "keys/scope.h"

#define LINK_LIVES_NS DAY_NS

static json_t *mail_json(const struct store_key *key, const char *address)
{
    struct key_id name = { .environment = key->environment };
    char scopes[SCOPES_TEXT_SIZE], id[KEY_ID_TEXT_SIZE];

    memcpy(name.random, key->id, sizeof name.random);
    key_id_format(&name, id);
    scopes_format(key->scopes_waiting, scopes);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", id, "label", key->label, "scopes", scopes,
                     "ip_rules", key->ip_rules, "address",
                     address == NULL || address[0] == '\0' ? "the venue" : address);
}

enum err key_confirm_ask(struct authority *a, struct store_tx *tx, const struct store_key *key,
                         const char *address)
{
    char token[LINK_TOKEN_SIZE] = "";
    enum err e = OK;

    if (key->scopes_waiting == 0)
        goto out;
    TRY(link_make(a, tx, LINK_WITHDRAWAL, key->account, key->id, 0, LINK_LIVES_NS, token));
    e = mail_write(a, tx, &(struct mail){ .template = MAIL_WITHDRAWAL_CONFIRM,
                                          .account = key->account,
                                          .data = mail_json(key, address),
                                          .purpose = LINK_WITHDRAWAL, .token = token });
out:
    sodium_memzero(token, sizeof token);
    return e;
}

enum err key_confirm_ask_again(struct authority *a, const struct key_asker *asker, const char *id,
                               struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct store_key key;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(key_asker_get(tx, asker, id, &key, refusal));
    if (!refusal_is(refusal) && key.scopes_waiting == 0)
        refusal_add(refusal, REFUSAL_RULE, "nothing-waits",
                    "no permission of this key waits for a mail");
    if (!refusal_is(refusal))
        TRY(throttle_take(a, tx,
                          &(struct throttle){ THROTTLE_RESEND, { id, KEY_RANDOM_SIZE },
                                              SLICE_EMPTY },
                          1, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(key_confirm_ask(a, tx, &key, asker->address));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    return e;
}

static enum err waiting_grant(struct authority *a, struct store_tx *tx,
                              const struct key_asker *asker, struct store_key *key)
{
    char before[SCOPES_TEXT_SIZE], after[SCOPES_TEXT_SIZE];
    enum err e;

    scopes_format(key->scopes, before);
    key->scopes |= key->scopes_waiting;
    key->scopes_waiting = 0;
    scopes_format(key->scopes, after);
    TRY(store_key_change(tx, key));
    TRY(change_write(tx, (struct change){ .who = asker->who, .what = "key confirmed by mail",
                                          .account = key->account, .key = key->id,
                                          .environment = key->environment, .at_ns = a->now_ns(),
                                          .before = json_pack("{s:s}", "scopes", before),
                                          .after = json_pack("{s:s}", "scopes", after) }));
    e = event_write(a, tx, &(struct event){ .kind = EVENT_KEY_CONFIRMED, .account = key->account,
                                            .key = key->id, .address = asker->address });
out:
    return e;
}

enum err key_confirm(struct authority *a, const struct key_asker *asker, struct slice token,
                     char id[KEY_RANDOM_SIZE], struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct store_key key;
    struct link link;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(link_spend(a, tx, LINK_WITHDRAWAL, token, &link, refusal));
    if (!refusal_is(refusal))
        link_owner_check(&link, asker->account, refusal);
    if (refusal_is(refusal))
        goto out;
    TRY(key_asker_get(tx, asker, link.key, &key, refusal));
    if (refusal_is(refusal))
        goto out;
    memcpy(id, key.id, KEY_RANDOM_SIZE);
    TRY(waiting_grant(a, tx, asker, &key));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
    e = publish_key(a->publisher, id);
out:
    store_rollback(&tx);
    return e;
}
