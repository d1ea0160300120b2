#include "scanner/source_npm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "scanner/npm.h"

enum { PAGE_COUNT = 200, PAGE_MOST = 64 << 20, DESCRIPTION_MOST = 128 << 20 };

/* ---- The feed ---- */

static bool sequence_copy(const json_t *value, char text[NPM_SEQUENCE_SIZE])
{
    int size = -1;

    if (json_is_integer(value))
        size =
            snprintf(text, NPM_SEQUENCE_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_string(value) &&
             strspn(json_string_value(value), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789-_") == json_string_length(value))
        size = snprintf(text, NPM_SEQUENCE_SIZE, "%s", json_string_value(value));
    return size > 0 && size < NPM_SEQUENCE_SIZE;
}

static bool names_have(const json_t *names, const char *name)
{
    const json_t *each;
    size_t i;

    json_array_foreach(names, i, each) if (strcmp(json_string_value(each), name) == 0) return true;
    return false;
}

enum err npm_changes_parse(struct slice text, struct npm_changes *changes)
{
    json_t *page = json_loadb(text.at == NULL ? "" : text.at, text.size, 0, NULL);
    const json_t *results = json_object_get(page, "results"), *change;
    struct npm_name name;
    enum err e = ERR_MALFORMED;
    size_t i;

    *changes = (struct npm_changes){ .names = json_array() };
    if (changes->names == NULL || !json_is_array(results) ||
        !sequence_copy(json_object_get(page, "last_seq"), changes->next))
        goto out;
    changes->count = json_array_size(results);
    json_array_foreach(results, i, change)
    {
        const char *id = json_string_value(json_object_get(change, "id"));

        if (id != NULL && npm_name_parse(slice_of(id), &name) && strcmp(name.name, id) == 0 &&
            !names_have(changes->names, id))
            json_array_append_new(changes->names, json_string(id));
    }
    e = OK;
out:
    if (e != OK)
        npm_changes_wipe(changes);
    json_decref(page);
    return e;
}

void npm_changes_wipe(struct npm_changes *changes)
{
    json_decref(changes->names);
    changes->names = NULL;
}

/* CouchDB's later sequences are a number and something behind a dash. */
bool npm_sequence_is_reset(const char *since, const char *next)
{
    return strtoull(next, NULL, 10) < strtoull(since, NULL, 10);
}

/* ---- A version ---- */

static bool is_listed(const struct source *s, const char *name)
{
    for (unsigned i = 0; i < s->settings->packages_count; i++)
        if (strcmp(s->settings->packages[i], name) == 0)
            return true;
    return s->settings->packages_count == 0;
}

static const char *hash_of(const json_t *dist)
{
    const char *integrity = json_string_value(json_object_get(dist, "integrity"));
    const char *shasum = json_string_value(json_object_get(dist, "shasum"));

    return integrity != NULL ? integrity : shasum != NULL ? shasum : "";
}

static enum err tarball_look(struct source *s, const char *name, const char *version,
                             const json_t *dist, struct slice bytes)
{
    json_t *place =
        json_pack("{s:s, s:s, s:s, s:s}", "package", name, "version", version, "integrity",
                  hash_of(dist), "url", json_string_value(json_object_get(dist, "tarball")));
    char text[NPM_NAME_SIZE + NPM_VERSION_SIZE + 8];
    struct work work = { .place = text, .fd = -1, .details = manners_told(&s->manners) };
    bool is_unproven;
    enum err e;

    snprintf(text, sizeof text, "npm:%s@%s", name, version);
    /* A key in it is public whatever its hash is. */
    if (npm_hash_check(dist, bytes, &is_unproven) != OK)
        source_miss(s, text, "what came is not what the registry's hash says");
    TRY(file_in_memory(bytes, &work.fd));
    e = source_look(s, &work, 1, place);
    close(work.fd);
out:
    json_decref(work.details);
    json_decref(place);
    return e;
}

static enum err version_visit(struct source *s, const char *name, const char *version,
                              const json_t *dist)
{
    const char *url = json_string_value(json_object_get(dist, "tarball"));
    char place[NPM_NAME_SIZE + NPM_VERSION_SIZE + 8];
    struct buffer bytes;
    bool changed;
    enum err e;

    snprintf(place, sizeof place, "npm:%.214s@%.128s", name, version);
    if (url == NULL || strncmp(url, "http", 4) != 0) {
        source_miss(s, place, "the registry does not say where it is");
        return OK;
    }
    buffer_init(&bytes);
    e = manners_get(&s->manners, url, NPM_PACKAGE_MOST, NULL, &bytes, &changed);
    if (e == OK)
        e = tarball_look(s, name, version, dist, buffer_slice(&bytes));
    else if (manners_is_for_good(e) || (e == ERR_IO && s->failures >= SOURCE_ATTEMPTS_MOST)) {
        source_miss(s, place, s->manners.why);
        e = OK;
    } else if (e != ERR_CONFLICT) {
        source_error(s, "%s: %s", place, s->manners.why);
    }
    buffer_wipe(&bytes);
    return e;
}

/* ---- A package ---- */

/* Times are RFC 3339 in UTC: in the order of their text. */
static bool is_recent(const struct source *s, const json_t *description, const char *version)
{
    const char *at =
        json_string_value(json_object_get(json_object_get(description, "time"), version));
    char from[CLOCK_TEXT_SIZE];

    clock_format(clock_wall_ns() - s->settings->days * 86400 * NS_PER_S, from);
    return at == NULL || strcmp(at, from) >= 0;
}

/* `seen`: version → hash; NULL: nothing is noted. */
static enum err versions_visit(struct source *s, const char *name, const json_t *description,
                               json_t *seen)
{
    json_t *versions = json_object_get(description, "versions"), *each;
    const char *version;
    enum err e = OK;

    json_object_foreach(versions, version, each)
    {
        const json_t *dist = json_object_get(each, "dist");
        const char *noted = json_string_value(json_object_get(seen, version));

        if (seen == NULL ? !is_recent(s, description, version)
                         : noted != NULL && strcmp(noted, hash_of(dist)) == 0)
            continue;
        TRY(version_visit(s, name, version, dist));
        if (seen == NULL)
            continue;
        json_object_set_new(seen, version, json_string(hash_of(dist)));
        TRY(source_keep(s));
    }
out:
    return e;
}

/* From now on this is known of the package; until then it is to be visited. */
static enum err tag_keep(struct source *s, json_t *noted, const struct manners_tag *tag)
{
    struct manners_tag before;

    source_tag_read(noted, &before);
    if (noted == NULL ||
        (json_object_get(noted, "etag") != NULL && strcmp(before.etag, tag->etag) == 0 &&
         strcmp(before.modified, tag->modified) == 0))
        return OK;
    source_tag_note(noted, tag);
    return source_keep(s);
}

static enum err description_visit(struct source *s, const char *name, struct slice text,
                                  json_t *noted)
{
    json_t *description = json_loadb(text.at == NULL ? "" : text.at, text.size, 0, NULL);
    enum err e = OK;

    if (json_is_object(description))
        e = versions_visit(s, name, description,
                           noted == NULL ? NULL : source_member(noted, "versions"));
    else
        source_miss(s, name, "the registry's description of it is none");
    json_decref(description);
    return e;
}

static enum err package_visit(struct source *s, const char *text)
{
    json_t *noted = s->settings->packages_count == 0
                        ? NULL
                        : source_member(source_member(s->checkpoint, "packages"), text);
    struct manners_tag tag = { "", "" };
    char address[2048];
    struct npm_name name;
    struct buffer content;
    bool changed;
    enum err e = OK;

    if (!npm_name_parse(slice_of(text), &name) ||
        !npm_address(s->settings->registry, &name, address, sizeof address))
        return OK;
    buffer_init(&content);
    source_tag_read(noted, &tag);
    e = manners_get(&s->manners, address, DESCRIPTION_MOST, &tag, &content, &changed);
    if (manners_is_for_good(e)) {
        /* Missing: nobody has published it yet, or it was taken back. */
        if (e != ERR_MISSING)
            source_miss(s, text, s->manners.why);
        tag = (struct manners_tag){ "", "" };
        e = OK;
    } else if (e != OK && e != ERR_CONFLICT) {
        source_error(s, "the description of %s: %s", text, s->manners.why);
    }
    TRY(e);
    if (changed)
        TRY(description_visit(s, text, buffer_slice(&content), noted));
    e = tag_keep(s, noted, &tag);
out:
    buffer_wipe(&content);
    return e;
}

/* ---- A turn ---- */

static enum err sequence_keep(struct source *s, const char *sequence)
{
    json_object_set_new(s->checkpoint, "since", json_string(sequence));
    return source_keep(s);
}

static enum err page_get(struct source *s, const char *since, struct npm_changes *page)
{
    const char *feed = s->settings->feed;
    char url[2048];
    struct buffer text;
    bool changed;
    enum err e;

    snprintf(url, sizeof url, "%s%s_changes?since=%s&limit=%d", feed,
             feed[strlen(feed) - 1] == '/' ? "" : "/", since, PAGE_COUNT);
    buffer_init(&text);
    e = manners_get(&s->manners, url, PAGE_MOST, NULL, &text, &changed);
    if (e == OK) {
        e = npm_changes_parse(buffer_slice(&text), page);
        if (e != OK) {
            source_error(s, "the feed's answer is no page of changes");
            e = ERR_IO;
        }
    } else if (e != ERR_CONFLICT) {
        source_error(s, "the feed: %s", s->manners.why);
    }
    buffer_wipe(&text);
    return e;
}

/* With a feed only those that were never seen whole: of the others it tells. */
static enum err named_visit(struct source *s)
{
    json_t *packages = source_member(s->checkpoint, "packages");
    enum err e = OK;

    for (unsigned i = 0; i < s->settings->packages_count; i++) {
        const char *name = s->settings->packages[i];

        if (s->settings->feed == NULL ||
            json_object_get(json_object_get(packages, name), "etag") == NULL)
            TRY(package_visit(s, name));
    }
out:
    return e;
}

/* One page; *more: another one is there. */
static enum err page_visit(struct source *s, const char *since, bool *more)
{
    struct npm_changes page = { 0 };
    const json_t *name;
    enum err e;
    size_t i;

    *more = false;
    e = page_get(s, since, &page);
    if ((e == OK && npm_sequence_is_reset(since, page.next)) ||
        (e == ERR_MALFORMED && strcmp(since, "0") != 0)) {
        log_warn("scanner", "%s: the feed has begun anew: so does the scan of it",
                 s->settings->name);
        s->error[0] = '\0';
        *more = true;
        e = sequence_keep(s, "0");
        goto out;
    }
    TRY(e);
    json_array_foreach(page.names, i, name) if (is_listed(s, json_string_value(name)))
        TRY(package_visit(s, json_string_value(name)));
    *more = page.count >= PAGE_COUNT;
    if (strcmp(since, page.next) != 0)
        e = sequence_keep(s, page.next);
out:
    npm_changes_wipe(&page);
    return e;
}

/* Noted before anything is looked at, so that what is published meanwhile comes with the feed. */
static enum err feed_begin(struct source *s)
{
    struct npm_changes page = { 0 };
    enum err e;

    TRY(page_get(s, "now", &page));
    e = sequence_keep(s, page.next);
out:
    npm_changes_wipe(&page);
    return e == ERR_MALFORMED ? ERR_IO : e;
}

enum err source_npm_turn(struct source *source)
{
    bool more = true;
    enum err e = OK;

    if (source->settings->feed != NULL &&
        !json_is_string(json_object_get(source->checkpoint, "since")))
        TRY(feed_begin(source));
    TRY(named_visit(source));
    while (source->settings->feed != NULL && more) {
        char since[NPM_SEQUENCE_SIZE];

        snprintf(since, sizeof since, "%s",
                 json_string_value(json_object_get(source->checkpoint, "since")));
        TRY(page_visit(source, since, &more));
    }
out:
    return e == ERR_MALFORMED ? ERR_IO : e;
}
