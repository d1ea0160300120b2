#include "scanner/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"

enum { CHECKPOINT_MOST = 256 << 20, TOKEN_MOST = 4096 };

static const char *const channels[] = {
    [SOURCE_NPM] = "npm",    [SOURCE_WEB] = "web",      [SOURCE_FOLDER] = "scan",
    [SOURCE_GIT] = "git",    [SOURCE_JSDELIVR] = "web", [SOURCE_UNPKG] = "web",
    [SOURCE_CDNJS] = "web",  [SOURCE_GITHUB] = "git",   [SOURCE_GITLAB] = "git",
};

static bool path_of(const struct source *s, char path[FILE_PATH_SIZE])
{
    return snprintf(path, FILE_PATH_SIZE, "%s/%s.json", s->state, s->settings->name) <
           FILE_PATH_SIZE;
}

/* ERR_RANGE: there is no token in the file; its other errors are said, too. */
static enum err token_read(struct source *source)
{
    struct buffer *header = &source->authorization, token = { .is_cleared = true };
    const char *path = source->settings->token;
    enum err e = OK;

    header->is_cleared = true;
    if (path == NULL)
        return OK;
    e = file_read(path, TOKEN_MOST, &token);
    while (token.size > 0 && strchr("\r\n \t", token.at[token.size - 1]) != NULL)
        token.size--;
    if (e == OK && (token.size == 0 || memchr(token.at, '\n', token.size) != NULL))
        e = ERR_RANGE;
    if (e != OK)
        log_error("scanner", "%s: token %s: %s", source->settings->name, path, err_text(e));
    buffer_append(header, SLICE("Authorization: Bearer "));
    buffer_append(header, buffer_slice(&token));
    buffer_append(header, (struct slice){ "", 1 });
    buffer_wipe(&token);
    if (e == OK && header->failed)
        e = ERR_MEMORY;
    source->manners.authorization = header->at;
    return e;
}

enum err source_open(struct source *source, const struct source_settings *settings,
                     const struct service_settings *service, const struct source_teller *teller,
                     int stop)
{
    char path[FILE_PATH_SIZE];
    struct buffer text;
    enum err e;

    *source = (struct source){
        .settings = settings,
        .state = service->state,
        .teller = teller,
        .manners = { .agent = service->agent,
                     .ca = service->ca,
                     .stop = stop,
                     .requests_per_minute = settings->requests_per_minute,
                     .bytes_per_hour = settings->bytes_per_hour },
    };
    buffer_init(&text);
    TRY(token_read(source));
    TRY(path_of(source, path) ? OK : ERR_RANGE);
    e = file_read(path, CHECKPOINT_MOST, &text);
    if (e == ERR_MISSING) {
        source->checkpoint = json_object();
        e = source->checkpoint == NULL ? ERR_MEMORY : OK;
    } else if (e == OK) {
        source->checkpoint =
            json_loadb(text.at == NULL ? "" : text.at, text.size, JSON_REJECT_DUPLICATES, NULL);
        e = json_is_object(source->checkpoint) ? OK : ERR_CORRUPT;
    }
out:
    buffer_wipe(&text);
    return e;
}

void source_close(struct source *source)
{
    manners_end(&source->manners);
    buffer_wipe(&source->authorization);
    json_decref(source->checkpoint);
    source->checkpoint = NULL;
}

void source_error(struct source *source, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(source->error, sizeof source->error, format, arguments);
    va_end(arguments);
}

void source_miss(struct source *source, const char *place, const char *why)
{
    source->missed_count++;
    log_warn("scanner", "%s: not fully looked at: %s: %s", source->settings->name, place, why);
}

enum err source_keep(struct source *source)
{
    char path[FILE_PATH_SIZE], *text = json_dumps(source->checkpoint, JSON_COMPACT);
    enum err e = text == NULL ? ERR_MEMORY : OK;

    if (e == OK)
        e = path_of(source, path) ? file_write_atomic(path, 0600, slice_of(text)) : ERR_RANGE;
    free(text);
    if (e != OK)
        source_error(source, "its checkpoint in %s cannot be written: %s", source->state,
                     err_text(e));
    return e;
}

json_t *source_member(json_t *object, const char *name)
{
    json_t *member = json_object_get(object, name);

    if (!json_is_object(member)) {
        member = json_object();
        json_object_set_new(object, name, member);
    }
    return member;
}

void source_tag_read(const json_t *noted, struct manners_tag *tag)
{
    const char *etag = json_string_value(json_object_get(noted, "etag"));
    const char *modified = json_string_value(json_object_get(noted, "modified"));

    snprintf(tag->etag, sizeof tag->etag, "%s", etag == NULL ? "" : etag);
    snprintf(tag->modified, sizeof tag->modified, "%s", modified == NULL ? "" : modified);
}

void source_tag_note(json_t *noted, const struct manners_tag *tag)
{
    json_object_set_new(noted, "etag", json_string(tag->etag));
    json_object_set_new(noted, "modified", json_string(tag->modified));
}

/* ---- A look ---- */

struct look {
    struct source *source;
    const struct work *work;
    size_t work_count;
    const json_t *place;
    struct finding_batch batch;
    enum err e; /* of the first that was not taken */
};

static void batch_tell(struct look *look)
{
    struct source *s = look->source;
    size_t count = json_array_size(look->batch.findings);

    if (look->e != OK || count == 0)
        return;
    look->e = s->teller->tell(s->teller->context, &look->batch);
    if (look->e == OK)
        s->found_count += count;
    else
        source_error(s, "the authority did not take what was found: %s", err_text(look->e));
    finding_batch_next(&look->batch);
}

static void line_take(void *context, const struct finding_line *line, struct buffer *object)
{
    struct look *look = context;
    struct source *s = look->source;
    json_t *finding;

    if (line->kind == FINDING_INCOMPLETE) {
        source_miss(s, line->place, line->subject);
        return;
    }
    if (look->e != OK)
        return; /* all of it is looked at again */
    if (line->kind == FINDING_TRACE) {
        finding_batch_trace(&look->batch, line->subject, buffer_slice(object));
        return;
    }
    finding = finding_line_json(line, channels[s->settings->kind], s->settings->name);
    if (finding == NULL) {
        look->e = ERR_MEMORY;
        return;
    }
    if (look->place != NULL)
        json_object_update(json_object_get(finding, "place"), (json_t *)look->place);
    if (line->work < look->work_count && look->work[line->work].details != NULL)
        json_object_set(finding, "details", look->work[line->work].details);
    finding_batch_add(&look->batch, line, object, finding);
    if (finding_batch_is_full(&look->batch))
        batch_tell(look);
}

enum err source_look(struct source *source, const struct work *work, size_t count,
                     const json_t *place)
{
    struct look look = {
        .source = source, .work = work, .work_count = count, .place = place
    };
    enum err e;

    TRY(finding_batch_init(&look.batch));
    e = worker_scan(work, count, source->manners.stop, line_take, &look);
    /* Again it would end the same way. */
    if (e == ERR_CORRUPT) {
        source_miss(source, work[0].place, "the scan was ended before its end");
        e = OK;
    }
    if (e != OK)
        goto out;
    batch_tell(&look);
    if (look.e == OK)
        source->looked_count += count;
    e = look.e == OK ? OK : ERR_IO;
out:
    finding_batch_wipe(&look.batch);
    return e;
}
