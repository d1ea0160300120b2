#include "scanner/source_map.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Of a map of sections, each with a map. */
enum { SECTIONS_MOST = 10000 };

struct search {
    struct matcher *matcher;
    const char *key;
    bool is_found;
};

static bool key_compare(void *context, const struct match *match)
{
    struct search *search = context;

    search->is_found = strcmp(match->text, search->key) == 0;
    return !search->is_found;
}

/* As it is, or in any of the ways in which one may stand in a file. */
static bool content_has(struct search *search, struct slice content)
{
    search->is_found = memmem(content.at, content.size, search->key, strlen(search->key)) != NULL;
    if (!search->is_found && content.size <= SOURCE_MAP_MOST)
        matcher_scan(search->matcher, content, content.size, 0, key_compare, search);
    return search->is_found;
}

static bool map_search(struct search *search, const json_t *map, char name[SOURCE_NAME_SIZE])
{
    const json_t *contents = json_object_get(map, "sourcesContent"), *each;
    const char *root = json_string_value(json_object_get(map, "sourceRoot")), *source;
    size_t i;

    json_array_foreach(contents, i, each)
    {
        const struct slice content = { json_string_value(each), json_string_length(each) };

        if (content.size == 0 || !content_has(search, content))
            continue;
        source = json_string_value(json_array_get(json_object_get(map, "sources"), i));
        if (source == NULL)
            return false;
        snprintf(name, SOURCE_NAME_SIZE, "%s%s", root == NULL ? "" : root, source);
        return true;
    }
    return false;
}

/* A line in front of it keeps browsers from running it as a script. */
static struct slice guard_skip(struct slice bytes)
{
    const char *end =
        slice_starts(bytes, SLICE(")]}'")) ? memchr(bytes.at, '\n', bytes.size) : NULL;

    return end == NULL ? bytes : slice_from(bytes, (size_t)(end - bytes.at) + 1);
}

bool source_map_name(struct matcher *matcher, struct slice bytes, const char *key,
                     char name[SOURCE_NAME_SIZE])
{
    struct search search = { .matcher = matcher, .key = key };
    const json_t *sections, *each;
    json_t *map = NULL;
    bool is = false;
    size_t i;

    bytes = guard_skip(bytes);
    if (bytes.size > SOURCE_MAP_MOST ||
        memmem(bytes.at, bytes.size, "\"sourcesContent\"", strlen("\"sourcesContent\"")) == NULL)
        return false;
    map = json_loadb(bytes.at, bytes.size, 0, NULL);
    is = map_search(&search, map, name);
    sections = json_object_get(map, "sections");
    json_array_foreach(sections, i, each)
    {
        if (is || i == SECTIONS_MOST)
            break;
        is = map_search(&search, json_object_get(each, "map"), name);
    }
    json_decref(map);
    return is;
}
