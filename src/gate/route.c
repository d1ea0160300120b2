#include "gate/route.h"

#include <assert.h>
#include <strings.h>

#define NS_PER_S UINT64_C(1000000000)

static const struct route rows[] = {
#define ROUTE(number, name, method, pattern, class, scope, flags, deprecated, sunset, successor) \
    { number, HTTP_METHOD_##method, ROUTE_##class, SCOPE_##scope, flags,                         \
      #name,  pattern,              deprecated,    sunset,        successor },
#include "gate/route.def"
#undef ROUTE
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

enum row_index {
#define ROUTE(number, name, method, pattern, class, scope, flags, deprecated, sunset, successor) \
    ROW_##name,
#include "gate/route.def"
#undef ROUTE
};

/* One more than the row's index, so that 0 is no row.  A number outside the array, or twice, does
 * not compile. */
static const uint8_t row_of_number[256] = {
#define ROUTE(number, name, method, pattern, class, scope, flags, deprecated, sunset, successor) \
    [number] = ROW_##name + 1,
#include "gate/route.def"
#undef ROUTE
};
static_assert(ROW_COUNT < UINT8_MAX, "an index has a byte");

static const char *const method_texts[HTTP_METHOD_COUNT] = {
    "OTHER", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "WS",
};

const struct route_table *route_table_venue(void)
{
    static const struct route_table venue = {
        .rows = rows,
        .count = ROW_COUNT,
        .signed_prefix = { "/api/", 5 },
        .header_prefix = { "bfx-", 4 },
        .wallets = "/v2/auth/r/wallets",
    };

    return &venue;
}

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
            if (decoded[out] == '/')
                return false;
            i += 2;
        }
        if (decoded[out] == '\0')
            return false;
    }
    *size = out;
    return true;
}

/* Cuts a path at its slashes, repeated ones counting as one.  0 segments if there are too many, or
 * if one of them leads elsewhere. */
static size_t segments_cut(struct slice path, struct slice segments[ROUTE_SEGMENTS_MOST])
{
    size_t count = 0;

    for (size_t i = 0; i < path.size;) {
        size_t start = i;
        struct slice segment;

        while (i < path.size && path.at[i] != '/')
            i++;
        segment = (struct slice){ path.at + start, i - start };
        i += i < path.size;
        if (segment.size == 0)
            continue;
        if (count == ROUTE_SEGMENTS_MOST || slice_is(segment, SLICE(".")) ||
            slice_is(segment, SLICE("..")))
            return 0;
        if (segment.size == 4 && strncasecmp(segment.at, "hist", 4) == 0)
            segment = SLICE("hist");
        else if (segment.size == 4 && strncasecmp(segment.at, "last", 4) == 0)
            segment = SLICE("last");
        segments[count++] = segment;
    }
    return count;
}

static bool is_end(char c)
{
    return c == '\0' || c == '/';
}

/* Order of the pattern's segment that begins at `text` against a segment of a path. */
static int segment_order(const char *text, struct slice segment)
{
    for (size_t i = 0; i < segment.size; i++) {
        if (is_end(text[i]))
            return -1;
        if (text[i] != segment.at[i])
            return (unsigned char)text[i] < (unsigned char)segment.at[i] ? -1 : 1;
    }
    return is_end(text[segment.size]) ? 0 : 1;
}

int route_order(const struct route *a, const struct route *b)
{
    const char *left = a->pattern, *right = b->pattern;

    for (; *left == *right && *left != '\0'; left++, right++)
        continue;
    if (*left == *right)
        return (int)a->method - (int)b->method;
    if (is_end(*left) || is_end(*right))
        return is_end(*left) && is_end(*right) ? (*left != '\0') - (*right != '\0')
                                               : is_end(*right) - is_end(*left);
    return (unsigned char)*left < (unsigned char)*right ? -1 : 1;
}

/* Rows low to high - 1, whose patterns agree up to `offset`, where a segment or the pattern ends.
 */
struct range {
    const struct route_table *table;
    size_t low, high, offset;
};

/* First row from `low` on, before `high`, whose next segment does not stand before `segment`; with
 * `past`, not even with it. */
static size_t bound(const struct range *range, size_t low, size_t high, struct slice segment,
                    bool past)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *next = range->table->rows[middle].pattern + range->offset + 1;

        if (segment_order(next, segment) < past)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Rows of the range that go on with this segment.  What one comparison excludes at either end is
 * not looked at again for the other. */
static struct range narrowed(const struct range *range, struct slice segment)
{
    size_t low = range->low, high = range->high;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = segment_order(range->table->rows[middle].pattern + range->offset + 1, segment);

        if (order < 0) {
            low = middle + 1;
        } else if (order > 0) {
            high = middle;
        } else {
            low = bound(range, low, middle, segment, false);
            high = bound(range, middle + 1, high, segment, true);
            break;
        }
    }
    return (struct range){ range->table, low, high, range->offset + 1 + segment.size };
}

/* What stands after the agreed part: the row's next segment, or NULL when there is none. */
static const char *segment_next(const struct range *range, size_t row)
{
    const char *at = range->table->rows[row].pattern + range->offset;

    return *at == '/' ? at + 1 : NULL;
}

static const struct route *method_find(const struct range *range, size_t low, size_t high,
                                       enum http_method method)
{
    for (size_t i = low; i < high; i++) {
        const struct route *row = &range->table->rows[i];

        if (row->method == method || (row->method == HTTP_METHOD_ANY && method != HTTP_METHOD_WS))
            return row;
    }
    return NULL;
}

/* A literal, then a parameter, then the rest.  Each level of recursion is a segment. */
static const struct route *find(struct range range, enum http_method method,
                                const struct slice *segments, size_t count)
{
    size_t ended = range.low, rest;
    const struct route *found = NULL;
    const char *last;

    while (range.low < range.high && segment_next(&range, range.low) == NULL)
        range.low++;
    if (count == 0)
        found = method_find(&range, ended, range.low, method);
    rest = range.low;
    while (range.low < range.high && *segment_next(&range, range.low) == '*')
        range.low++;
    if (count > 0 && range.low < range.high) {
        found = find(narrowed(&range, segments[0]), method, segments + 1, count - 1);
        last = segment_next(&range, range.high - 1);
        if (found == NULL && *last == '{')
            found = find(narrowed(&range, (struct slice){ last, strcspn(last, "/") }), method,
                         segments + 1, count - 1);
    }
    return found != NULL ? found : method_find(&range, rest, range.low, method);
}

const struct route *route_find(const struct route_table *table, enum http_method method,
                               struct slice path)
{
    struct slice segments[ROUTE_SEGMENTS_MOST];
    size_t count = path.size > PATH_MOST ? 0 : segments_cut(path, segments);

    if (count == 0)
        return NULL;
    if (method == HTTP_METHOD_HEAD)
        method = HTTP_METHOD_GET;
    return find((struct range){ table, 0, table->count, 0 }, method, segments, count);
}

/* "wallet_exchange_USD" is one of "wallet": the longest row of that start, ending at an underscore
 * or where the item does. */
static const struct route *calc_find(struct range range, struct slice item)
{
    for (size_t size = item.size; size > 0; size--) {
        const struct route *found;

        if (size < item.size && item.at[size] != '_')
            continue;
        found = find(range, HTTP_METHOD_WS, &(struct slice){ item.at, size }, 1);
        if (found != NULL)
            return found;
    }
    return NULL;
}

const struct route *route_find_input(enum route_input kind, struct slice name)
{
    static const struct slice families[] = {
        [ROUTE_INPUT_EVENT] = { "event", 5 },
        [ROUTE_INPUT_SUBSCRIBE] = { "subscribe", 9 },
        [ROUTE_INPUT_CHANNEL_0] = { "input", 5 },
        [ROUTE_INPUT_CALC] = { "calc", 4 },
    };
    struct range range = { route_table_venue(), 0, ROW_COUNT, 0 };

    if (name.size == 0 || name.size > PATH_MOST)
        return NULL;
    range = narrowed(&range, SLICE("ws"));
    range = narrowed(&range, SLICE("2"));
    range.low++; /* the connection itself */
    range = narrowed(&range, families[kind]);
    return kind == ROUTE_INPUT_CALC ? calc_find(range, name)
                                    : find(range, HTTP_METHOD_WS, &name, 1);
}

const struct route *route_get(unsigned number)
{
    if (number >= sizeof row_of_number || row_of_number[number] == 0)
        return NULL;
    return &rows[row_of_number[number] - 1];
}

unsigned route_flags_of(unsigned number, unsigned recorded)
{
    const struct route *route = route_get(number);

    if (number >= ROUTE_NUMBER_OWN)
        return recorded;
    return route == NULL ? 0 : route->flags;
}

bool route_places_order(unsigned number, unsigned flags)
{
    return (flags & ROUTE_COUNTS_AS_ORDER) != 0 && number != ROUTE_NUMBER_ORDER_MULTI &&
           number != ROUTE_NUMBER_WS_OX_MULTI;
}

bool route_is_write(const struct route *route)
{
    const char *action = route->scope == SCOPE_NONE
                             ? NULL
                             : strchr(scope_get((enum scope)route->scope)->text, ':');

    return (route->flags & ROUTE_WRITES) != 0 ||
           (action != NULL && strcmp(action, ":write") == 0);
}

bool route_is_elevated(const struct route *route)
{
    return route->scope != SCOPE_NONE &&
           (scope_get((enum scope)route->scope)->flags & SCOPE_IS_ELEVATED) != 0;
}

bool route_is_retired(const struct route *route, uint64_t wall_ns)
{
    return (route->flags & ROUTE_RETIRED) != 0 ||
           (route->sunset_at_s != 0 && wall_ns / NS_PER_S >= route->sunset_at_s);
}

const char *http_method_text(unsigned method)
{
    return method_texts[method < HTTP_METHOD_COUNT ? method : HTTP_METHOD_OTHER];
}

enum http_method http_method_find(struct slice text)
{
    for (unsigned i = 1; i < HTTP_METHOD_WS; i++) {
        if (slice_is(text, slice_of(method_texts[i])))
            return (enum http_method)i;
    }
    return HTTP_METHOD_OTHER;
}
