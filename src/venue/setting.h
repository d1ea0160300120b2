/* venue/setting.h: what clients keep at the exchange under names of their own
 *
 * A name begins with "api:"; a value is any JSON, kept as compact text.
 *
 * Source: reference of the venue's REST API, 8.8.
 */
#ifndef VENUE_SETTING_H
#define VENUE_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "venue/arena.h"

enum {
    SETTINGS_MOST = 200, /* of an account */
    SETTING_KEY_MOST = 64,
    SETTING_VALUE_MOST = 2048, /* bytes of its JSON */
    SETTING_WORDS_MOST = SETTING_KEY_MOST + 1 + SETTING_VALUE_MOST
};

struct setting {
    char *key, *value; /* zero-terminated, of the arena */
};

/* In the order in which they were first set. */
struct settings_kept {
    struct setting at[SETTINGS_MOST];
    size_t count;
};

/* "api:" and letters, digits, '_' and '-'. */
bool setting_key_is_good(struct slice key);

/* NULL: there is none. */
const struct setting *setting_find(const struct settings_kept *settings, struct slice key);

/* False: there are as many as can be. */
bool setting_set(struct settings_kept *settings, struct arena *arena, struct slice key,
                 struct slice value);
bool setting_delete(struct settings_kept *settings, struct arena *arena, struct slice key);

/* The words of an ENTRY_SETTING_SET; returns their size. */
size_t setting_words(struct slice key, struct slice value, char words[SETTING_WORDS_MOST]);
bool setting_words_take(struct slice words, struct slice *key, struct slice *value);

#endif
