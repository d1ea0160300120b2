#include "authority/leak_mask.h"

#include <ctype.h>
#include <string.h>

#include "base/err.h"
#include "keys/key_text.h"

enum {
    BODY_SIZE = SECRET_TEXT_SIZE - KEY_PREFIX_SIZE,
    SHOWN_SIZE = 4,
    MEMBER_SIZE = 513,
};

static bool is_secret(const char *text)
{
    if (memcmp(text, "lks_live_", KEY_PREFIX_SIZE) != 0 &&
        memcmp(text, "lks_test_", KEY_PREFIX_SIZE) != 0)
        return false;
    for (size_t i = KEY_PREFIX_SIZE; i < SECRET_TEXT_SIZE; i++)
        if (!isalnum((unsigned char)text[i]))
            return false;
    return true;
}

static void leak_mask(char *text, size_t size)
{
    for (size_t i = 0; i + SECRET_TEXT_SIZE <= size; i++)
        if (is_secret(text + i))
            memset(text + i + KEY_PREFIX_SIZE, '*', BODY_SIZE - SHOWN_SIZE);
}

/* How much of the text fits into `most` bytes without cutting a character. */
static size_t whole_characters(struct slice text, size_t most)
{
    size_t size = text.size < most ? text.size : most;

    while (size < text.size && size > 0 && ((unsigned char)text.at[size] & 0xC0) == 0x80)
        size--;
    return size;
}

void leak_text_copy(struct slice text, char *to, size_t size)
{
    size_t kept = whole_characters(text, size - 1);

    if (kept > 0)
        memcpy(to, text.at, kept);
    to[kept] = '\0';
    leak_mask(to, kept);
    for (size_t i = 0; i < kept; i++)
        if ((unsigned char)to[i] < ' ' || to[i] == 0x7F)
            to[i] = ' ';
}

static json_t *member_clean(const json_t *value)
{
    struct slice text = { json_string_value(value), json_string_length(value) };
    char clean[MEMBER_SIZE];

    if (json_is_integer(value))
        return json_integer(json_integer_value(value));
    if (!json_is_string(value))
        return NULL;
    leak_text_copy(text, clean, sizeof clean);
    return json_string(clean);
}

json_t *leak_place_clean(const json_t *place, size_t size)
{
    json_t *clean = json_object(), *value;
    size_t used = sizeof "{}";
    const char *name;

    if (clean == NULL)
        return NULL;
    /* NOLINTNEXTLINE: the library's loop takes a pointer that is not const and changes nothing. */
    json_object_foreach((json_t *)(uintptr_t)place, name, value)
    {
        json_t *member = member_clean(value);
        size_t more =
            member == NULL
                ? size
                : strlen(name) * 6 + json_dumpb(member, NULL, 0, JSON_ENCODE_ANY) + sizeof ",\"\":";

        /* A name that holds a secret is no name of ours. */
        if (used + more > size || strstr(name, "lks_") != NULL) {
            json_decref(member);
            continue;
        }
        used += more;
        if (json_object_set_new(clean, name, member) != 0) {
            json_decref(clean);
            return NULL;
        }
    }
    return clean;
}
