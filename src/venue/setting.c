#include "venue/setting.h"

#include <stdlib.h>

#include "base/log.h"

bool setting_key_is_good(struct slice key)
{
    if (!slice_starts(key, SLICE("api:")) || key.size > SETTING_KEY_MOST)
        return false;
    for (size_t i = SLICE("api:").size; i < key.size; i++) {
        char c = key.at[i];

        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' &&
            c != '-')
            return false;
    }
    return true;
}

static size_t setting_index(const struct settings_kept *settings, struct slice key)
{
    size_t i = 0;

    while (i < settings->count && !slice_is(key, slice_of(settings->at[i].key)))
        i++;
    return i;
}

const struct setting *setting_find(const struct settings_kept *settings, struct slice key)
{
    size_t i = setting_index(settings, key);

    return i == settings->count ? NULL : &settings->at[i];
}

static char *text_keep(struct arena *arena, struct slice text)
{
    char *kept = arena_take(arena, text.size + 1);

    if (text.size > 0)
        memcpy(kept, text.at, text.size);
    return kept;
}

static void text_give(struct arena *arena, char *text)
{
    if (text != NULL)
        arena_give(arena, text, strlen(text) + 1);
}

bool setting_set(struct settings_kept *settings, struct arena *arena, struct slice key,
                 struct slice value)
{
    size_t i = setting_index(settings, key);

    if (i == SETTINGS_MOST)
        return false;
    if (i == settings->count)
        settings->at[settings->count++] = (struct setting){ .key = text_keep(arena, key) };
    text_give(arena, settings->at[i].value);
    settings->at[i].value = text_keep(arena, value);
    return true;
}

bool setting_delete(struct settings_kept *settings, struct arena *arena, struct slice key)
{
    size_t i = setting_index(settings, key);

    if (i == settings->count)
        return false;
    text_give(arena, settings->at[i].key);
    text_give(arena, settings->at[i].value);
    settings->count--;
    memmove(&settings->at[i], &settings->at[i + 1], (settings->count - i) * sizeof *settings->at);
    return true;
}

size_t setting_words(struct slice key, struct slice value, char words[SETTING_WORDS_MOST])
{
    memcpy(words, key.at, key.size);
    words[key.size] = '\0';
    memcpy(words + key.size + 1, value.at, value.size);
    return key.size + 1 + value.size;
}

bool setting_words_take(struct slice words, struct slice *key, struct slice *value)
{
    const char *zero = words.size == 0 ? NULL : memchr(words.at, '\0', words.size);

    if (zero == NULL)
        return false;
    *key = (struct slice){ words.at, (size_t)(zero - words.at) };
    *value = slice_from(words, key->size + 1);
    return true;
}
