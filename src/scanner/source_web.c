#include "scanner/source_web.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hex.h"
#include "scanner/web.h"
#include "scanner/web_refs.h"

enum { TOGETHER = 16, HASH_TEXT_SIZE = 2 * crypto_hash_sha256_BYTES + 1 };

/* Files that came and are others than they were; looked at together. */
struct news {
    struct work work[TOGETHER];
    json_t *entries[TOGETHER]; /* for the checkpoint */
    size_t count;
};

struct round {
    struct source *source;
    json_t *files, *done; /* of the checkpoint */
    char (*urls)[WEB_URL_SIZE];
    size_t count;
    bool more;       /* there were more than WEB_FILES_MOST */
    bool is_noted;   /* something of it is in the checkpoint's file, */
    bool is_changed; /* or should be */
    size_t left;     /* bytes */
    struct news news;
};

/* ---- The list ---- */

static void url_list(struct round *r, const char *url)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->urls[i], url) == 0)
            return;
    r->more |= r->count == WEB_FILES_MOST;
    if (r->count < WEB_FILES_MOST)
        snprintf(r->urls[r->count++], WEB_URL_SIZE, "%s", url);
}

static void refs_list(struct round *r, const json_t *refs)
{
    const json_t *each;
    size_t i;

    json_array_foreach(refs, i,
                       each) if (json_is_string(each) && json_string_length(each) < WEB_URL_SIZE)
        url_list(r, json_string_value(each));
}

struct refs {
    const char *at; /* address of what has them */
    json_t *list;
};

static bool ref_note(void *context, struct slice reference)
{
    const struct refs *refs = context;
    char url[WEB_URL_SIZE];

    if (web_reference_resolve(refs->at, reference, url))
        json_array_append_new(refs->list, json_string(url));
    return json_array_size(refs->list) < WEB_FILES_MOST;
}

/* ---- Files ---- */

static void news_wipe(struct news *news)
{
    for (size_t i = 0; i < news->count; i++) {
        close(news->work[i].fd);
        json_decref(news->work[i].details);
        json_decref(news->entries[i]);
    }
    news->count = 0;
}

static void file_done(struct round *r, const char *url)
{
    json_object_set_new(r->done, url, json_true());
}

static enum err news_look(struct round *r)
{
    struct news *news = &r->news;
    enum err e;

    if (news->count == 0)
        return OK;
    TRY(source_look(r->source, news->work, news->count, NULL));
    for (size_t i = 0; i < news->count; i++) {
        json_object_set(r->files, news->work[i].place, news->entries[i]);
        file_done(r, news->work[i].place);
    }
    r->is_noted = true;
    e = source_keep(r->source);
out:
    news_wipe(news);
    return e;
}

/* What the checkpoint is to have of it; NULL: out of memory. */
static json_t *entry_make(const struct round *r, const struct manners_tag *tag, struct slice body)
{
    struct refs refs = { r->source->manners.answer.url, json_array() };
    uint8_t hash[crypto_hash_sha256_BYTES];
    char text[HASH_TEXT_SIZE];
    json_t *entry = json_object();

    crypto_hash_sha256(hash, (const uint8_t *)body.at, body.size);
    hex_format(hash, sizeof hash, text);
    web_refs_each(body, web_is_page(body), ref_note, &refs);
    source_tag_note(entry, tag);
    if (json_object_set_new(entry, "sha256", json_string(text)) != 0 ||
        json_object_set_new(entry, "refs", refs.list) != 0) {
        json_decref(entry);
        return NULL;
    }
    return entry;
}

static enum err file_take(struct round *r, const char *url, const struct manners_tag *tag,
                          struct slice body)
{
    const char *before =
        json_string_value(json_object_get(json_object_get(r->files, url), "sha256"));
    json_t *entry = entry_make(r, tag, body);
    struct work *work = &r->news.work[r->news.count];
    enum err e = ERR_MEMORY;

    if (entry == NULL)
        return ERR_MEMORY;
    refs_list(r, json_object_get(entry, "refs"));
    if (before != NULL &&
        strcmp(before, json_string_value(json_object_get(entry, "sha256"))) == 0) {
        r->is_changed |= !json_equal(entry, json_object_get(r->files, url));
        json_object_set(r->files, url, entry);
        file_done(r, url);
        e = OK;
    } else {
        *work = (struct work){ .place = url, .fd = -1 };
        TRY(file_in_memory(body, &work->fd));
        work->details = manners_told(&r->source->manners);
        r->news.entries[r->news.count++] = json_incref(entry);
        e = r->news.count == TOGETHER ? news_look(r) : OK;
    }
out:
    json_decref(entry);
    return e;
}

/* The page itself has to be there; what it leads to is missed after a while. */
static enum err trouble_take(struct round *r, const char *url, enum err e)
{
    struct source *s = r->source;
    bool is_page = url == r->urls[0];

    if (e == ERR_CONFLICT || e == ERR_MEMORY)
        return e;
    if (!is_page && (manners_is_for_good(e) || s->failures >= SOURCE_ATTEMPTS_MOST)) {
        source_miss(s, url, s->manners.why);
        r->is_changed |= json_object_del(r->files, url) == 0;
        file_done(r, url);
        return OK;
    }
    source_error(s, "%.300s: %s", url, s->manners.why);
    return ERR_IO;
}

static enum err file_visit(struct round *r, const char *url)
{
    const json_t *noted = json_object_get(r->files, url);
    struct manners_tag tag;
    struct buffer body;
    bool changed;
    enum err e;

    if (json_object_get(r->done, url) != NULL) {
        refs_list(r, json_object_get(noted, "refs"));
        return OK;
    }
    buffer_init(&body);
    source_tag_read(noted, &tag);
    e = manners_get(&r->source->manners, url, r->left, &tag, &body, &changed);
    if (e != OK) {
        e = trouble_take(r, url, e);
    } else if (changed) {
        r->left -= body.size;
        e = file_take(r, url, &tag, buffer_slice(&body));
    } else {
        refs_list(r, json_object_get(noted, "refs"));
        file_done(r, url);
    }
    buffer_wipe(&body);
    return e;
}

/* ---- Rounds ---- */

/* Files that nothing leads to any more are forgotten, and so is the round. */
static enum err round_end(struct round *r)
{
    const char *url;
    json_t *each;
    void *next;

    if (r->more)
        source_miss(r->source, r->urls[0], "leads to more files than are fetched");
    json_object_foreach_safe(r->files, next, url, each) if (json_object_get(r->done, url) == NULL)
        r->is_changed |= json_object_del(r->files, url) == 0;
    json_object_del(r->source->checkpoint, "round");
    return r->is_noted || r->is_changed ? source_keep(r->source) : OK;
}

enum err source_web_turn(struct source *source)
{
    struct round r = { .source = source,
                       .files = source_member(source->checkpoint, "files"),
                       .done = source_member(source->checkpoint, "round"),
                       .urls = calloc(WEB_FILES_MOST, sizeof *r.urls),
                       .left = WEB_BYTES_MOST };
    enum err e = OK, kept;

    if (r.urls == NULL)
        return ERR_MEMORY;
    r.is_noted = json_object_size(r.done) > 0;
    url_list(&r, source->settings->url);
    /* The list grows meanwhile. */
    for (size_t i = 0; e == OK && i < r.count; i++)
        e = file_visit(&r, r.urls[i]);
    /* What came before a budget was used up, or before something failed, is not asked for again. */
    if (e == OK || e == ERR_CONFLICT || e == ERR_IO) {
        kept = news_look(&r);
        if (kept == OK && e == OK)
            kept = round_end(&r);
        else if (kept == OK && json_object_size(r.done) > 0)
            kept = source_keep(source);
        e = kept == OK ? e : kept;
    }
    news_wipe(&r.news);
    free(r.urls);
    return e;
}
