#include "authority/leak_view.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/about.h"
#include "store/keys.h"

/* Beside the leak, which is filled. */
static enum err view_fill(struct store_tx *tx, struct leak_view *view)
{
    struct store_account *owner = calloc(1, sizeof *owner);
    struct store_key *key = calloc(1, sizeof *key);
    char id[ABOUT_SIZE];
    enum err e = ERR_MEMORY;

    if (owner == NULL || key == NULL)
        goto out;
    TRY(store_key_get(tx, view->leak.key, key));
    TRY(store_account_get(tx, key->account, owner));
    about_key(key->environment, key->id, id);
    snprintf(view->id, sizeof view->id, "%.*s", KEY_ID_SIZE, id);
    view->account = key->account;
    snprintf(view->email, sizeof view->email, "%s", owner->email);
    snprintf(view->label, sizeof view->label, "%s", key->label);
    view->state = key->state;
out:
    if (key != NULL)
        sodium_memzero(key, sizeof *key);
    free(owner);
    free(key);
    return e;
}

struct walk {
    struct store_tx *tx;
    struct leak_view *view;
    bool (*each)(void *context, const struct leak_view *view);
    void *context;
    enum err e;
};

static bool walk_step(void *context, const struct store_leak *leak)
{
    struct walk *w = context;

    w->view->leak = *leak;
    w->e = view_fill(w->tx, w->view);
    return w->e == OK && w->each(w->context, w->view);
}

enum err leak_views_each(struct authority *a, uint64_t before, size_t most,
                         bool (*each)(void *context, const struct leak_view *view), void *context)
{
    struct walk w = { .view = calloc(1, sizeof *w.view), .each = each, .context = context };
    enum err e = ERR_MEMORY;

    if (w.view == NULL)
        goto out;
    TRY(store_begin(a->store, &w.tx));
    TRY(store_leaks_each(w.tx, before, most, walk_step, &w));
    e = w.e;
out:
    store_rollback(&w.tx);
    free(w.view);
    return e;
}

enum err leak_view_get(struct authority *a, uint64_t id, struct leak_view *view,
                       bool (*each)(void *context, const struct store_leak_place *place),
                       void *context)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_leak_get(tx, id, &view->leak));
    TRY(view_fill(tx, view));
    e = store_leak_places_each(tx, id, each, context);
out:
    store_rollback(&tx);
    return e;
}

enum err leak_of_key_find(struct authority *a, const char *key, enum leak_kind kind, uint64_t *id,
                          bool *present)
{
    struct store_leak *leak = calloc(1, sizeof *leak);
    struct store_tx *tx = NULL;
    enum err e = ERR_MEMORY;

    *present = false;
    if (leak == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(store_leak_find(tx, key, kind, leak, present));
    *id = leak->id;
out:
    store_rollback(&tx);
    free(leak);
    return e;
}

void leak_view_use(struct authority *a, const struct leak_view *view, struct leak_use *use)
{
    leak_use_read(a->trail, view->leak.key, view->leak.found_at_ns, use);
}
