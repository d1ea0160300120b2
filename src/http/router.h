/* http/router.h: a table of routes
 *
 *     static const struct http_route routes[] = {
 *         { "GET", "/keys", keys_list },
 *         { "GET", "/keys/{id}", key_get },
 *     };
 *
 * A {name} stands for one non-empty segment.  The first row that fits wins: rows with literals
 * stand above those with names.
 */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include <stddef.h>

#include "base/slice.h"

#define HTTP_VALUES_MOST 4

struct http_request;
struct http_reply;

/* What the names of the pattern stand for, in order; borrowed from the path. */
struct http_values {
    struct slice at[HTTP_VALUES_MOST];
};

struct http_route {
    const char *method;
    const char *pattern;
    void (*answer)(void *context, struct http_request *request, const struct http_values *values,
                   struct http_reply *reply);
};

enum http_route_answer {
    HTTP_ROUTE_FOUND,
    HTTP_ROUTE_OTHER_METHOD, /* the path is served, but not by this method */
    HTTP_ROUTE_MISSING
};

/* `found` is set only for HTTP_ROUTE_FOUND. */
enum http_route_answer http_route_find(const struct http_route *routes, size_t count,
                                       const char *method, const char *path,
                                       const struct http_route **found, struct http_values *values);

#endif
