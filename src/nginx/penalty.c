/* Who fails too often is answered late (docs/decisions/0009-late-answers.md).  A request that waits
 * costs its connection, its audit slot and a timer, and nobody's processor; so their number is
 * bounded, and whoever comes beyond is answered at once and has to connect anew. */
#include "nginx/latchkey.h"

#include "base/clock.h"
#include "shm/addresses.h"

enum {
    HELD_MOST = 512,       /* of a worker's 8192 audit slots */
    HELD_OF_ONE_MOST = 64, /* of one address, so that it leaves room for others */
};

static ngx_queue_t held = { &held, &held }; /* visits, this worker's */

static bool is_room(const struct visit *visit)
{
    unsigned count = 0, of_one = 0;

    for (ngx_queue_t *q = ngx_queue_head(&held); q != ngx_queue_sentinel(&held);
         q = ngx_queue_next(q)) {
        const struct visit *other = ngx_queue_data(q, struct visit, queue);

        count++;
        of_one += addresses_are_one(other->request.address, visit->request.address);
    }
    return count < HELD_MOST && of_one < HELD_OF_ONE_MOST;
}

bool penalty_is_due(const struct visit *visit)
{
    return visit->outcome.delay_ns != 0 && visit->penalty == PENALTY_NONE;
}

static void penalty_over(ngx_event_t *event)
{
    struct visit *visit = ngx_queue_data(event, struct visit, penalty_timer);
    ngx_http_request_t *r = visit->r;
    ngx_connection_t *c = r->connection;

    penalty_end(visit);
    ngx_http_set_log_request(c->log, r);
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(c);
}

ngx_int_t penalty_begin(ngx_http_request_t *r, struct visit *visit)
{
    /* A worker that ends holds nobody. */
    if (!is_room(visit) || ngx_exiting || ngx_quit) {
        visit->penalty = PENALTY_OVER;
        r->keepalive = 0;
        return NGX_DECLINED;
    }
    visit->r = r;
    visit->penalty = PENALTY_ON;
    visit->penalty_timer = (ngx_event_t){ .handler = penalty_over, .data = r->connection,
                                          .log = r->connection->log };
    ngx_add_timer(&visit->penalty_timer, visit->outcome.delay_ns / NS_PER_MS);
    ngx_queue_insert_tail(&held, &visit->queue);
    /* So that nginx notices a client that goes away. */
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return NGX_AGAIN;
}

void penalty_end(struct visit *visit)
{
    if (visit->penalty != PENALTY_ON)
        return;
    if (visit->penalty_timer.timer_set)
        ngx_del_timer(&visit->penalty_timer);
    ngx_queue_remove(&visit->queue);
    visit->penalty = PENALTY_OVER;
}
