#include "authority/key_view.h"

#include <ctype.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/key_issue.h"
#include "authority/key_life.h"
#include "authority/publish.h"
#include "store/reviews.h"

bool key_name_parse(struct slice name, char id[KEY_RANDOM_SIZE])
{
    struct key_id parsed;

    if (key_id_parse(name, &parsed)) {
        memcpy(id, parsed.random, KEY_RANDOM_SIZE);
        return true;
    }
    if (name.size != KEY_RANDOM_SIZE)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (!isalnum((unsigned char)name.at[i]))
            return false;
    memcpy(id, name.at, KEY_RANDOM_SIZE);
    return true;
}

/* As the gateways go by it: the store knows a moment earlier, and whoever reads "ready" here may
 * send the order at once. */
static bool sandbox_order_counts(struct authority *a, const struct store_key *key,
                                 const struct store_account *owner)
{
    struct gate_key fixed;

    if (publish_fixed_get(a->publisher, key->environment, key->id, &fixed))
        return (fixed.flags & GATE_KEY_SANDBOX_ORDER) != 0;
    return owner->sandbox_order_at_ns != 0;
}

static uint64_t unused_end(const struct key_view *view)
{
    uint64_t used_at_ns = view->last_used_at_ns > view->key.created_at_ns
                              ? view->last_used_at_ns
                              : view->key.created_at_ns;

    return view->key.state <= KEY_SUSPENDED ? used_at_ns + KEY_IDLE_NS : 0;
}

static enum err view_fill(struct authority *a, struct store_tx *tx, const struct store_key *key,
                          const struct store_account *owner, struct key_view *view)
{
    struct key_id id = { .environment = key->environment };
    struct gate_live live;
    enum err e;

    view->key = *key;
    sodium_memzero(view->key.secret_sealed, sizeof view->key.secret_sealed);
    memcpy(id.random, key->id, sizeof id.random);
    key_id_format(&id, view->id);
    snprintf(view->email, sizeof view->email, "%s", owner->email);
    view->scopes_requested = 0;
    publish_live_get(a->publisher, key->environment, key->id, &live);
    view->last_used_at_ns = live.last_use_ns;
    /* What a gateway has found counts from that moment, also before the store has heard of it. */
    if (key->state <= KEY_SUSPENDED && live.tripped_at_ns != 0) {
        view->key.state = KEY_REVOKED;
        view->key.reason = KEY_REASON_PLAINTEXT;
        view->key.state_at_ns = live.tripped_at_ns;
    } else if (key->state <= KEY_SUSPENDED && live.expired_at_ns != 0) {
        view->key.state = KEY_EXPIRED;
        view->key.reason = KEY_REASON_UNUSED;
        view->key.state_at_ns = live.expired_at_ns;
    }
    view->readiness = readiness_decide(key->wallets_at_ns != 0 || live.wallets_called,
                                       sandbox_order_counts(a, key, owner), key->cooling_until_ns,
                                       a->now_ns());
    view->unused_end_ns = unused_end(view);
    TRY(store_holds_get(tx, key->id, view->holds, &view->hold_count));
    e = store_key_grants_get(tx, key->id, view->grants, &view->grant_count);
out:
    return e;
}

/* What an open review is about, as elevation_ask wrote it. */
static enum err requested_read(struct store_tx *tx, const struct store_key *key, uint32_t *scopes)
{
    struct store_review *review = malloc(sizeof *review);
    json_t *detail = NULL;
    enum scope scope;
    bool present;
    enum err e = ERR_MEMORY;

    if (review == NULL)
        goto out;
    TRY(store_review_find_open(tx, REVIEW_ELEVATION, key->account, key->id, 0, review, &present));
    if (present)
        detail = json_loads(review->detail, 0, NULL);
    for (const char *at = json_string_value(json_object_get(detail, "scopes"));
         at != NULL && *at != '\0'; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");

        if (scope_find((struct slice){ at, size }, &scope))
            *scopes |= SCOPE_BIT(scope);
        at += size;
    }
out:
    json_decref(detail);
    free(review);
    return e;
}

enum err key_view_read(struct authority *a, struct store_tx *tx, const char *id,
                       struct key_view *view)
{
    struct store_account owner;
    struct store_key key;
    enum err e;

    TRY(store_key_get(tx, id, &key));
    TRY(store_account_get(tx, key.account, &owner));
    TRY(view_fill(a, tx, &key, &owner, view));
    if (key_is_usable(&key))
        e = requested_read(tx, &key, &view->scopes_requested);
out:
    return e;
}

enum err key_view_get(struct authority *a, const char *id, struct key_view *view)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = key_view_read(a, tx, id, view);
out:
    store_rollback(&tx);
    return e;
}

struct walk {
    struct authority *a;
    struct store_tx *tx;
    struct store_account owner;
    struct key_view view;
    bool (*each)(void *context, const struct key_view *view);
    void *context;
    enum err e;
};

static bool walk_step(void *context, const struct store_key *key)
{
    struct walk *w = context;

    if (w->owner.id != key->account)
        w->e = store_account_get(w->tx, key->account, &w->owner);
    if (w->e == OK)
        w->e = view_fill(w->a, w->tx, key, &w->owner, &w->view);
    if (w->e != OK)
        return false;
    return w->each(w->context, &w->view);
}

enum err key_views_each(struct authority *a, uint64_t account, const char *after,
                        bool (*each)(void *context, const struct key_view *view), void *context)
{
    struct walk w = { .a = a, .each = each, .context = context };
    enum err e;

    TRY(store_begin(a->store, &w.tx));
    TRY(store_keys_after(w.tx, account, after, walk_step, &w));
    e = w.e;
out:
    store_rollback(&w.tx);
    return e;
}
