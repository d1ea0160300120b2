#include "console/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "console/accounts.h"
#include "console/audit.h"
#include "console/keys.h"
#include "console/prove.h"
#include "console/status.h"
#include "console/tail.h"
#include "console/totp.h"
#include "http/router.h"
#include "http/server.h"
#include "keys/secret.h"
#include "trail/export.h"

enum {
    BODY_MOST = 256 * 1024,
    THREADS = 4,
    TRIES_MOST = 5, /* of a call whose transaction met another one */
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

/* Replies may hold a secret or a TOTP seed (B6): the text is wiped once it was handed over. */
static void document_send(struct http_reply *reply, unsigned status, json_t *document)
{
    char *text = document == NULL ? NULL : json_dumps(document, JSON_COMPACT);

    reply->status = text == NULL ? 500 : status;
    if (text != NULL) {
        buffer_append(&reply->body, slice_of(text));
        secret_wipe_bytes(text, strlen(text));
    }
    free(text);
    json_decref(document);
}

static void error_send(struct http_reply *reply, unsigned status, const char *code,
                       const char *message)
{
    document_send(reply, status,
                  json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", message));
}

static void refusal_send(struct http_reply *reply, const struct refusal *refusal)
{
    document_send(reply, refusal_status(refusal), refusal_json(refusal));
}

static void broken_send(struct http_reply *reply, enum err e)
{
    char message[128];

    snprintf(message, sizeof message,
             "%s: nothing was done by halves; the journal of the authority says more",
             err_text(e));
    error_send(reply, broken_status(e), e == ERR_MISSING ? "missing" : "broken", message);
}

static void call_reset(struct call *c)
{
    json_decref(c->reply);
    c->reply = NULL;
    export_close(&c->export);
    c->status = 200;
    refusal_init(&c->refusal);
}

static void call_run(struct call *c, enum err (*function)(struct call *c),
                     struct http_reply *reply)
{
    enum err e = ERR_CONFLICT;

    for (int tries = 0; e == ERR_CONFLICT && tries < TRIES_MOST; tries++) {
        call_reset(c);
        e = function(c);
    }
    if (refusal_is(&c->refusal)) {
        refusal_send(reply, &c->refusal);
        json_decref(c->reply);
    } else if (e != OK) {
        broken_send(reply, e);
        json_decref(c->reply);
    } else if (c->export != NULL) {
        audit_export_send(c, reply);
    } else {
        document_send(reply, c->status, c->reply);
    }
    c->reply = NULL;
    export_close(&c->export);
}

static void tail_run(struct console *o, struct call *c, struct http_reply *reply)
{
    struct trail_query query;

    call_reset(c);
    audit_query_read(c, &query);
    query.forward = true;
    query.before = 0;
    call_number(c, "from", &query.from);
    if (refusal_is(&c->refusal)) {
        refusal_send(reply, &c->refusal);
        return;
    }
    http_request_hold(c->request);
    if (tail_take(o->tail, c->request, &query) != OK) {
        struct http_reply busy;

        http_reply_init(&busy);
        error_send(&busy, 503, "too-many-tails", "too many calls wait for records; end some");
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
        error_send(reply, 405, "method", "this path is served by another method");
        return;
    default:
        error_send(reply, 404, "path", "there is no such call; docs/architecture.md lists them");
        return;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        broken_send(reply, ERR_MEMORY);
        return;
    }
    c->authority = o->authority;
    c->collector = o->collector;
    c->request = request;
    c->body = http_request_json(request);
    c->value = values.at[0];
    snprintf(c->who, sizeof c->who, "operator uid %u", (unsigned)http_request_peer(request));
    if (c->body == NULL)
        error_send(reply, 400, "not-json", "the body has to be one JSON object");
    else if (route - routes == ROUTE_TAIL)
        tail_run(o, c, reply);
    else
        call_run(c, functions[route - routes], reply);
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
