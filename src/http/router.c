#include "http/router.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static bool pattern_fits(const char *pattern, const char *path, struct http_values *values)
{
    size_t count = 0;

    for (;;) {
        if (*pattern == '{') {
            size_t size = strcspn(path, "/");

            if (size == 0)
                return false;
            assert(count < HTTP_VALUES_MOST);
            values->at[count++] = (struct slice){ path, size };
            path += size;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern != *path) {
            return false;
        } else if (*pattern == '\0') {
            return true;
        } else {
            pattern++;
            path++;
        }
    }
}

enum http_route_answer http_route_find(const struct http_route *routes, size_t count,
                                       const char *method, const char *path,
                                       const struct http_route **found, struct http_values *values)
{
    enum http_route_answer answer = HTTP_ROUTE_MISSING;

    for (size_t i = 0; i < count; i++) {
        struct http_values fit = { 0 };

        if (!pattern_fits(routes[i].pattern, path, &fit))
            continue;
        answer = HTTP_ROUTE_OTHER_METHOD;
        if (strcmp(routes[i].method, method) != 0)
            continue;
        *found = &routes[i];
        *values = fit;
        return HTTP_ROUTE_FOUND;
    }
    return answer;
}
