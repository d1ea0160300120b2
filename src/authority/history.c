#include "authority/history.h"

enum { LOOKED_AT_MOST = 5000 };

struct walk {
    const struct country_book *countries;
    bool (*each)(void *context, const struct store_event *event, const char country[COUNTRY_SIZE]);
    void *context;
};

static bool look(void *context, const struct store_event *event)
{
    const struct walk *walk = context;
    char country[COUNTRY_SIZE];

    if (event->address[0] == '\0')
        return true;
    country_find(walk->countries, slice_of(event->address), country);
    return walk->each(walk->context, event, country);
}

enum err history_each(struct authority *a, uint64_t account, uint64_t before,
                      bool (*each)(void *context, const struct store_event *event,
                                   const char country[COUNTRY_SIZE]),
                      void *context)
{
    struct walk walk = { a->countries, each, context };
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = store_events_each(tx, account, before, LOOKED_AT_MOST, look, &walk);
out:
    store_rollback(&tx);
    return e;
}
