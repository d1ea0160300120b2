/* authority/leak_view.h: what there is to tell about a leak, to the owner and to operators (E1) */
#ifndef AUTHORITY_LEAK_VIEW_H
#define AUTHORITY_LEAK_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/leak_use.h"
#include "base/err.h"
#include "keys/key_text.h"
#include "store/accounts.h"
#include "store/leaks.h"

struct leak_view {
    struct store_leak leak;
    char id[KEY_ID_TEXT_SIZE]; /* of the key */
    uint64_t account;
    char email[ACCOUNT_EMAIL_SIZE];
    char label[STORE_KEY_LABEL_SIZE];
    enum key_state state; /* of the key, now */
};

/* The newest first, below `before` unless it is 0, `most` of them at most, until `each` returns
 * false; `each` may not use the store. */
must_use enum err leak_views_each(struct authority *a, uint64_t before, size_t most,
                                  bool (*each)(void *context, const struct leak_view *view),
                                  void *context);

/* A leak with its places, the first sighting first.  ERR_MISSING: no such leak. */
must_use enum err leak_view_get(struct authority *a, uint64_t id, struct leak_view *view,
                                bool (*each)(void *context, const struct store_leak_place *place),
                                void *context);

/* The leak of this kind, if the key has one; `key`: KEY_RANDOM_SIZE characters. */
must_use enum err leak_of_key_find(struct authority *a, const char *key, enum leak_kind kind,
                                   uint64_t *id, bool *present);

/* What was tried with the key since it was found. */
void leak_view_use(struct authority *a, const struct leak_view *view, struct leak_use *use);

#endif
