#include "scanner/source_cdn.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/cdn_listing.h"

enum { LISTING_MOST = 64 << 20, FILE_MOST = 64 << 20, TOGETHER = 16 };

struct package {
    struct source *source;
    struct cdn_base base;
    const char *name;
    json_t *noted; /* "etag", "modified", "versions": how many files were looked at, true: all */
};

static enum cdn cdn_of(enum source_kind kind)
{
    return kind == SOURCE_JSDELIVR ? CDN_JSDELIVR : kind == SOURCE_UNPKG ? CDN_UNPKG : CDN_CDNJS;
}

/* ---- Files ---- */

struct fetched {
    char urls[TOGETHER][CDN_URL_SIZE];
    struct work work[TOGETHER];
    size_t count;
};

static void fetched_wipe(struct fetched *f)
{
    for (size_t i = 0; i < f->count; i++) {
        close(f->work[i].fd);
        json_decref(f->work[i].details);
    }
    f->count = 0;
}

static enum err file_fetch(const struct package *p, const char *version, const char *file,
                           struct fetched *f)
{
    struct source *s = p->source;
    char *url = f->urls[f->count];
    struct buffer bytes;
    bool changed;
    enum err e;

    if (!cdn_file_url(&p->base, p->name, version, file, url)) {
        source_miss(s, file, "its address is too long");
        return OK;
    }
    buffer_init(&bytes);
    e = manners_get(&s->manners, url, FILE_MOST, NULL, &bytes, &changed);
    if (e == OK) {
        f->work[f->count] = (struct work){ .place = url, .fd = -1 };
        e = file_in_memory(buffer_slice(&bytes), &f->work[f->count].fd);
        if (e == OK)
            f->work[f->count++].details = manners_told(&s->manners);
    } else if (manners_is_for_good(e) || (e == ERR_IO && s->failures >= SOURCE_ATTEMPTS_MOST)) {
        source_miss(s, url, s->manners.why);
        e = OK;
    } else if (e != ERR_CONFLICT) {
        source_error(s, "%.300s: %s", url, s->manners.why);
    }
    buffer_wipe(&bytes);
    return e;
}

/* Some at a time; *done is noted after each look. */
static enum err files_visit(const struct package *p, const char *version, const json_t *files,
                            json_t *versions)
{
    size_t count = json_array_size(files);
    size_t done = (size_t)json_integer_value(json_object_get(versions, version));
    json_t *place = json_pack("{s:s, s:s}", "package", p->name, "version", version);
    static struct fetched f;
    enum err e = place == NULL ? ERR_MEMORY : OK;

    while (e == OK && done < count) {
        size_t until = done + TOGETHER < count ? done + TOGETHER : count;

        for (; e == OK && done < until; done += e == OK)
            e = file_fetch(p, version, json_string_value(json_array_get(files, done)), &f);
        /* What came before a budget was used up is not fetched again. */
        if ((e == OK || e == ERR_CONFLICT) && f.count > 0) {
            enum err looked = source_look(p->source, f.work, f.count, place);

            e = looked == OK ? e : looked;
        }
        fetched_wipe(&f);
        if ((e == OK || e == ERR_CONFLICT) && done < count) {
            enum err kept;

            json_object_set_new(versions, version, json_integer((json_int_t)done));
            kept = source_keep(p->source);
            e = kept == OK ? e : kept;
        }
    }
    json_decref(place);
    return e;
}

/* ---- Versions ---- */

/* A listing, asked for; *changed false: what is known of it holds. */
static enum err listing_get(const struct package *p, const char *url, struct manners_tag *tag,
                            struct buffer *text, bool *changed)
{
    struct source *s = p->source;
    enum err e = manners_get(&s->manners, url, LISTING_MOST, tag, text, changed);

    if (manners_is_for_good(e)) {
        /* Missing: nobody has published it yet, or it was taken back. */
        if (e != ERR_MISSING)
            source_miss(s, url, s->manners.why);
        *changed = false;
        return OK;
    }
    if (e != OK && e != ERR_CONFLICT)
        source_error(s, "%.300s: %s", url, s->manners.why);
    return e;
}

static enum err version_visit(const struct package *p, const char *version, json_t *versions)
{
    struct source *s = p->source;
    char url[CDN_URL_SIZE];
    json_t *files = NULL;
    size_t left_out = 0;
    struct buffer text;
    bool changed;
    enum err e;

    buffer_init(&text);
    TRY(cdn_files_url(&p->base, p->name, version, url) ? OK : ERR_RANGE);
    TRY(listing_get(p, url, NULL, &text, &changed));
    if (changed)
        e = cdn_files_parse(p->base.cdn, buffer_slice(&text), &files, &left_out);
    if (e == ERR_MALFORMED || e == ERR_FULL) {
        source_miss(s, url, e == ERR_FULL ? "it has too many files" : "it is no list of files");
        e = OK;
    }
    TRY(e);
    if (left_out > 0)
        source_miss(s, url, "it names files that can be none");
    TRY(files_visit(p, version, files, versions));
    json_object_set_new(versions, version, json_true());
    e = source_keep(s);
out:
    json_decref(files);
    buffer_wipe(&text);
    return e;
}

static enum err versions_visit(const struct package *p, struct slice text)
{
    json_t *versions = NULL, *noted = source_member(p->noted, "versions"), *each;
    size_t i, left_out;
    enum err e = cdn_versions_parse(p->base.cdn, text, &versions, &left_out);

    if (e == ERR_MALFORMED || e == ERR_FULL) {
        source_miss(p->source, p->name, "it is no list of versions");
        return OK;
    }
    TRY(e);
    if (left_out > 0)
        source_miss(p->source, p->name, "it names versions that can be none");
    json_array_foreach(versions, i,
                       each) if (!json_is_true(json_object_get(noted, json_string_value(each))))
        TRY(version_visit(p, json_string_value(each), noted));
out:
    json_decref(versions);
    return e;
}

static enum err package_visit(const struct package *p)
{
    struct manners_tag tag, before;
    char url[CDN_URL_SIZE];
    struct buffer text;
    bool changed;
    enum err e;

    buffer_init(&text);
    source_tag_read(p->noted, &before);
    tag = before;
    TRY(cdn_versions_url(&p->base, p->name, url) ? OK : ERR_RANGE);
    TRY(listing_get(p, url, &tag, &text, &changed));
    if (!changed)
        goto out;
    TRY(versions_visit(p, buffer_slice(&text)));
    /* Until here all of it is to be visited. */
    if (strcmp(before.etag, tag.etag) != 0 || strcmp(before.modified, tag.modified) != 0) {
        source_tag_note(p->noted, &tag);
        e = source_keep(p->source);
    }
out:
    buffer_wipe(&text);
    return e;
}

enum err source_cdn_turn(struct source *source)
{
    const struct source_settings *settings = source->settings;
    json_t *packages = source_member(source->checkpoint, "packages");
    enum err e = OK;

    for (unsigned i = 0; i < settings->packages_count; i++) {
        struct package p = { .source = source,
                             .base = { cdn_of(settings->kind), settings->api, settings->files },
                             .name = settings->packages[i] };

        p.noted = source_member(packages, p.name);
        TRY(p.noted == NULL ? ERR_MEMORY : package_visit(&p));
    }
out:
    return e;
}
