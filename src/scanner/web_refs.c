#include "scanner/web_refs.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct look {
    bool (*each)(void *context, struct slice reference);
    void *context;
    bool ended;
};

static void tell(struct look *l, struct slice reference)
{
    if (!l->ended && reference.size > 0 && reference.size <= WEB_REF_MOST)
        l->ended = !l->each(l->context, reference);
}

static bool is_space(char c)
{
    return isspace((unsigned char)c) != 0;
}

static struct slice spaces_skip(struct slice text)
{
    while (text.size > 0 && is_space(*text.at))
        text = slice_from(text, 1);
    return text;
}

static bool starts(struct slice text, const char *word)
{
    size_t size = strlen(word);

    return text.size >= size && strncasecmp(text.at, word, size) == 0;
}

/* What stands in quotes at the start; empty: nothing does. */
static struct slice quoted(struct slice text)
{
    const char *end;

    if (text.size < 2 || (*text.at != '"' && *text.at != '\'' && *text.at != '`'))
        return SLICE_EMPTY;
    end = memchr(text.at + 1, *text.at, text.size - 1);
    return end == NULL ? SLICE_EMPTY : (struct slice){ text.at + 1, (size_t)(end - text.at) - 1 };
}

/* ---- Pages ---- */

/* An attribute of a tag; empty: it has none of that name. */
static struct slice attribute(struct slice tag, const char *name)
{
    size_t size = strlen(name);

    for (; tag.size > size; tag = slice_from(tag, 1)) {
        struct slice value;

        if (!is_space(*tag.at) || !starts(slice_from(tag, 1), name))
            continue;
        value = spaces_skip(slice_from(tag, size + 1));
        if (value.size == 0 || *value.at != '=')
            continue;
        value = spaces_skip(slice_from(value, 1));
        if (value.size > 0 && (*value.at == '"' || *value.at == '\''))
            return quoted(value);
        for (size = 0; size < value.size && !is_space(value.at[size]) && value.at[size] != '>';)
            size++;
        return (struct slice){ value.at, size };
    }
    return SLICE_EMPTY;
}

static void tags_look(struct look *l, struct slice page)
{
    const char *at;

    while (!l->ended && page.size > 0 && (at = memchr(page.at, '<', page.size)) != NULL) {
        const char *end;
        struct slice tag;

        page = slice_from(page, (size_t)(at - page.at) + 1);
        end = page.size == 0 ? NULL : memchr(page.at, '>', page.size);
        tag = (struct slice){ page.at, end == NULL ? page.size : (size_t)(end - page.at) };
        if (starts(tag, "script"))
            tell(l, attribute(tag, "src"));
        else if (starts(tag, "link") && (starts(attribute(tag, "rel"), "modulepreload") ||
                                         starts(attribute(tag, "as"), "script")))
            tell(l, attribute(tag, "href"));
    }
}

/* ---- Scripts, also those in pages ---- */

static const char map_mark[] = "sourceMappingURL=";

/* A map that stands in the address itself is looked at with the script. */
static void maps_look(struct look *l, struct slice text)
{
    const char *at;

    while (!l->ended && text.size > 0 &&
           (at = memmem(text.at, text.size, map_mark, sizeof map_mark - 1)) != NULL) {
        size_t size = 0;

        text = slice_from(text, (size_t)(at - text.at) + sizeof map_mark - 1);
        while (size < text.size && !is_space(text.at[size]) && text.at[size] != '*' &&
               text.at[size] != '"' && text.at[size] != '\'')
            size++;
        if (!starts(text, "data:"))
            tell(l, (struct slice){ text.at, size });
        text = slice_from(text, size);
    }
}

/* The names of packages lead nowhere in a browser. */
static bool leads_somewhere(struct slice module)
{
    return starts(module, "./") || starts(module, "../") || starts(module, "/") ||
           starts(module, "http://") || starts(module, "https://");
}

static void imports_look(struct look *l, struct slice text, const char *word)
{
    const char *at;

    while (!l->ended && text.size > 0 &&
           (at = memmem(text.at, text.size, word, strlen(word))) != NULL) {
        struct slice module;

        text = slice_from(text, (size_t)(at - text.at) + strlen(word));
        module = spaces_skip(text);
        if (module.size > 0 && *module.at == '(')
            module = spaces_skip(slice_from(module, 1));
        module = quoted(module);
        if (leads_somewhere(module))
            tell(l, module);
    }
}

bool web_is_page(struct slice content)
{
    content = spaces_skip(content);
    return starts(content, "<!doctype html") || starts(content, "<html") ||
           starts(content, "<head") || starts(content, "<script") || starts(content, "<!--");
}

void web_refs_each(struct slice content, bool is_page,
                   bool (*each)(void *context, struct slice reference), void *context)
{
    struct look look = { each, context, false };

    if (is_page)
        tags_look(&look, content);
    imports_look(&look, content, "import");
    imports_look(&look, content, "from");
    maps_look(&look, content);
}
