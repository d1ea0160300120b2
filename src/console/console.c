#include "console/console.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "console/accounts.h"
#include "console/audit.h"
#include "console/factors.h"
#include "console/grants.h"
#include "console/key_edit.h"
#include "console/keys.h"
#include "console/leak_objects.h"
#include "console/leak_sources.h"
#include "console/leaks.h"
#include "console/master_key.h"
#include "console/prove.h"
#include "console/reply.h"
#include "console/reviews.h"
#include "console/status.h"
#include "console/tail.h"
#include "console/totp.h"
#include "http/router.h"
#include "http/server.h"

enum {
    BODY_MOST = LEAK_OBJECT_MOST, /* of JSON much less would do */
    THREADS = 4,
};

struct console {
    struct authority *authority;
    struct collector *collector;
    struct http_server *server;
    struct tail *tail;
};

static const struct http_route routes[] = {
#define RESOURCE(method, path, function) { method, path, NULL },
#include "console/resources.def"
#undef RESOURCE
    { "GET", "/audit/tail", NULL },
};

static enum err (*const functions[])(struct call *c) = {
#define RESOURCE(method, path, function) function,
#include "console/resources.def"
#undef RESOURCE
};

enum { ROUTE_COUNT = sizeof routes / sizeof *routes, ROUTE_TAIL = ROUTE_COUNT - 1 };

static void tail_run(struct console *o, struct call *c, struct http_reply *reply)
{
    struct trail_query query;

    reply_reset(c);
    tail_query_read(c, &query);
    if (refusal_is(&c->refusal)) {
        reply_refusal(reply, &c->refusal);
        return;
    }
    http_request_hold(c->request);
    if (tail_take(o->tail, c->request, &query) != OK) {
        struct http_reply busy;

        http_reply_init(&busy);
        reply_error(&busy, 503, "too-many-tails", "too many calls wait for records; end some");
        http_request_answer(c->request, &busy);
    }
}

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    struct console *o = context;
    const struct http_route *route;
    struct http_values values;
    struct call *c = NULL;

    switch (http_route_find(routes, ROUTE_COUNT, http_request_method(request),
                            http_request_path(request), &route, &values)) {
    case HTTP_ROUTE_FOUND:
        break;
    case HTTP_ROUTE_OTHER_METHOD:
        reply_error(reply, 405, "method", "this path is served by another method");
        return;
    default:
        reply_error(reply, 404, "path", "there is no such call; docs/architecture.md lists them");
        return;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        reply_broken(reply, ERR_MEMORY);
        return;
    }
    c->authority = o->authority;
    c->collector = o->collector;
    c->request = request;
    c->body = http_request_json(request);
    c->value = values.at[0];
    c->second = values.at[1];
    snprintf(c->who, sizeof c->who, "operator uid %u", (unsigned)http_request_peer(request));
    if (c->body == NULL && functions[route - routes] != leak_object_put)
        reply_error(reply, 400, "not-json", "the body has to be one JSON object");
    else if (route - routes == ROUTE_TAIL)
        tail_run(o, c, reply);
    else
        reply_run(c, functions[route - routes], reply);
    free(c);
}

enum err console_open(struct authority *a, struct collector *collector, const char *socket,
                      struct console **console)
{
    struct console *o = calloc(1, sizeof *o);
    const struct http_options options = {
        .path = socket,
        .mode = 0600,
        .body_most = BODY_MOST,
        .thread_count = THREADS,
        .answer = answer,
        .context = o,
    };
    enum err e = ERR_MEMORY;

    *console = NULL;
    if (o == NULL)
        return ERR_MEMORY;
    o->authority = a;
    o->collector = collector;
    TRY(tail_start(a->trail, &o->tail));
    TRY(http_server_open(&options, &o->server));
    log_info("console", "listening on %s", socket);
    *console = o;
    o = NULL;
out:
    console_close(&o);
    return e;
}

void console_close(struct console **console)
{
    struct console *o = *console;

    *console = NULL;
    if (o == NULL)
        return;
    /* Tails end first, else the server would answer them with 503; calls that come meanwhile still
     * find somebody to turn them away. */
    if (o->tail != NULL)
        tail_stop(o->tail);
    http_server_close(&o->server);
    tail_close(&o->tail);
    free(o);
}
