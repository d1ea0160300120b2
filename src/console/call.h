/* console/call.h: one call of the authority's HTTP API, as its resource sees it
 *
 * A resource function reads the call, runs one service, and leaves a reply or a refusal.  It may be
 * run again (ERR_CONFLICT), so it changes nothing but the call.
 */
#ifndef CONSOLE_CALL_H
#define CONSOLE_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

struct collector;
struct export;
struct http_request;
struct sandbox;
struct session;

enum { CALL_HEADERS_MOST = 3, CALL_HEADER_SIZE = 512 };

struct call {
    struct authority *authority;
    struct collector *collector; /* may be NULL */
    struct http_request *request;
    const json_t *body;    /* an object; empty when there was none; NULL: the body is no JSON */
    struct slice value;    /* of the first {…} in the path */
    struct slice second;   /* of the second one */
    char who[32];          /* "operator uid 0", "account 1001": for the change log */

    /* Of a call that a browser made (portal/portal.h). */
    bool portal;
    struct sandbox *sandbox;       /* the exchange that the console shows; NULL: there is none */
    const struct session *session; /* NULL: nobody is logged in */
    uint64_t reach;                /* whose audit records alone are told; 0: all */
    struct slice address;          /* where the call comes from */
    struct slice agent;            /* what the browser calls itself, cut and cleaned */

    json_t *reply;         /* owned by the call */
    struct export *export; /* sent instead of the reply, in pieces; owned by the call */
    bool csv;              /* the export's format */
    struct buffer bytes;   /* sent instead of the reply when `type` is set; owned by the call */
    const char *type;      /* of the bytes; static */
    bool held;             /* the request is held and answered elsewhere */
    unsigned status;       /* of the reply, 200 at first */
    struct call_header {   /* by call_header */
        const char *name;
        char value[CALL_HEADER_SIZE];
    } headers[CALL_HEADERS_MOST];
    struct refusal refusal;
};

/* One more header of the reply, unless it is refused.  `name` is static. */
void call_header(struct call *c, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The member's text, empty when it is absent or null.  Another type is refused by name. */
struct slice call_text(struct call *c, const json_t *object, const char *name);

/* The parameter as a number.  False when absent; one that is none is refused. */
bool call_number(struct call *c, const char *name, uint64_t *value);

/* The account that the text names.  ERR_MISSING with a refusal: there is none. */
must_use enum err call_account(struct call *c, struct slice name, uint64_t *account);

/* "2026-11-23T10:00:00Z", a fraction allowed. */
bool moment_of_text(const char *text, uint64_t *at_us);

/* Moments as RFC 3339 text, null for 0. */
json_t *moment_json(uint64_t at_ns);

/* {"error":{"code","message","reasons":[{"code","message","field"}]}}, the field where it is known
 */
json_t *refusal_json(const struct refusal *refusal);

/* HTTP status of a refusal, and of what broke. */
unsigned refusal_status(const struct refusal *refusal);
unsigned broken_status(enum err e);

#endif
