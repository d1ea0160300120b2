#include "console/gateway_door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "console/metrics.h"
#include "http/server.h"
#include "trail/trail.h"

enum { FILE_MOST = 64 * 1024 }; /* a tile has at most 8 KiB, a checkpoint some hundred bytes */

struct gateway_door {
    struct authority *authority;
    struct collector *collector;
    struct http_server *server;
};

/* Level and number, nothing else: "tile/0/x001/234.p/17", but neither "tile/entries/…" nor "..". */
static bool is_tree_file(const char *name)
{
    if (strcmp(name, "checkpoint") == 0 || strcmp(name, "key.pub") == 0)
        return true;
    return strncmp(name, "tile/", 5) == 0 && name[5] >= '0' && name[5] <= '9' &&
           strspn(name + 5, "0123456789/xp.") == strlen(name + 5) && strstr(name, "..") == NULL;
}

static void missing_say(struct http_reply *reply)
{
    reply->status = 404;
    buffer_append(&reply->body,
                  SLICE("{\"error\":{\"code\":\"path\",\"message\":\"here are /metrics, "
                        "/log/checkpoint and /log/tile/<level>/<number>\"}}"));
}

static void file_serve(const struct trail *trail, const char *name, struct http_reply *reply)
{
    char path[FILE_PATH_SIZE];

    if (!is_tree_file(name) ||
        snprintf(path, sizeof path, "%s/%s", trail_folder(trail), name) >= (int)sizeof path ||
        file_read(path, FILE_MOST, &reply->body) != OK) {
        missing_say(reply);
        return;
    }
    reply->type = name[0] == 't' ? "application/octet-stream" : "text/plain; charset=utf-8";
}

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    struct gateway_door *d = context;
    const char *path = http_request_path(request);

    if (strcmp(http_request_method(request), "GET") != 0) {
        missing_say(reply);
    } else if (strcmp(path, "/metrics") == 0) {
        reply->type = "text/plain; version=0.0.4; charset=utf-8";
        metrics_write(d->authority, d->collector, &reply->body);
    } else if (strncmp(path, "/log/", 5) == 0) {
        file_serve(d->authority->trail, path + 5, reply);
    } else {
        missing_say(reply);
    }
}

enum err gateway_door_open(struct authority *a, struct collector *collector, const char *socket,
                           uid_t gateway, struct gateway_door **door)
{
    struct gateway_door *d = calloc(1, sizeof *d);
    const struct http_options options = { .path = socket, .mode = 0660, .peers_too = { gateway },
                                          .thread_count = 1, .answer = answer, .context = d };
    enum err e = ERR_MEMORY;

    *door = NULL;
    if (d == NULL)
        return ERR_MEMORY;
    d->authority = a;
    d->collector = collector;
    TRY(http_server_open(&options, &d->server));
    *door = d;
    d = NULL;
out:
    free(d);
    return e;
}

void gateway_door_close(struct gateway_door **door)
{
    struct gateway_door *d = *door;

    *door = NULL;
    if (d == NULL)
        return;
    http_server_close(&d->server);
    free(d);
}
