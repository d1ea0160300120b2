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
#include "base/err.h"
#include "base/slice.h"

struct collector;
struct export;
struct http_request;

struct call {
    struct authority *authority;
    struct collector *collector; /* may be NULL */
    struct http_request *request;
    const json_t *body;    /* an object; empty when there was none */
    struct slice value;    /* of the {…} in the path */
    char who[32];          /* "operator uid 0": for the change log */

    json_t *reply;         /* owned by the call */
    struct export *export; /* sent instead of the reply, in pieces; owned by the call */
    bool csv;              /* the export's format */
    unsigned status;       /* of the reply, 200 at first */
    struct refusal refusal;
};

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

/* {"error":{"code","message","reasons":[{"code","message","field"}]}}, the field where it is known */
json_t *refusal_json(const struct refusal *refusal);

/* HTTP status of a refusal, and of what broke. */
unsigned refusal_status(const struct refusal *refusal);
unsigned broken_status(enum err e);

#endif
