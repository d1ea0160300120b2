#include "keys/scope.h"

static const struct scope_row rows[SCOPE_COUNT] = {
#define SCOPE(bit, name, text, group, flags) [bit] = { text, SCOPE_GROUP_##group, flags },
#include "keys/scope.def"
#undef SCOPE
};

static const char *const group_texts[SCOPE_GROUP_COUNT] = { "read", "trade", "wallet", "lending",
                                                            "elevated" };

const struct scope_row *scope_get(enum scope scope)
{
    return &rows[scope];
}

bool scope_find(struct slice text, enum scope *scope)
{
    for (unsigned i = 0; i < SCOPE_COUNT; i++) {
        if (slice_is(text, slice_of(rows[i].text))) {
            *scope = (enum scope)i;
            return true;
        }
    }
    return false;
}

const char *scope_group_text(enum scope_group group)
{
    return group_texts[group];
}

bool scope_group_find(struct slice text, enum scope_group *group)
{
    for (unsigned i = 0; i < SCOPE_GROUP_COUNT; i++) {
        if (slice_is(text, slice_of(group_texts[i]))) {
            *group = (enum scope_group)i;
            return true;
        }
    }
    return false;
}

uint32_t scopes_of_group(enum scope_group group)
{
    uint32_t scopes = 0;

    for (unsigned i = 0; i < SCOPE_COUNT; i++)
        scopes |= rows[i].group == group ? SCOPE_BIT(i) : 0;
    return scopes;
}

uint32_t scopes_with(enum scope_flag flag)
{
    uint32_t scopes = 0;

    for (unsigned i = 0; i < SCOPE_COUNT; i++)
        scopes |= (rows[i].flags & flag) != 0 ? SCOPE_BIT(i) : 0;
    return scopes;
}

size_t scopes_format(uint32_t scopes, char text[SCOPES_TEXT_SIZE])
{
    size_t size = 0;

    for (unsigned i = 0; i < SCOPE_COUNT; i++) {
        struct slice word = slice_of(rows[i].text);

        if ((scopes & SCOPE_BIT(i)) == 0)
            continue;
        if (size > 0)
            text[size++] = ' ';
        memcpy(text + size, word.at, word.size);
        size += word.size;
    }
    text[size] = '\0';
    return size;
}
