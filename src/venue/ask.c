#include "venue/ask.h"

#include <stdio.h>
#include <time.h>

#include "base/fixed.h"
#include "http/server.h"

static bool number_parse(struct slice text, uint64_t *value)
{
    uint64_t sum = 0;

    if (text.size == 0)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(text.at[i] - '0'), &sum))
            return false;
    }
    *value = sum;
    return true;
}

static struct slice json_text(const json_t *value)
{
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

/* A parameter is a JSON value, or text from the query, or neither. */
struct found {
    const json_t *json;
    struct slice query;
};

static bool find(struct ask ask, const char *name, struct found *found)
{
    const char *query;

    *found = (struct found){ .json = json_object_get(ask.body, name) };
    if (found->json != NULL)
        return !json_is_null(found->json) &&
               !(json_is_string(found->json) && json_string_length(found->json) == 0);
    query = ask.request == NULL ? NULL : http_request_query(ask.request, name);
    found->query = slice_of(query);
    return found->query.size > 0;
}

bool ask_has(struct ask ask, const char *name)
{
    struct found found;

    return find(ask, name, &found);
}

bool ask_json_number(const json_t *value, uint64_t *number)
{
    double real;

    if (json_is_string(value))
        return number_parse(json_text(value), number);
    if (json_is_boolean(value)) {
        *number = json_is_true(value);
        return true;
    }
    if (json_is_integer(value)) {
        if (json_integer_value(value) < 0)
            return false;
        *number = (uint64_t)json_integer_value(value);
        return true;
    }
    /* A client that computes with doubles may print 1e12. */
    real = json_real_value(value);
    if (!json_is_real(value) || real < 0 || real > 9007199254740992.0 ||
        real != (double)(uint64_t)real)
        return false;
    *number = (uint64_t)real;
    return true;
}

static bool json_fixed(const json_t *value, int64_t *number)
{
    char text[40];

    if (json_is_string(value))
        return fixed_parse(json_text(value), number);
    if (json_is_integer(value))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value)) /* as many digits as tell one double from the next */
        snprintf(text, sizeof text, "%.17g", json_real_value(value));
    else
        return false;
    return fixed_parse(slice_of(text), number);
}

enum ask_answer ask_text(struct ask ask, const char *name, struct slice *text)
{
    struct found found;

    if (!find(ask, name, &found))
        return ASK_ABSENT;
    if (found.json != NULL && !json_is_string(found.json))
        return ASK_BAD;
    *text = found.json != NULL ? json_text(found.json) : found.query;
    return ASK_GOOD;
}

enum ask_answer ask_fixed(struct ask ask, const char *name, int64_t *value)
{
    struct found found;

    if (!find(ask, name, &found))
        return ASK_ABSENT;
    return (found.json != NULL ? json_fixed(found.json, value) : fixed_parse(found.query, value))
               ? ASK_GOOD
               : ASK_BAD;
}

enum ask_answer ask_number(struct ask ask, const char *name, uint64_t *value)
{
    struct found found;

    if (!find(ask, name, &found))
        return ASK_ABSENT;
    return (found.json != NULL ? ask_json_number(found.json, value)
                               : number_parse(found.query, value))
               ? ASK_GOOD
               : ASK_BAD;
}

static bool moment_parse(const char *text, const char *format, uint64_t *seconds)
{
    struct tm tm = { .tm_mday = 1 };
    const char *end = strptime(text, format, &tm);
    time_t time;

    if (end == NULL || *end != '\0')
        return false;
    time = timegm(&tm);
    if (time < 0)
        return false;
    *seconds = (uint64_t)time;
    return true;
}

bool ask_day_parse(const char *text, uint64_t *day)
{
    uint64_t seconds;

    if (!moment_parse(text, "%Y-%m-%d", &seconds))
        return false;
    *day = seconds / 86400;
    return true;
}

/* Texts of a JSON value and of the query both end with a zero. */
enum ask_answer ask_day(struct ask ask, const char *name, uint64_t *day)
{
    struct slice text;
    enum ask_answer answer = ask_text(ask, name, &text);

    if (answer == ASK_GOOD && !ask_day_parse(text.at, day))
        return ASK_BAD;
    return answer;
}

enum ask_answer ask_moment(struct ask ask, const char *name, uint64_t *time_ms)
{
    struct slice text;
    uint64_t seconds;
    enum ask_answer answer = ask_text(ask, name, &text);

    if (answer != ASK_GOOD)
        return answer;
    if (!moment_parse(text.at, "%Y-%m-%d %H:%M:%S", &seconds))
        return ASK_BAD;
    *time_ms = seconds * 1000;
    return ASK_GOOD;
}

enum ask_answer ask_lists(struct ask ask, const char *name, uint64_t value)
{
    struct found found;
    uint64_t one;
    bool listed = false;

    if (!find(ask, name, &found))
        return ASK_GOOD;
    if (!json_is_array(found.json)) {
        if (ask_number(ask, name, &one) != ASK_GOOD)
            return ASK_BAD;
        return one == value ? ASK_GOOD : ASK_ABSENT;
    }
    for (size_t i = 0; i < json_array_size(found.json); i++) {
        if (!ask_json_number(json_array_get(found.json, i), &one))
            return ASK_BAD;
        listed |= one == value;
    }
    return listed ? ASK_GOOD : ASK_ABSENT;
}

const char *ask_page(struct ask ask, uint64_t limit_usual, uint64_t limit_most,
                     struct ask_page *page)
{
    int64_t sort = -FIXED_ONE;

    *page = (struct ask_page){ .end_ms = UINT64_MAX, .limit = limit_usual };
    if (ask_number(ask, "start", &page->start_ms) == ASK_BAD)
        return "start: invalid";
    if (ask_number(ask, "end", &page->end_ms) == ASK_BAD)
        return "end: invalid";
    if (page->start_ms > page->end_ms)
        return "time_interval: invalid";
    if (ask_number(ask, "limit", &page->limit) == ASK_BAD || page->limit == 0 ||
        page->limit > limit_most)
        return "limit: invalid";
    if (ask_fixed(ask, "sort", &sort) == ASK_BAD || (sort != FIXED_ONE && sort != -FIXED_ONE))
        return "sort: invalid";
    page->newest_first = sort < 0;
    return NULL;
}
