#include "scanner/source_hosting.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "http/fetch.h"
#include "scanner/source_git.h"

enum { PAGE_MOST = 64 << 20, URL_SIZE = 4096, NAME_MOST = 512, TOKEN_MOST = 4096 };

/* ---- The list ---- */

static bool text_is_good(const json_t *value)
{
    size_t size = json_string_length(value);

    return json_is_string(value) && size > 0 && size <= NAME_MOST &&
           strpbrk(json_string_value(value), "\r\n\t \"\\") == NULL;
}

enum err hosting_page_parse(enum source_kind kind, struct slice text, json_t *found, size_t *count)
{
    bool is_github = kind == SOURCE_GITHUB;
    json_t *page = json_loadb(text.at == NULL ? "" : text.at, text.size, 0, NULL), *each;
    enum err e = json_is_array(page) ? OK : ERR_MALFORMED;
    size_t i;

    *count = json_array_size(page);
    json_array_foreach(page, i, each)
    {
        json_t *name = json_object_get(each, is_github ? "full_name" : "path_with_namespace");
        json_t *url = json_object_get(each, is_github ? "clone_url" : "http_url_to_repo");
        const json_t *at = json_object_get(each, is_github ? "pushed_at" : "last_activity_at");

        if (!text_is_good(name) || !text_is_good(url) ||
            !fetch_is_address(json_string_value(url)) ||
            strchr(json_string_value(url), '@') != NULL)
            continue;
        json_object_set_new(found, json_string_value(name),
                            json_pack("[s, s]", json_string_value(url),
                                      json_is_string(at) ? json_string_value(at) : ""));
    }
    json_decref(page);
    return e;
}

/* A group of GitLab may be below another: its slashes are no parts of the path. */
static void owner_escape(const char *owner, char *escaped, size_t size)
{
    size_t at = 0;

    for (; *owner != '\0' && at + 4 < size; owner++)
        at += (size_t)snprintf(escaped + at, size - at, *owner == '/' ? "%%2F" : "%c", *owner);
    escaped[at] = '\0';
}

bool hosting_page_url(const struct source_settings *settings, unsigned page, char *url, size_t size)
{
    const char *api = settings->api, *slash = api[strlen(api) - 1] == '/' ? "" : "/";
    char owner[NAME_MOST];
    int written;

    owner_escape(settings->owner, owner, sizeof owner);
    written = settings->kind == SOURCE_GITHUB
                  ? snprintf(url, size, "%s%sorgs/%s/repos?per_page=%d&page=%u", api, slash, owner,
                             HOSTING_PAGE_COUNT, page)
                  : snprintf(url, size,
                             "%s%sgroups/%s/projects?include_subgroups=true&per_page=%d&page=%u",
                             api, slash, owner, HOSTING_PAGE_COUNT, page);
    return written > 0 && (size_t)written < size;
}

static enum err page_get(struct source *s, unsigned page, json_t *found, size_t *count)
{
    char url[URL_SIZE];
    struct buffer text;
    bool changed;
    enum err e;

    buffer_init(&text);
    TRY(hosting_page_url(s->settings, page, url, sizeof url) ? OK : ERR_RANGE);
    e = manners_get(&s->manners, url, PAGE_MOST, NULL, &text, &changed);
    if (e == OK)
        e = hosting_page_parse(s->settings->kind, buffer_slice(&text), found, count);
    if (e == ERR_MALFORMED)
        source_error(s, "%.300s: it is no list of repositories", url);
    else if (e != OK && e != ERR_CONFLICT)
        source_error(s, "%.300s: %s", url, s->manners.why);
out:
    buffer_wipe(&text);
    return e;
}

static enum err list_get(struct source *s, json_t *found)
{
    size_t count = HOSTING_PAGE_COUNT;
    enum err e = OK;

    for (unsigned page = 1; e == OK && count >= HOSTING_PAGE_COUNT; page++) {
        if (json_object_size(found) > HOSTING_REPOSITORIES_MOST) {
            source_miss(s, s->settings->owner, "it has more repositories than are looked at");
            break;
        }
        e = page_get(s, page, found, &count);
    }
    return e;
}

/* ---- Repositories ---- */

static void gone_say(struct source *s, json_t *repositories, const json_t *found)
{
    const char *name;
    json_t *noted;
    void *next;

    json_object_foreach_safe(repositories, next, name, noted)
    {
        if (json_object_get(found, name) != NULL)
            continue;
        log_info("scanner", "%s: %s is not listed any more", s->settings->name, name);
        json_object_del(repositories, name);
    }
}

static enum err repository_visit(struct source *s, json_t *repositories, const char *name,
                                 const json_t *entry)
{
    json_t *noted = source_member(repositories, name), *at = json_array_get(entry, 1);
    enum err e;

    if (noted == NULL)
        return ERR_MEMORY;
    if (json_string_length(at) > 0 && json_equal(at, json_object_get(noted, "pushed_at")))
        return OK;
    e = source_git_visit(s, json_string_value(json_array_get(entry, 0)), noted);
    if (e == OK) {
        json_object_set(noted, "pushed_at", at);
        e = source_keep(s);
    }
    return e;
}

enum err source_hosting_turn(struct source *source)
{
    json_t *repositories = source_member(source->checkpoint, "repositories");
    json_t *found = json_object(), *entry;
    char failed[SOURCE_ERROR_SIZE] = "";
    const char *name;
    enum err e = found == NULL || repositories == NULL ? ERR_MEMORY : OK, one;

    TRY(e);
    TRY(list_get(source, found));
    gone_say(source, repositories, found);
    json_object_foreach(found, name, entry)
    {
        one = repository_visit(source, repositories, name, entry);
        if (one == ERR_MEMORY || one == ERR_CONFLICT) {
            e = one;
            goto out;
        }
        if (one != OK)
            memcpy(failed, source->error, sizeof failed);
        source->error[0] = '\0';
    }
    if (failed[0] != '\0') {
        memcpy(source->error, failed, sizeof failed);
        e = ERR_IO;
    }
out:
    json_decref(found);
    return e;
}
