#include "authority/key_search.h"

#include <ctype.h>
#include <string.h>

enum { NAMED_LEAST = 4 }; /* characters: one in 14 million keys has them by chance */

/* "lki_live_Ab3d..." or "lki_test_Ab3d...": the beginning of a key's random characters, cut before
 * its checksum.  False: that is no beginning of a key id. */
static bool name_beginning(struct slice text, struct slice *random)
{
    if (!slice_starts(text, SLICE("lki_live_")) && !slice_starts(text, SLICE("lki_test_")))
        return false;
    *random = slice_from(text, KEY_PREFIX_SIZE);
    if (random->size > KEY_RANDOM_SIZE)
        random->size = KEY_RANDOM_SIZE;
    for (size_t i = 0; i < random->size; i++)
        if (!isalnum((unsigned char)random->at[i]))
            return false;
    return random->size >= NAMED_LEAST;
}

static struct slice folded(struct slice text, char into[STORE_KEY_LABEL_SIZE])
{
    size_t size = text.size < KEY_LABEL_MOST ? text.size : KEY_LABEL_MOST;

    for (size_t i = 0; i < size; i++)
        into[i] = (char)tolower((unsigned char)text.at[i]);
    return (struct slice){ into, size };
}

static enum err page_find(struct store_tx *tx, const struct key_search *s,
                          struct store_key_page *found, struct key_search_page *page)
{
    char label[STORE_KEY_LABEL_SIZE];
    struct slice random;
    enum err e;

    if (name_beginning(s->text, &random)) {
        TRY(store_key_page_named(tx, &s->filter, random, s->limit, found));
        page->total = found->count;
        page->total_is_least = found->count == s->limit;
    } else if (s->text.size > 0) {
        struct slice prefix = folded(s->text, label);

        TRY(store_key_page_labelled(tx, &s->filter, prefix, s->before, s->limit, found));
        TRY(store_key_count_labelled(tx, &s->filter, prefix, &page->total));
        page->total_is_least = page->total >= STORE_KEY_WALK_MOST;
    } else {
        TRY(store_key_page_newest(tx, &s->filter, s->before, s->limit, found));
        e = store_key_count(tx, &s->filter, &page->total);
    }
out:
    return e;
}

enum err key_search(struct authority *a, const struct key_search *search,
                    bool (*each)(void *context, const struct key_view *view), void *context,
                    struct key_search_page *page)
{
    struct store_tx *tx = NULL;
    struct key_search_page about = { .total = 0 }; /* search->before may be page->next */
    struct store_key_page found;
    struct key_view view;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(page_find(tx, search, &found, &about));
    for (size_t i = 0; i < found.count; i++) {
        TRY(key_view_read(a, tx, found.ids[i], &view));
        if (!each(context, &view))
            break;
    }
    *page = about;
    memcpy(page->next, found.next, sizeof page->next);
out:
    store_rollback(&tx);
    return e;
}

enum err key_check(struct authority *a, uint64_t account, const struct key_application *ask,
                   struct refusal *refusal)
{
    struct key_draft d = { .row.account = account, .name = "the key" };
    struct store_tx *tx = NULL;
    enum err e = OK;

    key_draft_label_read(&d, ask->label, refusal);
    if (!environment_parse(ask->environment, &d.row.environment))
        refusal_add_at(refusal, REFUSAL_INVALID, "environment", "environment-unknown",
                       "the environment is live or sandbox");
    key_draft_scopes_read(&d, ask, 0, refusal);
    key_draft_rules_read(&d, ask, refusal);
    TRY(store_begin(a->store, &tx));
    e = key_draft_clashes_judge(tx, &d, refusal);
out:
    store_rollback(&tx);
    return e;
}
