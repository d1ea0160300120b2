/* nginx closes idle connections the moment a worker is told to end (reload, binary upgrade).  A
 * client that has just sent an order on one of them gets a reset, and cannot know whether it was
 * read.  So here a worker that ends goes on reading: the next answer says "Connection: close", and
 * only who is silent for a while is closed without a word. */
#include "nginx/latchkey.h"

enum {
    SILENT_MS = 3000, /* after the end was noticed */
    LOOK_MS = 1000,
};

static ngx_http_output_header_filter_pt next_filter;

/* This worker's, which is one thread. */
static ngx_connection_t **answered; /* connections whose request has ended in this turn */
static ngx_uint_t answered_count, answered_most;
static ngx_event_handler_pt idle_handler; /* of a connection between two requests */
static ngx_event_t turn_end, look;
static ngx_connection_t nobody = { .fd = (ngx_socket_t)-1 }; /* nginx wants one with each timer */

/* nginx ends idle connections by this flag and by nothing else; what they cost when connections run
 * short, and their timeout, are other fields. */
static void turn_end_handler(ngx_event_t *event)
{
    (void)event;
    while (answered_count > 0) {
        ngx_connection_t *c = answered[--answered_count];

        if (c->fd == (ngx_socket_t)-1 || !c->idle)
            continue;
        c->idle = 0;
        idle_handler = c->read->handler;
    }
}

static void look_handler(ngx_event_t *event)
{
    ngx_connection_t *c = ngx_cycle->connections;

    if (!ngx_exiting) {
        ngx_add_timer(event, LOOK_MS);
        return;
    }
    for (ngx_uint_t i = 0; i < ngx_cycle->connection_n; i++)
        if (c[i].fd != (ngx_socket_t)-1 && c[i].read->timer_set &&
            c[i].read->handler == idle_handler)
            ngx_add_timer(c[i].read, SILENT_MS);
}

ngx_int_t farewell_prepare(ngx_cycle_t *cycle)
{
    answered = ngx_palloc(cycle->pool, cycle->connection_n * sizeof *answered);
    if (answered == NULL)
        return NGX_ERROR;
    answered_most = cycle->connection_n;
    turn_end = (ngx_event_t){ .handler = turn_end_handler, .log = cycle->log };
    look = (ngx_event_t){ .handler = look_handler, .log = cycle->log, .data = &nobody,
                          .cancelable = 1 };
    ngx_add_timer(&look, LOOK_MS);
    return NGX_OK;
}

ngx_int_t farewell_handler(ngx_http_request_t *r)
{
    /* HTTP/2 says goodbye by itself, naming the last request that it will answer. */
    if (r->stream != NULL || r != r->main || answered_count >= answered_most)
        return NGX_OK;
    answered[answered_count++] = r->connection;
    /* Does nothing when it is posted already.  Whatever is posted runs before nginx looks whether
     * it was told to end. */
    ngx_post_event(&turn_end, &ngx_posted_events);
    return NGX_OK;
}

static ngx_int_t farewell_filter(ngx_http_request_t *r)
{
    if (ngx_exiting || ngx_quit)
        r->keepalive = 0;
    if (r == r->main && r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS)
        upgrade_note(r);
    return next_filter(r);
}

void farewell_hook(void)
{
    next_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = farewell_filter;
}
