#include "gate/route.h"

#include <strings.h>

enum {
    SEGMENTS_MOST = 8, /* the longest pattern has 7 */
    HEAD_SIGNED = 4,   /* v2/auth/r/orders */
    HEAD_PUBLIC = 2,   /* v2/ticker */
};

static const struct route routes[] = {
#define ROUTE(number, name, method, pattern, class, scope, flags)                            \
    { number, HTTP_METHOD_##method, ROUTE_##class, SCOPE_##scope, flags, #name, pattern },
#include "gate/route.def"
#undef ROUTE
};
enum { ROUTE_COUNT = sizeof routes / sizeof routes[0] };

static const char *const method_texts[HTTP_METHOD_COUNT] = {
    "OTHER", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH",
};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool path_decode(struct slice raw, char decoded[PATH_MOST], size_t *size)
{
    size_t out = 0;

    for (size_t i = 0; i < raw.size; i++, out++) {
        if (out == PATH_MOST)
            return false;
        decoded[out] = raw.at[i];
        if (raw.at[i] == '%') {
            int high = i + 2 < raw.size ? hex_value(raw.at[i + 1]) : -1;
            int low = i + 2 < raw.size ? hex_value(raw.at[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            decoded[out] = (char)(high << 4 | low);
            i += 2;
        }
        if (decoded[out] == '\0')
            return false;
    }
    *size = out;
    return true;
}

/* Cuts a path at its slashes, repeated ones counting as one; 0 segments if there are too many. */
static size_t segments_cut(struct slice path, struct slice segments[SEGMENTS_MOST])
{
    size_t count = 0;

    for (size_t i = 0; i < path.size;) {
        size_t start = i;

        while (i < path.size && path.at[i] != '/')
            i++;
        if (i > start) {
            if (count == SEGMENTS_MOST)
                return 0;
            segments[count++] = (struct slice){ path.at + start, i - start };
        }
        i += i < path.size;
    }
    return count;
}

/* Next segment of a pattern, which has no repeated slashes. */
static struct slice pattern_next(const char **pattern)
{
    const char *start = *pattern;
    const char *end = strchrnul(start, '/');

    *pattern = *end == '/' ? end + 1 : end;
    return (struct slice){ start, (size_t)(end - start) };
}

static int slice_compare(struct slice a, struct slice b)
{
    int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Order of the path's first segments against the pattern's; 0 when all of the head agree. */
static int head_compare(const struct slice *segments, size_t head, const char *pattern)
{
    for (size_t i = 0; i < head; i++) {
        struct slice wanted = pattern_next(&pattern);
        int order;

        if (wanted.size == 0)
            return 1; /* the pattern is shorter */
        order = slice_compare(segments[i], wanted);
        if (order != 0)
            return order;
    }
    return 0;
}

static bool segment_matches(struct slice segment, struct slice wanted)
{
    if (wanted.at[0] == '{')
        return true;
    if (slice_is(wanted, SLICE("hist")) || slice_is(wanted, SLICE("last")))
        return segment.size == wanted.size &&
               strncasecmp(segment.at, wanted.at, wanted.size) == 0;
    return slice_is(segment, wanted);
}

static bool pattern_matches(const struct slice *segments, size_t count, const char *pattern)
{
    for (size_t i = 0; i < count; i++) {
        struct slice wanted = pattern_next(&pattern);

        if (wanted.size == 0 || !segment_matches(segments[i], wanted))
            return false;
    }
    return *pattern == '\0';
}

const struct route *route_find(enum http_method method, struct slice path)
{
    struct slice segments[SEGMENTS_MOST];
    size_t count, head, low = 0, high = ROUTE_COUNT;

    count = path.size > PATH_MOST ? 0 : segments_cut(path, segments);
    if (count == 0)
        return NULL;
    if (slice_is(segments[0], SLICE("v1")))
        return route_get(ROUTE_NUMBER_V1);
    if (method == HTTP_METHOD_HEAD)
        method = HTTP_METHOD_GET;
    head = count >= 2 && slice_is(segments[1], SLICE("auth")) ? HEAD_SIGNED : HEAD_PUBLIC;
    if (count < head)
        head = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (head_compare(segments, head, routes[middle].pattern) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < ROUTE_COUNT && head_compare(segments, head, routes[low].pattern) == 0; low++) {
        if (routes[low].method == method &&
            pattern_matches(segments, count, routes[low].pattern))
            return &routes[low];
    }
    return NULL;
}

const struct route *route_get(unsigned number)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (routes[i].number == number)
            return &routes[i];
    }
    return NULL;
}

const char *http_method_text(unsigned method)
{
    return method_texts[method < HTTP_METHOD_COUNT ? method : HTTP_METHOD_OTHER];
}

enum http_method http_method_find(struct slice text)
{
    for (unsigned i = 1; i < HTTP_METHOD_COUNT; i++) {
        if (slice_is(text, slice_of(method_texts[i])))
            return (enum http_method)i;
    }
    return HTTP_METHOD_OTHER;
}
