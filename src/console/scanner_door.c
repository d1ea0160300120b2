#include "console/scanner_door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "console/call.h"
#include "console/leak_sources.h"
#include "console/leaks.h"
#include "console/reply.h"
#include "http/server.h"

enum { BODY_MOST = 256 * 1024 };

struct scanner_door {
    struct authority *authority;
    struct http_server *server;
};

/* NULL: there is no such call here. */
static enum err (*function_find(const char *method, const char *path))(struct call *c)
{
    if (strcmp(method, "POST") == 0 && strcmp(path, "/leaks") == 0)
        return leaks_post;
    if (strcmp(method, "PUT") == 0 && strcmp(path, "/leaks/sources") == 0)
        return leak_sources_put;
    return NULL;
}

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    struct scanner_door *d = context;
    enum err (*function)(struct call * c) =
        function_find(http_request_method(request), http_request_path(request));
    struct call *c;

    if (function == NULL) {
        reply_error(reply, 404, "path", "here are POST /leaks and PUT /leaks/sources alone");
        return;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        reply_broken(reply, ERR_MEMORY);
        return;
    }
    c->authority = d->authority;
    c->request = request;
    c->body = http_request_json(request);
    snprintf(c->who, sizeof c->who, "scanner uid %u", (unsigned)http_request_peer(request));
    if (c->body == NULL)
        reply_error(reply, 400, "not-json", "the body has to be one JSON object");
    else
        reply_run(c, function, reply);
    free(c);
}

enum err scanner_door_open(struct authority *a, const char *socket, uid_t scanner,
                           struct scanner_door **door)
{
    struct scanner_door *d = calloc(1, sizeof *d);
    const struct http_options options = {
        .path = socket,
        .mode = 0660,
        .peers_too = { scanner },
        .body_most = BODY_MOST,
        .thread_count = 1,
        .answer = answer,
        .context = d,
    };
    enum err e = ERR_MEMORY;

    *door = NULL;
    if (d == NULL)
        return ERR_MEMORY;
    d->authority = a;
    TRY(http_server_open(&options, &d->server));
    log_info("console", "listening for a scanner on %s", socket);
    *door = d;
    d = NULL;
out:
    free(d);
    return e;
}

void scanner_door_close(struct scanner_door **door)
{
    struct scanner_door *d = *door;

    *door = NULL;
    if (d == NULL)
        return;
    http_server_close(&d->server);
    free(d);
}
