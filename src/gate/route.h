/* gate/route.h: the endpoints of a venue and what each asks of a key
 *
 * A table of rows.  Ours is route.def; a venue with an API of its own brings another
 * (gate/route_file.h).  Method and decoded path find the row, segment by segment: repeated slashes
 * count as one, a literal beats a parameter, "hist" and "last" are found in any case, because stock
 * clients send all of that (docs of the venue's API, HTTP-level rules).  "." and ".." belong to no
 * route, nor does an escaped slash: whoever stands behind may read another path out of them.
 *
 * Announced retirement (E2): a route that will end says so on each of its replies, by Deprecation
 * (RFC 9745), Sunset (RFC 8594) and a link to its successor.  At its sunset it is retired by
 * itself.
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
    HTTP_METHOD_WS = 8, /* no HTTP request: something said over a WebSocket */
    HTTP_METHOD_COUNT,
    HTTP_METHOD_ANY = 0xff, /* of a row: whatever the request's is */
};

enum route_class {
    ROUTE_PUBLIC,  /* may be asked without a key, unless it needs a scope */
    ROUTE_PRIVATE, /* signed, always */
};

enum route_flag {
    ROUTE_COUNTS_AS_ORDER = 1, /* waits for readiness on the live venue (C3, D1, D2) */
    ROUTE_WALLETS = 2,         /* answered well, it fulfils D1 */
    ROUTE_RETIRED = 4,         /* 410 (E2) */
    ROUTE_MAKES_TOKEN = 8,     /* answered by the gateway itself */
    ROUTE_DROPS_TOKEN = 16,    /* likewise */
    ROUTE_WRITES = 32,         /* it changes something, although its scope does not say so */
};

enum route_number {
#define ROUTE(number, name, method, pattern, class, scope, flags, deprecated, sunset, successor) \
    ROUTE_NUMBER_##name = (number),
#include "gate/route.def"
#undef ROUTE
    ROUTE_NUMBER_OWN = 1000, /* own tables number theirs from here */
};

struct route {
    uint16_t number; /* never 0: that is the unknown path */
    uint8_t method;  /* enum http_method */
    uint8_t class;   /* enum route_class */
    uint8_t scope;   /* enum scope, or SCOPE_NONE */
    uint8_t flags;   /* enum route_flag, or-ed */
    const char *name;
    const char *pattern;     /* "/v2/auth/r/orders/{symbol}/hist"; a last "*" is all the rest */
    uint64_t deprecated_at_s; /* since 1970; 0: not announced */
    uint64_t sunset_at_s;     /* 0: not announced */
    const char *successor;    /* path that takes its place, or NULL */
};

enum {
    PATH_MOST = 1024,          /* bytes of a decoded path; longer ones belong to no route */
    ROUTE_SEGMENTS_MOST = 8,   /* of a pattern */
    ROUTE_TABLE_MOST = 512,    /* rows */
    ROUTE_SUCCESSOR_MOST = 120, /* bytes */
};

struct route_table {
    const struct route *rows; /* in the order of route_order */
    size_t count;
    struct slice signed_prefix; /* what is signed before the path: "/api/", with its last slash */
    struct slice header_prefix; /* of apikey, nonce and signature: "bfx-", lower case */
    const char *wallets;        /* pattern of the first row with ROUTE_WALLETS, or NULL */
};

/* The venue's own API, from route.def. */
const struct route_table *route_table_venue(void);

/* Order in which a table's rows stand: by segments as bytes, "*" first and parameters last, then by
 * method.  0 only for the same pattern and method. */
int route_order(const struct route *a, const struct route *b);

/* Decodes %xx once; "+" stays.  `decoded` has room for PATH_MOST bytes.  False: a broken escape, an
 * escaped slash, a NUL, or too long. */
bool path_decode(struct slice raw, char decoded[PATH_MOST], size_t *size);

/* `path` is decoded, without the query; a leading slash is optional.  NULL: no such route. */
const struct route *route_find(const struct route_table *table, enum http_method method,
                               struct slice path);

enum route_input {
    ROUTE_INPUT_EVENT,     /* {"event":NAME}: "auth" */
    ROUTE_INPUT_SUBSCRIBE, /* {"event":"subscribe","channel":NAME} */
    ROUTE_INPUT_CHANNEL_0, /* [0,NAME,null,...]; the parts of "ox_multi" count under its own row */
    ROUTE_INPUT_CALC,      /* one item of a "calc": "wallet_exchange_USD", asked apart */
};

/* What a client says over the WebSocket, in the venue's table; NULL: no such input. */
const struct route *route_find_input(enum route_input kind, struct slice name);

/* A row of the venue's table by number; NULL if there is none. */
const struct route *route_get(unsigned number);

/* Flags of the route that an audit record names: of our table by its number, of another as they
 * were recorded. */
unsigned route_flags_of(unsigned number, unsigned recorded);

/* Answered well, it has placed an order (D2).  Not so several operations at once: their reply is
 * well even when each of them failed. */
bool route_places_order(unsigned number, unsigned flags);

/* It changes something: its scope is one to write, or it has ROUTE_WRITES. */
bool route_is_write(const struct route *route);
bool route_is_elevated(const struct route *route); /* D5 */

/* Retired, or past its sunset. */
bool route_is_retired(const struct route *route, uint64_t wall_ns);

/* "GET"; "OTHER" for a method outside the list; static. */
const char *http_method_text(unsigned method);
enum http_method http_method_find(struct slice text); /* never HTTP_METHOD_WS */

#endif
