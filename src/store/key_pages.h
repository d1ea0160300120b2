/* store/key_pages.h: the keys of an account by the page
 *
 * An account may have a million keys (B7), so nothing here reads more of them than a page needs:
 * each statement walks an index that has all it asks for, and stops.
 */
#ifndef STORE_KEY_PAGES_H
#define STORE_KEY_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/slice.h"
#include "keys/environment.h"
#include "keys/key_state.h"
#include "store/store.h"

enum {
    STORE_KEY_PAGE_MOST = 200,
    STORE_KEY_WALK_MOST = 5000, /* index entries that one search looks at */
};

/* What is asked for: bits say which are wanted. */
struct store_key_filter {
    uint64_t account;
    unsigned environments; /* bit n: enum environment n */
    unsigned states;       /* bit n: enum key_state n */
};

struct store_key_page {
    char ids[STORE_KEY_PAGE_MOST][RECORD_KEY_SIZE];
    size_t count;
    char next[RECORD_KEY_SIZE]; /* goes into `before` of the next page; zeros: this is the last */
};

/* Up to `limit` (<= STORE_KEY_PAGE_MOST) keys, newest first, from before the key `before` on (NULL:
 * from the newest).  Before a key that is not the account's there is nothing; `before` may be
 * page->next. */
must_use enum err store_key_page_newest(struct store_tx *tx, const struct store_key_filter *filter,
                                        const char *before, size_t limit,
                                        struct store_key_page *page);

/* Those whose folded label begins with `prefix`, in the order of the labels, from behind the key
 * `before` on.  A page may be shorter than `limit` and yet have a next one: a walk ends after
 * STORE_KEY_WALK_MOST labels. */
must_use enum err store_key_page_labelled(struct store_tx *tx,
                                          const struct store_key_filter *filter,
                                          struct slice prefix, const char *before, size_t limit,
                                          struct store_key_page *page);

/* The one page of those whose id begins with `prefix`, in the order of the ids.  Account 0: of all
 * accounts. */
must_use enum err store_key_page_named(struct store_tx *tx, const struct store_key_filter *filter,
                                       struct slice prefix, size_t limit,
                                       struct store_key_page *page);

/* Kept numbers, not counted ones. */
must_use enum err store_key_count(struct store_tx *tx, const struct store_key_filter *filter,
                                  uint64_t *count);

/* Labels that begin with `prefix`; stops at STORE_KEY_WALK_MOST. */
must_use enum err store_key_count_labelled(struct store_tx *tx,
                                           const struct store_key_filter *filter,
                                           struct slice prefix, uint64_t *count);

#endif
