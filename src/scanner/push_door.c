#include "scanner/push_door.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "http/server.h"
#include "scanner/push_note.h"

enum {
    BODY_MOST = 4 << 20,
    SECRET_LEAST = 16,
    SECRET_MOST = 4096,
    KEPT_MOST = 1000, /* overwritten ids of one source */
    KEPT_FILE_MOST = 1 << 20,
};

struct target {
    struct buffer secret; /* empty: nobody may call */
    bool pushed;
};

struct push_door {
    const struct service_settings *settings;
    struct http_server *server;
    struct target *targets; /* one a source */
    pthread_mutex_t mutex;  /* of `pushed` and the files */
    int event;
};

static bool path_of(const struct push_door *door, size_t source, char path[FILE_PATH_SIZE])
{
    return snprintf(path, FILE_PATH_SIZE, "%s/%s.pushed", door->settings->state,
                    door->settings->sources[source].name) < FILE_PATH_SIZE;
}

/* ---- What was overwritten ---- */

static json_t *kept_read(const struct push_door *door, size_t source)
{
    char path[FILE_PATH_SIZE];
    struct buffer text;
    json_t *kept = NULL;
    enum err e;

    buffer_init(&text);
    e = path_of(door, source, path) ? file_read(path, KEPT_FILE_MOST, &text) : ERR_RANGE;
    if (e == ERR_MISSING)
        kept = json_array();
    else if (e == OK)
        kept = json_loadb(text.at == NULL ? "" : text.at, text.size, 0, NULL);
    buffer_wipe(&text);
    if (kept != NULL && !json_is_array(kept)) {
        json_decref(kept);
        return NULL;
    }
    return kept;
}

static enum err kept_write(const struct push_door *door, size_t source, const json_t *kept)
{
    char path[FILE_PATH_SIZE], *text = json_dumps(kept, JSON_COMPACT);
    enum err e = text == NULL || !path_of(door, source, path) ? ERR_MEMORY : OK;

    if (e == OK)
        e = file_write_atomic(path, 0600, slice_of(text));
    free(text);
    return e;
}

static enum err kept_add(const struct push_door *door, size_t source, const char *id)
{
    json_t *kept = kept_read(door, source);
    enum err e = kept == NULL ? ERR_CORRUPT : OK;

    TRY(e);
    if (json_array_size(kept) >= KEPT_MOST) {
        log_warn("scanner", "%s: not fully looked at: %s, which was overwritten: too many wait",
                 door->settings->sources[source].name, id);
        goto out;
    }
    json_array_append_new(kept, json_string(id));
    e = kept_write(door, source, kept);
out:
    json_decref(kept);
    return e;
}

json_t *push_door_overwritten(struct push_door *door, size_t source)
{
    json_t *kept;

    pthread_mutex_lock(&door->mutex);
    kept = kept_read(door, source);
    pthread_mutex_unlock(&door->mutex);
    return kept;
}

enum err push_door_forget(struct push_door *door, size_t source, size_t count)
{
    json_t *kept;
    enum err e = OK;

    pthread_mutex_lock(&door->mutex);
    kept = kept_read(door, source);
    for (size_t i = 0; i < count && json_array_size(kept) > 0; i++)
        json_array_remove(kept, 0);
    if (count > 0 && kept != NULL)
        e = kept_write(door, source, kept);
    pthread_mutex_unlock(&door->mutex);
    json_decref(kept);
    return e;
}

/* ---- Answering ---- */

static void say(struct http_reply *reply, unsigned status, const char *code, const char *words)
{
    char text[256];

    snprintf(text, sizeof text, "{\"%s\":\"%s\"}\n", code, words);
    reply->status = status;
    buffer_append(&reply->body, slice_of(text));
}

static bool source_find(const struct push_door *door, const char *path, size_t *source)
{
    struct slice rest = slice_of(path), start = SLICE("/hooks/");

    if (!slice_starts(rest, start))
        return false;
    rest = slice_from(rest, start.size);
    for (*source = 0; *source < door->settings->source_count; (*source)++)
        if (slice_is(rest, slice_of(door->settings->sources[*source].name)))
            return door->targets[*source].secret.size > 0;
    return false;
}

/* Only what says that it is of another kind is. */
static bool is_push(const struct http_request *request)
{
    const char *github = http_request_header(request, "X-GitHub-Event");
    const char *gitlab = http_request_header(request, "X-Gitlab-Event");

    return (github == NULL || strcmp(github, "push") == 0) &&
           (gitlab == NULL || strcmp(gitlab, "Push Hook") == 0 ||
            strcmp(gitlab, "Tag Push Hook") == 0);
}

static enum err push_take(struct push_door *door, size_t source, const char *before)
{
    const uint64_t one = 1;
    enum err e = OK;

    pthread_mutex_lock(&door->mutex);
    if (before[0] != '\0')
        e = kept_add(door, source, before);
    if (e == OK)
        door->targets[source].pushed = true;
    pthread_mutex_unlock(&door->mutex);
    if (e == OK && write(door->event, &one, sizeof one) < 0)
        log_debug("scanner", "many have pushed");
    return e;
}

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    struct push_door *door = context;
    struct slice body = http_request_body(request), secret;
    char before[PUSH_ID_SIZE];
    size_t source;

    if (strcmp(http_request_method(request), "POST") != 0 ||
        !source_find(door, http_request_path(request), &source)) {
        say(reply, 404, "error", "POST /hooks/ and the name of a source that has a hook_secret");
        return;
    }
    secret = buffer_slice(&door->targets[source].secret);
    if (!push_signature_is_right(http_request_header(request, "X-Hub-Signature-256"), secret,
                                 body) &&
        !push_token_is_right(http_request_header(request, "X-Gitlab-Token"), secret)) {
        log_warn("scanner", "%s: a note of a push with a wrong signature",
                 door->settings->sources[source].name);
        say(reply, 401, "error", "the signature or token is wrong, or missing");
    } else if (!is_push(request)) {
        say(reply, 200, "ignored", "another event");
    } else if (!push_before(body, before)) {
        say(reply, 400, "error", "the body is no JSON object");
    } else if (push_take(door, source, before) != OK) {
        say(reply, 503, "error", "the note cannot be kept");
    } else {
        say(reply, 202, "accepted", "the repository is looked at now");
    }
}

/* ---- The door ---- */

static enum err secret_read(const struct source_settings *s, struct buffer *secret)
{
    const char *wrong = NULL;
    enum err e;

    if (s->hook_secret == NULL)
        return OK;
    e = file_read(s->hook_secret, SECRET_MOST, secret);
    while (secret->size > 0 && strchr("\r\n \t", secret->at[secret->size - 1]) != NULL)
        secret->size--;
    if (e != OK)
        wrong = err_text(e);
    else if (secret->size < SECRET_LEAST)
        wrong = "it has to be of 16 characters at least";
    if (wrong == NULL)
        return OK;
    log_error("scanner", "%s: hook_secret %s: %s", s->name, s->hook_secret, wrong);
    return e == OK ? ERR_RANGE : e;
}

enum err push_door_open(const struct service_settings *settings, uid_t web, struct push_door **door)
{
    struct push_door *d = calloc(1, sizeof *d);
    const struct http_options options = { .path = settings->hooks,
                                          .mode = 0660,
                                          .peers_too = { web },
                                          .body_most = BODY_MOST,
                                          .thread_count = 1,
                                          .answer = answer,
                                          .context = d };
    enum err e = OK;

    *door = d;
    if (d == NULL)
        return ERR_MEMORY;
    d->settings = settings;
    pthread_mutex_init(&d->mutex, NULL);
    d->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->targets = calloc(settings->source_count, sizeof *d->targets);
    TRY(d->event < 0 || d->targets == NULL ? ERR_MEMORY : OK);
    for (size_t i = 0; i < settings->source_count; i++) {
        d->targets[i].secret.is_cleared = true;
        TRY(secret_read(&settings->sources[i], &d->targets[i].secret));
    }
    e = http_server_open(&options, &d->server);
out:
    if (e != OK)
        push_door_close(door);
    return e;
}

void push_door_close(struct push_door **door)
{
    struct push_door *d = *door;

    *door = NULL;
    if (d == NULL)
        return;
    http_server_close(&d->server);
    for (size_t i = 0; d->targets != NULL && i < d->settings->source_count; i++)
        buffer_wipe(&d->targets[i].secret);
    free(d->targets);
    if (d->event >= 0)
        close(d->event);
    pthread_mutex_destroy(&d->mutex);
    free(d);
}

int push_door_descriptor(const struct push_door *door)
{
    return door->event;
}

bool push_door_pushed(struct push_door *door, size_t *source)
{
    uint64_t count;
    bool found = false;

    pthread_mutex_lock(&door->mutex);
    for (size_t i = 0; i < door->settings->source_count && !found; i++) {
        found = door->targets[i].pushed;
        door->targets[i].pushed = false;
        *source = i;
    }
    if (!found && read(door->event, &count, sizeof count) < 0)
        count = 0;
    pthread_mutex_unlock(&door->mutex);
    return found;
}
