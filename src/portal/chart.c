#include "portal/chart.h"

#include <stdlib.h>

#include "console/audit.h"
#include "gate/verdict.h"

enum { POINTS_DEFAULT = 48 };

/* What the newest records of a stretch tell. */
struct sample {
    uint32_t latencies_us[CHART_POINT_MOST]; /* of those that passed */
    size_t passed, count;
    uint64_t oldest_us;
    struct chart_point *point;
};

static bool sample_add(void *context, const struct trail_row *row)
{
    const struct audit_record *r = &row->record;
    struct sample *s = context;

    s->oldest_us = r->received_at_us;
    if (r->kind != RECORD_REQUEST)
        return true;
    s->count++;
    if (r->verdict != VERDICT_PASS) {
        s->point->refused++;
        return true;
    }
    s->point->server_errors += r->status >= 500;
    s->latencies_us[s->passed++] = r->latency_us;
    return true;
}

static int latency_compare(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

    return (first > second) - (first < second);
}

/* Nearest rank; of none it is 0. */
static uint32_t percentile(const struct sample *s, size_t percent)
{
    return s->passed == 0 ? 0 : s->latencies_us[(s->passed * percent + 99) / 100 - 1];
}

/* As many as there would be if the whole stretch were like the part that was read. */
static uint64_t scaled(uint64_t count, const struct sample *s)
{
    uint64_t whole_us = s->point->until_us - s->point->from_us;
    uint64_t read_us = s->point->until_us - s->oldest_us;

    return count * whole_us / (read_us == 0 ? 1 : read_us);
}

enum err chart_point_read(struct trail *trail, const struct trail_query *query,
                          struct chart_point *point)
{
    struct sample *s = calloc(1, sizeof *s);
    struct trail_query part = *query;
    uint64_t next;
    enum err e = ERR_MEMORY;

    if (s == NULL)
        goto out;
    *point = (struct chart_point){ .from_us = point->from_us, .until_us = point->until_us };
    s->point = point;
    part.since_us = point->from_us;
    part.until_us = point->until_us;
    part.before = 0;
    part.limit = CHART_POINT_MOST;
    TRY(trail_find(trail, &part, sample_add, s, &next, &point->is_estimated));
    qsort(s->latencies_us, s->passed, sizeof *s->latencies_us, latency_compare);
    point->p50_us = percentile(s, 50);
    point->p99_us = percentile(s, 99);
    point->requests = point->is_estimated ? scaled(s->count, s) : s->count;
    if (point->is_estimated) {
        point->refused = scaled(point->refused, s);
        point->server_errors = scaled(point->server_errors, s);
    }
out:
    free(s);
    return e;
}

static json_t *point_json(const struct chart_point *p)
{
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:b}", "at",
                     moment_json(p->from_us * NS_PER_US), "requests", (json_int_t)p->requests,
                     "refused", (json_int_t)p->refused, "server_errors",
                     (json_int_t)p->server_errors, "p50_us", (json_int_t)p->p50_us, "p99_us",
                     (json_int_t)p->p99_us, "estimated", p->is_estimated);
}

/* The last day unless the request says otherwise. */
static void range_read(struct call *c, struct trail_query *query, uint64_t *points)
{
    *points = POINTS_DEFAULT;
    audit_query_read(c, query);
    call_number(c, "points", points);
    if (*points < 1 || *points > CHART_POINTS_MOST)
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "points", "points-range",
                       "a chart has 1 to %d points", CHART_POINTS_MOST);
    if (query->until_us == 0)
        query->until_us = c->authority->now_ns() / NS_PER_US;
    if (query->since_us == 0)
        query->since_us = query->until_us - DAY_NS / NS_PER_US;
    if (query->since_us >= query->until_us)
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "since", "range-empty",
                       "\"since\" has to be before \"until\"");
}

enum err audit_chart_get(struct call *c)
{
    json_t *list = json_array();
    struct trail_query query;
    uint64_t points, step_us;
    enum err e = OK;

    range_read(c, &query, &points);
    if (refusal_is(&c->refusal))
        goto out;
    step_us = (query.until_us - query.since_us + points - 1) / points;
    for (uint64_t i = 0; i < points; i++) {
        struct chart_point point = { .from_us = query.since_us + i * step_us,
                                     .until_us = query.since_us + (i + 1) * step_us };

        TRY(chart_point_read(c->authority->trail, &query, &point));
        json_array_append_new(list, point_json(&point));
    }
    c->reply = json_pack("{s:o, s:f, s:O}", "from", moment_json(query.since_us * NS_PER_US),
                         "step_s", (double)step_us / 1e6, "points", list);
out:
    json_decref(list);
    return e;
}
