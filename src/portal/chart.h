/* portal/chart.h: /audit/chart, requests and their latency over time (E3)
 *
 * The log may have ten million records of an account, and a chart may not read them: each point is
 * told from the newest CHART_POINT_MOST records of its stretch of time.  Where there are more,
 * the number of requests is what that sample's density amounts to, and the point says so.
 */
#ifndef PORTAL_CHART_H
#define PORTAL_CHART_H

#include "console/call.h"
#include "trail/trail.h"

enum { CHART_POINTS_MOST = 96, CHART_POINT_MOST = 500 };

struct chart_point {
    uint64_t from_us, until_us; /* the stretch */
    uint64_t requests;
    uint64_t refused;       /* by the gateway */
    uint64_t server_errors; /* passed, and answered with 500 or above */
    uint32_t p50_us, p99_us; /* of those that passed; 0: none */
    bool is_estimated;
};

/* Fills the rest of a point; `query` says whose records. */
must_use enum err chart_point_read(struct trail *trail, const struct trail_query *query,
                                   struct chart_point *point);

must_use enum err audit_chart_get(struct call *c); /* GET /audit/chart?since=&until=&points=&… */

#endif
