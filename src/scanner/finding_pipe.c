#include "scanner/finding_pipe.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleared.h"
#include "base/hex.h"
#include "http/json_write.h"

/* Nobody reads any more: the process is ended soon. */
static void bytes_write(const struct finding_pipe *pipe, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t written = write(pipe->fd, bytes.at, bytes.size);

        if (written < 0 && errno != EINTR)
            return;
        if (written > 0)
            bytes = slice_from(bytes, (size_t)written);
    }
}

static void line_write(const struct finding_pipe *pipe, const struct finding_line *line)
{
    bytes_write(pipe, (struct slice){ (const char *)line, sizeof *line });
}

static_assert(sizeof(struct finding_line) <= PIPE_BUF, "whole or not at all");

static void object_note(struct finding_pipe *pipe, const struct object_window *window,
                        struct finding_line *line)
{
    line->object_size = (uint32_t)window->bytes.size;
    line->object_from = window->from;
    line->object_is_whole = window->is_whole;
    hex_format(window->sha256, sizeof window->sha256, line->object_sha256);
    line->object_follows = strcmp(line->object_sha256, pipe->last_sha256) != 0;
    memcpy(pipe->last_sha256, line->object_sha256, sizeof pipe->last_sha256);
}

static void found(void *context, const struct scan_finding *finding)
{
    struct finding_pipe *pipe = context;
    struct finding_line line = { .line = finding->line,
                                 .offset = finding->match.offset,
                                 .kind = FINDING_KEY_ID,
                                 .work = pipe->work,
                                 .encoding = finding->match.encoding };
    const struct object_window *window = NULL;
    uint8_t sha256[crypto_hash_sha256_BYTES];

    if (finding->match.kind == MATCH_SECRET) {
        line.kind = FINDING_SECRET;
        crypto_hash_sha256(sha256, (const uint8_t *)finding->match.text,
                           strlen(finding->match.text));
        hex_format(sha256, sizeof sha256, line.subject);
    } else {
        snprintf(line.subject, sizeof line.subject, "%s", finding->match.text);
    }
    snprintf(line.place, sizeof line.place, "%s", finding->place);
    snprintf(line.excerpt, sizeof line.excerpt, "%s", finding->excerpt);
    snprintf(line.source, sizeof line.source, "%s", finding->source);
    snprintf(line.git_object, sizeof line.git_object, "%s", finding->object);
    snprintf(line.git_type, sizeof line.git_type, "%s", finding->object_type);
    if (finding->part != NULL) {
        window = object_window(finding->part, finding->match.offset);
        object_note(pipe, window, &line);
    }
    line_write(pipe, &line);
    if (line.object_follows)
        bytes_write(pipe, window->bytes);
    if (pipe->next != NULL && pipe->next->found != NULL)
        pipe->next->found(pipe->next->context, finding);
}

static void incomplete(void *context, const char *place, const char *why)
{
    const struct finding_pipe *pipe = context;
    struct finding_line line = { .kind = FINDING_INCOMPLETE };

    snprintf(line.subject, sizeof line.subject, "%s", why);
    snprintf(line.place, sizeof line.place, "%s", place);
    line_write(pipe, &line);
    if (pipe->next != NULL && pipe->next->incomplete != NULL)
        pipe->next->incomplete(pipe->next->context, place, why);
}

static void progress(void *context, uint64_t bytes, const char *place)
{
    const struct finding_pipe *pipe = context;

    if (pipe->next != NULL && pipe->next->progress != NULL)
        pipe->next->progress(pipe->next->context, bytes, place);
}

static void traced(void *context, const char *object, const struct provenance_trace *trace)
{
    const struct finding_pipe *pipe = context;
    const struct {
        const char *name, *value;
    } members[] = {
        { "commit", trace->commit },           { "file", trace->path },
        { "author", trace->author },           { "author_time", trace->author_time },
        { "committer", trace->committer },     { "commit_time", trace->commit_time },
        { "refs", trace->refs },               { "still_at", trace->tips },
    };
    struct finding_line line = { .kind = FINDING_TRACE, .object_follows = true };
    struct buffer text;
    struct json_writer w = json_writer_of(&text);

    buffer_init(&text);
    json_put_open(&w, '{');
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_put_key(&w, members[i].name);
        json_put_text(&w, members[i].value);
    }
    json_put_close(&w, '}');
    if (!text.failed) {
        snprintf(line.subject, sizeof line.subject, "%s", object);
        line.object_size = (uint32_t)text.size;
        line_write(pipe, &line);
        bytes_write(pipe, buffer_slice(&text));
    }
    buffer_wipe(&text);
    if (pipe->next != NULL && pipe->next->traced != NULL)
        pipe->next->traced(pipe->next->context, object, trace);
}

const struct scan_listener *finding_pipe_listener(struct finding_pipe *pipe)
{
    pipe->listener = (struct scan_listener){ found, incomplete, progress, traced, pipe };
    return &pipe->listener;
}

static bool bytes_read(int fd, void *into, size_t size)
{
    char *at = into;

    while (size > 0) {
        ssize_t got = read(fd, at, size);

        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        }
    }
    return true;
}

/* The other end may have been taken over by what it reads: nothing that it says is believed. */
static bool object_read(int fd, size_t size, struct buffer *object)
{
    char *bytes;
    bool whole;

    if (size == 0 || size > OBJECT_WINDOW_MOST)
        return false;
    bytes = malloc(size);
    whole = bytes != NULL && bytes_read(fd, bytes, size);
    if (whole)
        buffer_append(object, (struct slice){ bytes, size });
    cleared_free(bytes);
    return whole && !object->failed;
}

bool finding_pipe_read(int fd, struct finding_line *line, struct buffer *object)
{
    object->is_cleared = true;
    buffer_wipe(object);
    if (!bytes_read(fd, line, sizeof *line))
        return false;
    line->subject[sizeof line->subject - 1] = '\0';
    line->place[sizeof line->place - 1] = '\0';
    line->excerpt[sizeof line->excerpt - 1] = '\0';
    line->source[sizeof line->source - 1] = '\0';
    line->git_object[sizeof line->git_object - 1] = '\0';
    line->git_type[sizeof line->git_type - 1] = '\0';
    line->object_sha256[sizeof line->object_sha256 - 1] = '\0';
    if ((unsigned)line->encoding >= ENCODING_COUNT)
        return false;
    return !line->object_follows || object_read(fd, line->object_size, object);
}

/* Names of files are bytes, and a long one is cut: what is no UTF-8 becomes U+FFFD. */
static json_t *text_json(const char *text)
{
    struct buffer written;
    struct json_writer w = json_writer_of(&written);
    json_t *json = NULL;

    buffer_init(&written);
    json_put_text(&w, text);
    if (!written.failed)
        json = json_loadb(written.at, written.size, JSON_DECODE_ANY, NULL);
    buffer_wipe(&written);
    return json;
}

static json_t *object_json(const struct finding_line *line)
{
    if (line->object_size == 0)
        return json_null();
    return json_pack("{s:o, s:I, s:I, s:b}", "sha256", text_json(line->object_sha256), "bytes",
                     (json_int_t)line->object_size, "from", (json_int_t)line->object_from, "whole",
                     line->object_is_whole != 0);
}

static json_t *place_json(const struct finding_line *line)
{
    json_t *place = json_pack("{s:o, s:I, s:I, s:s, s:s}", "path", text_json(line->place), "line",
                              (json_int_t)line->line, "offset", (json_int_t)line->offset,
                              "encoding", encoding_word(line->encoding), "scanner",
                              LATCHKEY_VERSION);

    if (line->source[0] != '\0')
        json_object_set_new(place, "source", text_json(line->source));
    if (line->git_object[0] != '\0') {
        json_object_set_new(place, "object", text_json(line->git_object));
        json_object_set_new(place, "type", text_json(line->git_type));
    }
    return place;
}

json_t *finding_line_json(const struct finding_line *line, const char *channel, const char *origin)
{
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o}",
                     line->kind == FINDING_SECRET ? "sha256" : "key_id", text_json(line->subject),
                     "channel", channel, "origin", origin, "place", place_json(line), "excerpt",
                     text_json(line->excerpt), "object", object_json(line));
}

json_t *finding_trace_json(struct slice text)
{
    json_t *json = text.size == 0 ? NULL : json_loadb(text.at, text.size, JSON_REJECT_DUPLICATES,
                                                      NULL);

    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}
