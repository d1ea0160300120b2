/* venue/ask.h: parameters of a request, wherever the client put them
 *
 * Clients send the same parameter in the JSON body or in the query, as a number or as text; the
 * body wins.  null and "" are as good as absent.
 *
 * Source: reference of the venue's REST API, 1 and 6.
 */
#ifndef VENUE_ASK_H
#define VENUE_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct http_request;

struct ask {
    const json_t *body;                 /* object */
    const struct http_request *request; /* for its query; NULL: there is none */
};

/* ASK_BAD: it is there and is not what it should be. */
enum ask_answer { ASK_ABSENT, ASK_GOOD, ASK_BAD };

bool ask_has(struct ask ask, const char *name);

/* Outputs are untouched unless the answer is ASK_GOOD. */
enum ask_answer ask_text(struct ask ask, const char *name, struct slice *text);
enum ask_answer ask_fixed(struct ask ask, const char *name, int64_t *value);
enum ask_answer ask_number(struct ask ask, const char *name, uint64_t *value);

/* "2026-11-23" as days since 1970, "2026-11-23 10:00:00" (UTC) as milliseconds. */
enum ask_answer ask_day(struct ask ask, const char *name, uint64_t *day);
enum ask_answer ask_moment(struct ask ask, const char *name, uint64_t *time_ms);

/* A number, or a list of numbers.  Is `value` one of them?  Absent lists everything. */
enum ask_answer ask_lists(struct ask ask, const char *name, uint64_t value);

/* One JSON value as a number; true and false are 1 and 0. */
bool ask_json_number(const json_t *value, uint64_t *number);
bool ask_day_parse(const char *text, uint64_t *day);

/* start, end, limit, sort. */
struct ask_page {
    uint64_t start_ms, end_ms; /* both inclusive */
    uint64_t limit;
    bool newest_first;
};

/* Fills the page; returns NULL or the venue's words for what is wrong. */
const char *ask_page(struct ask ask, uint64_t limit_usual, uint64_t limit_most,
                     struct ask_page *page);

#endif
