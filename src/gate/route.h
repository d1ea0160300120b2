/* gate/route.h: the endpoints of the venue and what each asks of a key
 *
 * One table, route.def.  Method and decoded path find the row: repeated slashes count as one, a
 * literal beats a parameter, "hist" and "last" are found in any case, because stock clients send
 * all of that (docs of the venue's API, HTTP-level rules).
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_ROUTE_H
#define GATE_ROUTE_H

#include <stdint.h>

#include "base/slice.h"
#include "keys/scope.h"

/* Numbers are in audit records: never reused. */
enum http_method {
    HTTP_METHOD_OTHER = 0,
    HTTP_METHOD_GET = 1,
    HTTP_METHOD_HEAD = 2, /* routed as GET */
    HTTP_METHOD_POST = 3,
    HTTP_METHOD_PUT = 4,
    HTTP_METHOD_DELETE = 5,
    HTTP_METHOD_OPTIONS = 6,
    HTTP_METHOD_PATCH = 7,
    HTTP_METHOD_COUNT
};

enum route_class {
    ROUTE_PUBLIC,  /* may be asked without a key */
    ROUTE_PRIVATE, /* signed, always */
};

enum route_flag {
    ROUTE_COUNTS_AS_ORDER = 1, /* waits for readiness on the live venue (C3, D1, D2) */
    ROUTE_WALLETS = 2,         /* answered well, it fulfils D1 */
    ROUTE_RETIRED = 4,         /* 410 (E2) */
    ROUTE_MAKES_TOKEN = 8,     /* answered by the gateway itself */
    ROUTE_DROPS_TOKEN = 16,    /* likewise */
};

enum route_number {
#define ROUTE(number, name, method, pattern, class, scope, flags) ROUTE_NUMBER_##name = (number),
#include "gate/route.def"
#undef ROUTE
};

struct route {
    uint16_t number; /* never 0: that is the unknown path */
    uint8_t method;  /* enum http_method */
    uint8_t class;   /* enum route_class */
    uint8_t scope;   /* enum scope, or SCOPE_NONE */
    uint8_t flags;   /* enum route_flag, or-ed */
    const char *name;
    const char *pattern; /* "v2/auth/r/orders/{symbol}/hist" */
};

enum {
    PATH_MOST = 1024, /* bytes of a decoded path; longer ones belong to no route */
};

/* Decodes %xx once; "+" stays.  `decoded` has room for PATH_MOST bytes.  False: a broken escape, a
 * NUL, or too long. */
bool path_decode(struct slice raw, char decoded[PATH_MOST], size_t *size);

/* `path` is decoded, without the query; a leading slash is optional.  NULL: no such route. */
const struct route *route_find(enum http_method method, struct slice path);

/* By number; NULL if there is none. */
const struct route *route_get(unsigned number);

/* "GET"; "OTHER" for a method outside the list; static. */
const char *http_method_text(unsigned method);
enum http_method http_method_find(struct slice text);

#endif
