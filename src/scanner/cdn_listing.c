#include "scanner/cdn_listing.h"

#include <stdio.h>
#include <string.h>

#include "scanner/npm.h"

enum { DEPTH_MOST = 32, VERSION_MOST = 128, LIBRARY_MOST = 100 };

static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

bool cdn_package_is_good(enum cdn cdn, const char *name)
{
    struct npm_name parsed;

    if (cdn == CDN_CDNJS)
        return *name != '\0' && *name != '.' && strlen(name) <= LIBRARY_MOST &&
               name[strspn(name, word)] == '\0';
    return npm_name_parse(slice_of(name), &parsed) && strcmp(parsed.name, name) == 0;
}

/* Semantic versions have a plus, too. */
static bool version_is_good(const char *version)
{
    size_t size = strlen(version);

    for (size_t i = 0; i < size; i++)
        if (strchr(word, version[i]) == NULL && version[i] != '+')
            return false;
    return size > 0 && size <= VERSION_MOST && version[0] != '.' && version[0] != '-';
}

/* ---- Addresses ---- */

static bool fits(int size)
{
    return size >= 0 && size < CDN_URL_SIZE;
}

static const char *slash_after(const char *base)
{
    return base[strlen(base) - 1] == '/' ? "" : "/";
}

bool cdn_versions_url(const struct cdn_base *base, const char *package, char url[CDN_URL_SIZE])
{
    switch (base->cdn) {
    case CDN_JSDELIVR:
        return fits(snprintf(url, CDN_URL_SIZE, "%s%sv1/packages/npm/%s", base->api,
                             slash_after(base->api), package));
    case CDN_UNPKG:
        return fits(snprintf(url, CDN_URL_SIZE, "%s%s%s/package.json", base->files,
                             slash_after(base->files), package));
    case CDN_CDNJS:
        break;
    }
    return fits(snprintf(url, CDN_URL_SIZE, "%s%slibraries/%s?fields=versions", base->api,
                         slash_after(base->api), package));
}

bool cdn_files_url(const struct cdn_base *base, const char *package, const char *version,
                   char url[CDN_URL_SIZE])
{
    switch (base->cdn) {
    case CDN_JSDELIVR:
        return fits(snprintf(url, CDN_URL_SIZE, "%s%sv1/packages/npm/%s@%s?structure=flat",
                             base->api, slash_after(base->api), package, version));
    case CDN_UNPKG:
        return fits(snprintf(url, CDN_URL_SIZE, "%s%s%s@%s/?meta", base->files,
                             slash_after(base->files), package, version));
    case CDN_CDNJS:
        break;
    }
    return fits(snprintf(url, CDN_URL_SIZE, "%s%slibraries/%s/%s?fields=files", base->api,
                         slash_after(base->api), package, version));
}

bool cdn_file_url(const struct cdn_base *base, const char *package, const char *version,
                  const char *file, char url[CDN_URL_SIZE])
{
    static const char *const forms[] = { [CDN_JSDELIVR] = "%s%snpm/%s@%s",
                                         [CDN_UNPKG] = "%s%s%s@%s",
                                         [CDN_CDNJS] = "%s%sajax/libs/%s/%s" };
    int size = snprintf(url, CDN_URL_SIZE, forms[base->cdn], base->files, slash_after(base->files),
                        package, version);
    size_t at;

    if (!fits(size))
        return false;
    at = (size_t)size;
    for (; *file != '\0'; file++) {
        bool plain = *file == '/' || strchr(word, *file) != NULL;

        if (at + 4 > CDN_URL_SIZE)
            return false;
        at += (size_t)snprintf(url + at, CDN_URL_SIZE - at, plain ? "%c" : "%%%02X",
                               (unsigned char)*file);
    }
    return true;
}

/* ---- Listings ---- */

struct listing {
    json_t *list;
    size_t left_out, most;
};

static enum err listing_add(struct listing *l, const json_t *value, bool is_file)
{
    const char *text = json_string_value(value);
    char path[CDN_NAME_MOST + 2];

    /* Names with a zero in them are none. */
    if (text == NULL || strlen(text) != json_string_length(value) ||
        (is_file ? *text == '\0' || strlen(text) > CDN_NAME_MOST || strstr(text, "..") != NULL
                 : !version_is_good(text))) {
        l->left_out++;
        return OK;
    }
    if (json_array_size(l->list) >= l->most)
        return ERR_FULL;
    snprintf(path, sizeof path, "%s%s", is_file && *text != '/' ? "/" : "", text);
    return json_array_append_new(l->list, json_string(path)) == 0 ? OK : ERR_MEMORY;
}

/* unpkg's older form nests folders. */
static enum err tree_add(struct listing *l, const json_t *files, unsigned depth)
{
    const json_t *file;
    enum err e = OK;
    size_t i;

    json_array_foreach(files, i, file)
    {
        const json_t *below = json_object_get(file, "files");

        if (json_is_array(below) && depth == DEPTH_MOST)
            return ERR_MALFORMED;
        if (json_is_array(below))
            TRY(tree_add(l, below, depth + 1));
        else
            TRY(listing_add(l, json_object_get(file, "path"), true));
    }
out:
    return e;
}

static enum err versions_add(enum cdn cdn, struct listing *l, const json_t *whole)
{
    const json_t *versions = json_object_get(whole, "versions"), *each;
    enum err e = OK;
    size_t i;

    if (cdn == CDN_UNPKG)
        return json_is_string(json_object_get(whole, "version"))
                   ? listing_add(l, json_object_get(whole, "version"), false)
                   : ERR_MALFORMED;
    if (!json_is_array(versions))
        return ERR_MALFORMED;
    json_array_foreach(versions, i, each)
        TRY(listing_add(l, cdn == CDN_CDNJS ? each : json_object_get(each, "version"), false));
out:
    return e;
}

static enum err files_add(enum cdn cdn, struct listing *l, const json_t *whole)
{
    const json_t *files = json_object_get(whole, "files"), *each;
    enum err e = OK;
    size_t i;

    if (!json_is_array(files))
        return ERR_MALFORMED;
    if (cdn == CDN_UNPKG)
        return tree_add(l, files, 0);
    json_array_foreach(files, i, each)
        TRY(listing_add(l, cdn == CDN_CDNJS ? each : json_object_get(each, "name"), true));
out:
    return e;
}

static enum err parse(enum cdn cdn, struct slice text, size_t most,
                      enum err (*add)(enum cdn cdn, struct listing *l, const json_t *whole),
                      json_t **list, size_t *left_out)
{
    json_t *whole = json_loadb(text.at == NULL ? "" : text.at, text.size, JSON_ALLOW_NUL, NULL);
    struct listing l = { .list = json_array(), .most = most };
    enum err e = l.list == NULL ? ERR_MEMORY : add(cdn, &l, whole);

    json_decref(whole);
    *left_out = l.left_out;
    *list = l.list;
    if (e != OK) {
        json_decref(l.list);
        *list = NULL;
    }
    return e;
}

enum err cdn_versions_parse(enum cdn cdn, struct slice text, json_t **versions, size_t *left_out)
{
    return parse(cdn, text, CDN_VERSIONS_MOST, versions_add, versions, left_out);
}

enum err cdn_files_parse(enum cdn cdn, struct slice text, json_t **files, size_t *left_out)
{
    return parse(cdn, text, CDN_FILES_MOST, files_add, files, left_out);
}
