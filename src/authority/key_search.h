/* authority/key_search.h: an account's keys by the page, and a form that is checked as one types */
#ifndef AUTHORITY_KEY_SEARCH_H
#define AUTHORITY_KEY_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/key_draft.h"
#include "authority/key_view.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/key_pages.h"

struct key_search {
    struct store_key_filter filter; /* account 0: of all accounts, by id only */
    /* Empty: all, newest first.  The beginning of a key id (four characters behind its prefix at
     * least), or else of a label, whose letters may be large or small: in the order of those. */
    struct slice text;
    const char *before; /* a page's `next`; NULL: the first page */
    size_t limit;       /* 1 to STORE_KEY_PAGE_MOST */
};

struct key_search_page {
    char next[KEY_RANDOM_SIZE]; /* zeros: this is the last one */
    uint64_t total;
    bool total_is_least; /* there are more than were counted */
};

/* Calls `each` for the keys of the page until it returns false; `each` may not use the store. */
must_use enum err key_search(struct authority *a, const struct key_search *search,
                             bool (*each)(void *context, const struct key_view *view),
                             void *context, struct key_search_page *page);

/* What stands against such a key of the account, but for groups that are not confirmed yet; an
 * empty application is one that nobody has begun to fill in, and refused for that.  Nothing is
 * changed. */
must_use enum err key_check(struct authority *a, uint64_t account,
                            const struct key_application *ask, struct refusal *refusal);

#endif
