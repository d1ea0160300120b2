#include "authority/notice.h"

struct walk {
    uint64_t read_up_to;
    bool (*each)(void *context, const struct store_event *event, bool is_read);
    void *context;
};

static bool walk_step(void *context, const struct store_event *event)
{
    struct walk *w = context;

    return w->each(w->context, event, event->id <= w->read_up_to);
}

enum err notices_each(struct authority *a, uint64_t account, uint64_t before,
                      bool (*each)(void *context, const struct store_event *event, bool is_read),
                      void *context, uint64_t *unread)
{
    struct walk w = { .each = each, .context = context };
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_notice_read_get(tx, account, &w.read_up_to));
    TRY(store_notices_unread_count(tx, account, NOTICES_COUNTED_MOST, unread));
    e = store_events_each(tx, account, before, NOTICES_MOST, walk_step, &w);
out:
    store_rollback(&tx);
    return e;
}

enum err notices_read(struct authority *a, uint64_t account, uint64_t up_to)
{
    struct store_tx *tx = NULL;
    struct store_event newest;
    enum err e;

    TRY(store_begin(a->store, &tx));
    /* Only what there is: nothing that comes later is read unseen. */
    e = store_event_get(tx, up_to, &newest);
    if (e == ERR_MISSING || (e == OK && newest.account != account)) {
        e = OK;
        goto out;
    }
    TRY(e);
    TRY(store_notice_read_set(tx, account, up_to));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}
