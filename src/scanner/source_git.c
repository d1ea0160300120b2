#include "scanner/source_git.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "scanner/git_pipe.h"

enum { HEX_SIZE = 2 * GIT_ID_MOST + 1 };

/* Name → id, as the server has them now. */
static json_t *refs_of(const struct git_remote *remote)
{
    size_t count, id_bytes = git_remote_id_bytes(remote);
    const struct git_ref *refs = git_remote_refs(remote, &count);
    json_t *object = json_object();
    char hex[HEX_SIZE];

    for (size_t i = 0; object != NULL && i < count; i++) {
        hex_format(refs[i].id, id_bytes, hex);
        json_object_set_new(object, refs[i].name, json_string(hex));
    }
    return object;
}

/* What the checkpoint's refs lead to has been looked at.  `ids->at` is the caller's to free. */
static enum err known_read(const json_t *noted, size_t id_bytes, struct git_ids *ids)
{
    uint8_t(*at)[GIT_ID_MOST] = calloc(json_object_size(noted) + 1, sizeof *at);
    const char *name;
    json_t *value;

    *ids = (struct git_ids){ at, 0 };
    if (at == NULL)
        return ERR_MEMORY;
    json_object_foreach((json_t *)noted, name, value)
    {
        const char *hex = json_string_value(value);

        /* Of another kind of ids: the repository was made anew. */
        if (hex != NULL && hex_parse(slice_of(hex), at[ids->count], id_bytes))
            ids->count++;
    }
    return OK;
}

/* Why the server gave nothing, and until when it wants to be left alone. */
static enum err trouble_take(struct source *s, const char *url, const struct git_remote *remote,
                             enum err e)
{
    const struct git_trouble *trouble = git_remote_trouble(remote);

    if (e == ERR_CONFLICT)
        return e;
    source_error(s, "%.200s: %s", url, trouble->why);
    if (trouble->retry_after_s > 0)
        s->manners.not_before_ns = clock_mono_ns() + trouble->retry_after_s * NS_PER_S;
    return e == ERR_MEMORY ? e : ERR_IO;
}

static enum err pack_look(struct source *s, const char *url, int fd)
{
    const struct work work = { .place = url, .fd = fd, .is_git = true };
    json_t *place = json_pack("{s:s}", "repository", url);
    off_t size = lseek(fd, 0, SEEK_END);
    enum err e = ERR_MEMORY;

    if (place != NULL && size >= 0 && lseek(fd, 0, SEEK_SET) == 0) {
        s->manners.bytes_all += (uint64_t)size;
        e = size == 0 ? OK : source_look(s, &work, 1, place);
    }
    json_decref(place);
    return e;
}

/* `wants` with what they lead to, NULL: all refs, but what `known` leads to. */
static enum err news_visit(struct source *s, const char *url, struct git_remote *remote,
                           const struct git_ids *wants, const struct git_ids *known)
{
    int fd = memfd_create("pack", MFD_CLOEXEC);
    enum err e;

    if (fd < 0)
        return ERR_MEMORY;
    s->manners.requests_all++;
    e = git_pipe_send(fd, remote, wants, known);
    if (e == ERR_FULL) {
        source_miss(s, url, git_remote_trouble(remote)->why);
        e = OK;
    }
    if (e == OK)
        e = pack_look(s, url, fd);
    else
        e = trouble_take(s, url, remote, e);
    close(fd);
    return e;
}

static bool is_noted(const json_t *refs, const char *hex)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)refs, name, value)
    {
        if (strcmp(json_string_value(value), hex) == 0)
            return true;
    }
    return false;
}

/* Each by its name.  A server that does not give it, or has thrown it away, ends nothing. */
static enum err overwritten_visit(struct source *s, const char *url, struct git_remote *remote,
                                  const json_t *before, const struct git_ids *known)
{
    const json_t *each;
    enum err e = OK;
    size_t i;

    json_array_foreach(s->overwritten, i, each)
    {
        const char *hex = json_string_value(each);
        uint8_t id[1][GIT_ID_MOST] = { 0 };
        const struct git_ids wants = { (const uint8_t(*)[GIT_ID_MOST])id, 1 };
        const struct git_trouble *trouble = git_remote_trouble(remote);

        if (hex == NULL || !hex_parse(slice_of(hex), id[0], git_remote_id_bytes(remote)) ||
            is_noted(before, hex))
            continue;
        e = news_visit(s, url, remote, &wants, known);
        if (e != OK && (e != ERR_IO || trouble->why[0] == '\0' || trouble->retry_after_s > 0))
            break;
        if (e != OK)
            source_miss(s, hex, trouble->why);
        s->error[0] = '\0';
        e = OK;
    }
    return e;
}

/* What refs lead to now and did not before. */
static enum err refs_visit(struct source *s, const char *url, struct git_remote *remote,
                           json_t *noted, json_t *now)
{
    struct git_ids known;
    enum err e;

    TRY(known_read(json_object_get(noted, "refs"), git_remote_id_bytes(remote), &known));
    TRY(news_visit(s, url, remote, NULL, &known));
    json_object_set(noted, "refs", now);
    e = source_keep(s);
out:
    free((void *)known.at);
    return e;
}

enum err source_git_visit(struct source *source, const char *url, json_t *noted)
{
    struct git_limits limits = git_limits_default;
    json_t *before = json_incref(json_object_get(noted, "refs")), *now = NULL;
    struct git_remote *remote = NULL;
    struct git_ids known = { NULL, 0 };
    enum err e;

    limits.ca = source->manners.ca;
    limits.agent = source->manners.agent;
    limits.stop = source->manners.stop;
    limits.pack_bytes = GIT_SOURCE_BYTES_MOST;
    TRY(git_remote_open(url, &limits, &remote));
    source->manners.requests_all += 2;
    e = git_remote_list(remote);
    if (e != OK) {
        e = trouble_take(source, url, remote, e);
        goto out;
    }
    now = refs_of(remote);
    TRY(now == NULL ? ERR_MEMORY : OK);
    if (before == NULL || !json_equal(now, before))
        TRY(refs_visit(source, url, remote, noted, now));
    if (json_array_size(source->overwritten) == 0)
        goto out;
    TRY(known_read(now, git_remote_id_bytes(remote), &known));
    e = overwritten_visit(source, url, remote, before, &known);
out:
    free((void *)known.at);
    json_decref(before);
    json_decref(now);
    git_remote_close(&remote);
    return e;
}

enum err source_git_turn(struct source *source)
{
    return source_git_visit(source, source->settings->url, source->checkpoint);
}
