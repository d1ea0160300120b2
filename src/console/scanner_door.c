#include "console/scanner_door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "console/call.h"
#include "console/leak_objects.h"
#include "console/leak_sources.h"
#include "console/leaks.h"
#include "console/reply.h"
#include "http/router.h"
#include "http/server.h"

enum { BODY_MOST = LEAK_OBJECT_MOST };

struct scanner_door {
    struct authority *authority;
    struct http_server *server;
};

static const struct http_route routes[] = {
    { "POST", "/leaks", NULL },
    { "PUT", "/leaks/sources", NULL },
    { "PUT", "/leaks/{id}/object", NULL },
};

static enum err (*const functions[])(struct call *c) = { leaks_post, leak_sources_put,
                                                         leak_object_put };

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    struct scanner_door *d = context;
    enum err (*function)(struct call * c);
    const struct http_route *route;
    struct http_values values;
    struct call *c;

    if (http_route_find(routes, sizeof routes / sizeof *routes, http_request_method(request),
                        http_request_path(request), &route, &values) != HTTP_ROUTE_FOUND) {
        reply_error(reply, 404, "path",
                    "here are POST /leaks, PUT /leaks/sources and PUT /leaks/{id}/object alone");
        return;
    }
    function = functions[route - routes];
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        reply_broken(reply, ERR_MEMORY);
        return;
    }
    c->authority = d->authority;
    c->request = request;
    c->body = http_request_json(request);
    c->value = values.at[0];
    snprintf(c->who, sizeof c->who, "scanner uid %u", (unsigned)http_request_peer(request));
    if (c->body == NULL && function != leak_object_put)
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
