#include "nginx/latchkey.h"

/* The authority answers within a disk's flush; after this it is taken for dead. */
enum { WAIT_MOST_MS = 5000, LOOK_MS = 1 };

static ngx_queue_t waiting; /* visits, the oldest first; .next is NULL before the first */
static ngx_event_t look;    /* while there are any */
static ngx_connection_t nowhere = { .fd = -1 }; /* nginx wants one with each timer */

void wait_judge(struct visit *visit)
{
    bool is_trip = visit->outcome.verdict == VERDICT_PLAINTEXT_REVOKED;

    if (visit->request.dry_run) /* costs no key, and nobody relies on its records */
        return;
    if (!is_trip && (visit->outcome.verdict != VERDICT_PASS ||
                     !segment_settings_get(visit->segment).durable))
        return;
    if (announced_may(visit->segment)) {
        visit->wait = WAIT_DUE;
        return;
    }
    /* The record of a trip still says what happened: the authority acts on it when it is back. */
    visit->outcome.verdict = VERDICT_UNRECORDED;
    if (!is_trip)
        visit->record->verdict = VERDICT_UNRECORDED;
}

static void visit_resume(struct visit *visit)
{
    ngx_http_request_t *r = visit->r;
    ngx_connection_t *c = r->connection;

    wait_end(visit);
    if (!slot_is_kept(visit->slab, visit->record))
        visit->outcome.verdict = VERDICT_UNRECORDED;
    ngx_http_set_log_request(c->log, r);
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(c);
}

/* One resumed request may end others of its connection, so each is looked up in the queues anew. */
static void look_handler(ngx_event_t *event)
{
    ngx_queue_t ready, *next;

    ngx_queue_init(&ready);
    for (ngx_queue_t *q = ngx_queue_head(&waiting); q != ngx_queue_sentinel(&waiting); q = next) {
        struct visit *visit = ngx_queue_data(q, struct visit, queue);

        next = ngx_queue_next(q);
        if (!slot_is_kept(visit->slab, visit->record) &&
            (ngx_msec_int_t)(ngx_current_msec - visit->wait_until_ms) < 0)
            continue;
        ngx_queue_remove(q);
        ngx_queue_insert_tail(&ready, q);
    }
    while (!ngx_queue_empty(&ready))
        visit_resume(ngx_queue_data(ngx_queue_head(&ready), struct visit, queue));
    if (!ngx_queue_empty(&waiting) && !event->timer_set)
        ngx_add_timer(event, LOOK_MS);
}

ngx_int_t wait_begin(ngx_http_request_t *r, struct visit *visit)
{
    if (waiting.next == NULL) {
        ngx_queue_init(&waiting);
        look.handler = look_handler;
        look.data = &nowhere;
        look.log = ngx_cycle->log;
    }
    visit->r = r;
    visit->wait = WAIT_ON;
    visit->announced_trip = visit->outcome.verdict == VERDICT_PLAINTEXT_REVOKED;
    visit->wait_until_ms = ngx_current_msec + WAIT_MOST_MS;
    slot_announce(visit->slab, visit->record);
    /* Others may be ready by now: whoever comes looks for them, at the end of this turn. */
    if (!ngx_queue_empty(&waiting)) {
        ngx_post_event(&look, &ngx_posted_events);
    }
    ngx_queue_insert_tail(&waiting, &visit->queue);
    if (!look.timer_set)
        ngx_add_timer(&look, LOOK_MS);
    /* So that nginx notices a client that goes away. */
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return NGX_AGAIN;
}

void wait_end(struct visit *visit)
{
    if (visit->wait != WAIT_ON)
        return;
    ngx_queue_remove(&visit->queue);
    visit->wait = WAIT_OVER;
}
