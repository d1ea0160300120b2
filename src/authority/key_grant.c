#include "authority/key_grant.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/publish.h"
#include "keys/scope.h"
#include "store/key_grants.h"
#include "store/keys.h"

enum { SLICE_MOST = 64 }; /* grants of one transaction */

/* Stores the new scopes, says so in the change log and to the owner. */
static enum err scopes_set(struct authority *a, struct store_tx *tx, const char *who,
                           const char *what, struct store_key *key, uint32_t scopes)
{
    char before[SCOPES_TEXT_SIZE], after[SCOPES_TEXT_SIZE];
    enum err e;

    scopes_format(key->scopes, before);
    scopes_format(scopes, after);
    key->scopes = scopes;
    TRY(store_key_change(tx, key));
    TRY(change_write(tx, (struct change){ .who = who, .what = what, .account = key->account,
                                          .key = key->id, .environment = key->environment,
                                          .at_ns = a->now_ns(),
                                          .before = json_pack("{s:s}", "scopes", before),
                                          .after = json_pack("{s:s}", "scopes", after) }));
    e = event_write(a, tx, &(struct event){ .kind = EVENT_KEY_CHANGED, .account = key->account,
                                            .key = key->id,
                                            .data = json_pack("{s:s}", "what", what) });
out:
    return e;
}

enum err key_grant_give(struct authority *a, struct store_tx *tx, const char *who,
                        const char *key, uint32_t scopes, uint64_t ends_at_ns, uint64_t review)
{
    struct store_key_grant grant = { .granted_at_ns = a->now_ns(), .ends_at_ns = ends_at_ns,
                                     .review = review };
    struct store_key row;
    enum err e;

    assert((scopes & ~scopes_with(SCOPE_IS_ELEVATED)) == 0);
    TRY(store_key_get(tx, key, &row));
    memcpy(grant.key, key, sizeof grant.key);
    for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
        if ((scopes & SCOPE_BIT(scope)) != 0) {
            grant.scope = scope;
            TRY(store_key_grant_set(tx, &grant));
        }
    e = scopes_set(a, tx, who, "elevated scopes granted", &row, row.scopes | scopes);
out:
    return e;
}

enum err key_grant_take(struct authority *a, struct store_tx *tx, const char *who,
                        const char *key, uint32_t scopes)
{
    struct store_key row;
    enum err e;

    TRY(store_key_get(tx, key, &row));
    for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
        if ((scopes & SCOPE_BIT(scope)) != 0)
            TRY(store_key_grant_delete(tx, key, scope));
    e = scopes_set(a, tx, who, "elevated scopes taken back", &row, row.scopes & ~scopes);
out:
    return e;
}

/* Those of one key that have ended. */
static enum err grants_end(struct authority *a, struct store_tx *tx, const char *id,
                           uint64_t now_ns)
{
    struct store_key_grant grants[SCOPE_COUNT];
    struct store_key key;
    uint32_t gone = 0;
    size_t count;
    enum err e;

    TRY(store_key_get(tx, id, &key));
    TRY(store_key_grants_get(tx, id, grants, &count));
    for (size_t i = 0; i < count; i++)
        if (grants[i].ends_at_ns <= now_ns) {
            gone |= SCOPE_BIT(grants[i].scope);
            TRY(store_key_grant_delete(tx, id, grants[i].scope));
        }
    if ((key.scopes & gone) != 0 && key.state <= KEY_SUSPENDED)
        e = scopes_set(a, tx, "authority", "elevated scopes ended", &key, key.scopes & ~gone);
out:
    return e;
}

enum err key_grants_sweep(struct authority *a, bool *more)
{
    struct store_key_grant ended[SLICE_MOST];
    uint64_t now_ns = a->now_ns();
    struct store_tx *tx = NULL;
    size_t count;
    enum err e;

    *more = false;
    TRY(store_begin(a->store, &tx));
    TRY(store_key_grants_ended(tx, now_ns, ended, SLICE_MOST, &count));
    for (size_t i = 0; i < count; i++)
        TRY(grants_end(a, tx, ended[i].key, now_ns));
    TRY(store_commit(&tx));
    for (size_t i = 0; i < count; i++)
        TRY(publish_key(a->publisher, ended[i].key));
    courier_wake(a->courier);
    *more = count == SLICE_MOST;
out:
    store_rollback(&tx);
    return e;
}
