#include "authority/leak_lift.h"

#include <sodium.h>
#include <stdlib.h>

#include "authority/courier.h"
#include "authority/event.h"
#include "authority/hold.h"
#include "authority/publish.h"
#include "store/holds.h"
#include "store/leaks.h"

static enum err hold_has(struct store_tx *tx, const char *key, bool *has)
{
    struct store_hold holds[KEY_REASON_COUNT];
    size_t count;
    enum err e = store_holds_get(tx, key, holds, &count);

    *has = false;
    for (size_t i = 0; e == OK && i < count; i++)
        *has |= holds[i].reason == KEY_REASON_LEAK;
    return e;
}

static enum err lift_write(struct authority *a, struct store_tx *tx, const struct key_asker *asker,
                           struct store_key *key)
{
    struct store_leak *leak = calloc(1, sizeof *leak);
    struct key_list moved = { 0 };
    bool present;
    enum err e = ERR_MEMORY;

    if (leak == NULL)
        goto out;
    TRY(hold_lift(a, tx, asker->who, key->id, KEY_REASON_LEAK, &moved));
    TRY(store_leak_find(tx, key->id, LEAK_KEY_ID, leak, &present));
    if (present)
        TRY(store_leak_lift(tx, leak->id, a->now_ns()));
    TRY(store_key_get(tx, key->id, key));
    if (key->state == KEY_ACTIVE)
        e = event_write(a, tx,
                        &(struct event){ .kind = EVENT_KEY_RESTORED,
                                         .account = key->account,
                                         .key = key->id,
                                         .address = asker->address });
out:
    key_list_wipe(&moved);
    free(leak);
    return e;
}

enum err leak_lift(struct authority *a, const struct key_asker *asker, const char *id,
                   struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct store_key key = { 0 };
    bool has;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(key_asker_get(tx, asker, id, &key, refusal));
    TRY(hold_has(tx, id, &has));
    if (!refusal_is(refusal) && !has)
        refusal_add(refusal, REFUSAL_RULE, "leak-missing",
                    "the key is not suspended because its id was found in public");
    if (refusal_is(refusal))
        goto out;
    TRY(key_asker_prove(a, tx, asker, key.account, refusal));
    if (!refusal_is(refusal))
        TRY(lift_write(a, tx, asker, &key));
    TRY(store_commit(&tx)); /* also a refused proof: it counts */
    courier_wake(a->courier);
    if (!refusal_is(refusal))
        e = publish_key(a->publisher, id);
out:
    store_rollback(&tx);
    sodium_memzero(key.secret_sealed, sizeof key.secret_sealed);
    return e;
}
