#include "portal/portal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/alert_body.h"
#include "authority/session.h"
#include "authority/settings.h"
#include "base/log.h"
#include "console/audit.h"
#include "console/grants.h"
#include "console/leak_sources.h"
#include "console/leaks.h"
#include "console/prove.h"
#include "console/reply.h"
#include "console/reviews.h"
#include "console/status.h"
#include "console/tail.h"
#include "http/router.h"
#include "http/server.h"
#include "keys/secret.h"
#include "portal/access.h"
#include "portal/account.h"
#include "portal/approval.h"
#include "portal/chart.h"
#include "portal/crew.h"
#include "portal/document.h"
#include "portal/entrance.h"
#include "portal/factors.h"
#include "portal/keys.h"
#include "portal/leak_door.h"
#include "portal/leaks.h"
#include "portal/notices.h"
#include "portal/operator_accounts.h"
#include "portal/operator_keys.h"
#include "portal/sandbox.h"
#include "portal/session_cookie.h"
#include "portal/sessions.h"
#include "portal/verification.h"
#include "portal/webhooks.h"

enum {
    BODY_MOST = 256 * 1024,
    UPLOAD_MOST = ALERT_BODY_MOST, /* of documents 8 MiB; the service says so in words */
    THREADS = 4,
    ASKING_THREADS = 8,
};

struct portal {
    struct authority *authority;
    struct collector *collector;
    struct http_server *server;
    struct crew *hashing;
    struct crew *asking; /* the sandbox exchange */
    struct sandbox *sandbox;
    struct tail *tail;
};

static const struct http_route routes[] = {
#define RESOURCE(method, path, function, access) { method, path, NULL },
#include "portal/resources.def"
#undef RESOURCE
};

static const struct row {
    enum err (*function)(struct call *c);
    unsigned access;
} rows[] = {
#define RESOURCE(method, path, function, access) { function, access },
#include "portal/resources.def"
#undef RESOURCE
};

enum { ROUTE_COUNT = sizeof routes / sizeof *routes };

/* A call with what it borrows from beside the request. */
struct visit {
    struct call call;
    struct session session;
    char agent[SESSION_AGENT_SIZE];
    const struct row *row;
};

static void visit_free(struct visit *v)
{
    secret_wipe_bytes(&v->session, sizeof v->session);
    free(v);
}

static bool is_reading(const struct http_request *request)
{
    return strcmp(http_request_method(request), "GET") == 0;
}

static bool is_json(const struct http_request *request)
{
    const char *type = http_request_header(request, "Content-Type");

    return type != NULL && strncasecmp(type, "application/json", 16) == 0 &&
           (type[16] == '\0' || type[16] == ';' || type[16] == ' ');
}

/* Only nginx can reach the socket, and it removes what clients sent in this header's place. */
static bool address_read(struct visit *v)
{
    const char *text = http_request_header(v->call.request, "X-Latchkey-Address");
    uint8_t bytes[sizeof(struct in6_addr)];

    v->call.address = slice_of(text);
    return text != NULL && strlen(text) < SESSION_ADDRESS_SIZE &&
           (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1);
}

/* The owner reads it in the list of sessions: printable ASCII, and not too much of it. */
static void agent_read(struct visit *v)
{
    const char *text = http_request_header(v->call.request, "User-Agent");
    size_t size = 0;

    for (; text != NULL && *text != '\0' && size < sizeof v->agent - 1; text++)
        v->agent[size++] = *text >= ' ' && *text <= '~' ? *text : '?';
    v->call.agent = (struct slice){ v->agent, size };
}

/* Whether a page of the console itself makes the change.  False: refused. */
static bool origin_check(const struct portal *p, struct http_request *request,
                         const struct row *row, struct http_reply *reply)
{
    const char *origin = http_request_header(request, "Origin");

    if (is_reading(request) || (row->access & DOOR) != 0 ||
        (origin != NULL && strcmp(origin, p->authority->settings->public_url) == 0))
        return true;
    reply_error(reply, 403, "origin",
                "changes come from a page of the console only: open it under its own address");
    return false;
}

static bool type_check(const struct visit *v, struct http_reply *reply)
{
    if (is_reading(v->call.request) || (v->row->access & (UPLOAD | DOOR)) != 0 ||
        is_json(v->call.request))
        return true;
    reply_error(reply, 415, "not-json", "send the body as application/json");
    return false;
}

static bool csrf_check(const struct visit *v, struct http_reply *reply)
{
    const char *value = http_request_header(v->call.request, "X-Latchkey-CSRF");

    if (is_reading(v->call.request) ||
        (value != NULL && strlen(value) == SESSION_TOKEN_SIZE - 1 &&
         secret_equal_bytes(value, v->session.csrf, SESSION_TOKEN_SIZE - 1)))
        return true;
    reply_error(reply, 403, "csrf",
                "the header X-Latchkey-CSRF has to hold \"csrf\" of GET /session: load the page "
                "again");
    return false;
}

/* Whether the session is enough for the row.  False: refused. */
static bool level_check(const struct visit *v, struct http_reply *reply)
{
    unsigned level = v->row->access & ACCESS_LEVEL;

    if (level == ENTERING)
        return true;
    if (v->session.needs_factor) {
        reply_error(reply, 403, "factor-needed",
                    "the login is not finished: give your second factor first");
        return false;
    }
    if (level >= FULL && v->session.level != SESSION_FULL) {
        reply_error(reply, 403, "factor-missing",
                    "this needs a second factor: set up an authenticator app or a passkey first");
        return false;
    }
    if (level == OPERATOR && v->session.role != ACCOUNT_OPERATOR) {
        reply_error(reply, 403, "operator-only", "this is for operators of the venue");
        return false;
    }
    return true;
}

/* True: the row may run. */
static bool caller_check(struct visit *v, struct http_reply *reply)
{
    enum err e = session_find(v->call.authority, session_cookie(v->call.request), &v->session);

    if (e == OK) {
        v->call.session = &v->session;
        snprintf(v->call.who, sizeof v->call.who, "%s %llu",
                 v->session.role == ACCOUNT_OPERATOR ? "operator" : "account",
                 (unsigned long long)v->session.account);
        v->call.reach =
            (v->row->access & ACCESS_LEVEL) == OPERATOR ? 0 : v->session.account;
    } else if (e != ERR_MISSING) {
        reply_broken(reply, e);
        return false;
    }
    if ((v->row->access & ACCESS_LEVEL) == ANYONE)
        return true;
    if (e == ERR_MISSING) {
        reply_error(reply, 401, "session-missing", "nobody is logged in here, or no more: log in");
        return false;
    }
    return csrf_check(v, reply) && level_check(v, reply);
}

static bool body_read(struct visit *v, struct http_reply *reply)
{
    if ((v->row->access & (UPLOAD | DOOR)) != 0)
        return true;
    if (http_request_body(v->call.request).size > BODY_MOST) {
        reply_error(reply, 413, "too-large", "the body is larger than the console reads");
        return false;
    }
    v->call.body = http_request_json(v->call.request);
    if (v->call.body != NULL)
        return true;
    reply_error(reply, 400, "not-json", "the body has to be one JSON object");
    return false;
}

/* On a thread of a crew. */
static void held_run(void *job)
{
    struct visit *v = job;
    struct http_request *request = v->call.request;
    struct http_reply reply;

    http_reply_init(&reply);
    http_reply_header(&reply, "Cache-Control", "no-store");
    reply_run(&v->call, v->row->function, &reply);
    visit_free(v);
    http_request_answer(request, &reply);
}

static void busy_say(struct http_request *request, const char *words)
{
    struct http_reply reply;

    http_reply_init(&reply);
    http_reply_header(&reply, "Retry-After", "10");
    reply_error(&reply, 503, "busy", words);
    http_request_answer(request, &reply);
}

static void visit_tail(struct portal *p, struct visit *v, struct http_reply *reply)
{
    struct http_request *request = v->call.request;
    struct trail_query query;

    reply_reset(&v->call);
    tail_query_read(&v->call, &query);
    if (refusal_is(&v->call.refusal)) {
        reply_refusal(reply, &v->call.refusal);
    } else {
        http_request_hold(request);
        if (tail_take(p->tail, request, &query) != OK)
            busy_say(request, "too many calls wait for records: try again in 10 seconds");
    }
    visit_free(v);
}

/* On a crew's thread, once one is free. */
static void visit_later(struct crew *crew, struct visit *v, const char *words)
{
    struct http_request *request = v->call.request;

    http_request_hold(request);
    if (crew_take(crew, v) != OK) {
        visit_free(v);
        busy_say(request, words);
    }
}

static void visit_run(struct portal *p, struct visit *v, struct http_reply *reply)
{
    if ((v->row->access & TAILS) != 0) {
        visit_tail(p, v, reply);
        return;
    }
    if ((v->row->access & HASHES) != 0) {
        visit_later(p->hashing, v, "too many log in at this moment: try again in 10 seconds");
    } else if ((v->row->access & ASKS) != 0) {
        visit_later(p->asking, v, "too many wait for the sandbox: try again in 10 seconds");
    } else {
        reply_run(&v->call, v->row->function, reply);
        visit_free(v);
    }
}

static void visit_begin(struct portal *p, struct http_request *request, const struct row *row,
                        const struct http_values *values, struct http_reply *reply)
{
    struct visit *v = calloc(1, sizeof *v);

    if (v == NULL) {
        reply_broken(reply, ERR_MEMORY);
        return;
    }
    v->row = row;
    v->call = (struct call){ .authority = p->authority, .collector = p->collector,
                             .sandbox = p->sandbox, .request = request, .portal = true,
                             .value = values->at[0], .second = values->at[1] };
    snprintf(v->call.who, sizeof v->call.who, "nobody");
    agent_read(v);
    if (!address_read(v))
        reply_error(reply, 400, "address", "the gateway did not say where the call comes from");
    else if (type_check(v, reply) && caller_check(v, reply) && body_read(v, reply)) {
        visit_run(p, v, reply);
        return;
    }
    visit_free(v);
}

static void answer(void *context, struct http_request *request, struct http_reply *reply)
{
    struct portal *p = context;
    const struct http_route *route;
    struct http_values values;

    /* What a person sees stays in no cache on the way or on disk. */
    http_reply_header(reply, "Cache-Control", "no-store");
    switch (http_route_find(routes, ROUTE_COUNT, http_request_method(request),
                            http_request_path(request), &route, &values)) {
    case HTTP_ROUTE_FOUND:
        if (origin_check(p, request, &rows[route - routes], reply))
            visit_begin(p, request, &rows[route - routes], &values, reply);
        break;
    case HTTP_ROUTE_OTHER_METHOD:
        reply_error(reply, 405, "method", "this path is served by another method");
        break;
    default:
        reply_error(reply, 404, "path", "there is no such call; openapi.json lists them");
        break;
    }
}

enum err portal_open(struct authority *a, struct collector *collector, const char *socket,
                     uid_t gateway, const char *sandbox, struct portal **portal)
{
    struct portal *p = calloc(1, sizeof *p);
    const struct http_options options = { .path = socket,
                                          .mode = 0660,
                                          .peers_too = { gateway },
                                          .body_most = UPLOAD_MOST,
                                          .thread_count = THREADS,
                                          .answer = answer,
                                          .context = p };
    enum err e = ERR_MEMORY;

    *portal = NULL;
    if (p == NULL)
        return ERR_MEMORY;
    p->authority = a;
    p->collector = collector;
    TRY(crew_start(CREW_OF_CORES, held_run, &p->hashing));
    TRY(crew_start(ASKING_THREADS, held_run, &p->asking));
    if (sandbox != NULL)
        TRY(sandbox_open(sandbox, &p->sandbox));
    TRY(tail_start(a->trail, &p->tail));
    TRY(http_server_open(&options, &p->server));
    log_info("portal", "listening on %s for %s", socket, a->settings->public_url);
    *portal = p;
    p = NULL;
out:
    portal_close(&p);
    return e;
}

void portal_close(struct portal **portal)
{
    struct portal *p = *portal;

    *portal = NULL;
    if (p == NULL)
        return;
    crew_stop(&p->hashing);
    crew_stop(&p->asking);
    /* As in console_close. */
    if (p->tail != NULL)
        tail_stop(p->tail);
    http_server_close(&p->server);
    tail_close(&p->tail);
    sandbox_close(&p->sandbox);
    free(p);
}
