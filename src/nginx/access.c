#include "nginx/latchkey.h"

#include "base/clock.h"
#include "base/hex.h"

static uint32_t saturated(uint64_t value)
{
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* An internal redirect zeroes a module's context; the pool's clean-up list survives it, so the
 * visit is found there again.  The clean-up has nothing to do: the log phase runs before it. */
static void visit_mark(void *data)
{
    (void)data;
}

static struct visit *visit_find(ngx_http_request_t *r)
{
    struct visit *visit = ngx_http_get_module_ctx(r, ngx_http_latchkey_module);

    if (visit != NULL)
        return visit;
    for (ngx_pool_cleanup_t *c = r->pool->cleanup; c != NULL; c = c->next) {
        if (c->handler == visit_mark) {
            ngx_http_set_ctx(r, c->data, ngx_http_latchkey_module);
            return c->data;
        }
    }
    return NULL;
}

static struct visit *visit_begin(ngx_http_request_t *r, const struct location_conf *conf)
{
    ngx_pool_cleanup_t *mark = ngx_pool_cleanup_add(r->pool, sizeof(struct visit));
    struct visit *visit;

    if (mark == NULL)
        return NULL;
    visit = mark->data;
    memset(visit, 0, sizeof *visit);
    mark->handler = visit_mark;
    ngx_http_set_ctx(r, visit, ngx_http_latchkey_module);
    visit->outcome.slot = GATE_NO_SLOT;
    facts_gather(r, conf, visit);
    /* The text follows with the record; the header points to it. */
    memset(visit->request_id, '0', sizeof visit->request_id - 1);
    if (reply_tag(r, visit) != NGX_OK || reply_announce(r, visit) != NGX_OK)
        return NULL;
    return visit;
}

/* Takes the slot: from here on the request cannot act unrecorded.  Not before its body is there:
 * slots are few, and whoever has sent half a body may never send the rest. */
static void visit_record(ngx_http_request_t *r, struct visit *visit)
{
    uint8_t id[RECORD_REQUEST_ID_SIZE];

    if (visit->recorded)
        return;
    visit->recorded = true;
    visit->segment = door_open(r, visit->request.environment, &visit->slab);
    if (visit->slab == NULL)
        return;
    visit->record = slot_take(visit->slab);
    if (visit->record != NULL) {
        memcpy(id, visit->record->request_id, sizeof id);
        facts_record(visit, visit->record);
        /* Stands if this worker dies before the decision: nothing went up. */
        visit->record->verdict = VERDICT_MALFORMED_REQUEST;
    } else {
        slab_request_id(visit->slab, id);
    }
    hex_format(id, sizeof id, visit->request_id);
}

static void visit_note(struct visit *visit)
{
    struct audit_record *record = visit->record;
    const struct gate_outcome *outcome = &visit->outcome;

    if (record == NULL)
        return;
    record->verdict = (uint16_t)outcome->verdict;
    record->account = outcome->account;
    record->nonce = outcome->nonce;
    if (outcome->key_named) {
        record->flags |= RECORD_KEY_NAMED;
        if (outcome->key.environment != visit->request.environment)
            record->flags |= RECORD_KEY_FOREIGN;
        memcpy(record->key, outcome->key.random, sizeof record->key);
    }
    if (outcome->authentic)
        record->flags |= RECORD_AUTHENTIC;
    if (outcome->by_token)
        record->flags |= RECORD_BY_TOKEN;
}

/* A verdict that the gate does not give, but its adapter.  The key is named if it was. */
static void visit_refuse(ngx_http_request_t *r, struct visit *visit, enum verdict verdict)
{
    struct gate_claim claim;

    visit_record(r, visit);
    if (!visit->decided) {
        gate_claim_parse(&visit->request, &claim);
        visit->outcome.key_named = claim.key_named;
        visit->outcome.key = claim.id;
        visit->outcome.nonce = claim.nonce;
    }
    visit->outcome.verdict = verdict;
    visit->decided = true;
    visit_note(visit);
}

static void visit_decide(ngx_http_request_t *r, struct visit *visit)
{
    visit_record(r, visit);
    if (visit->segment == NULL) {
        visit_refuse(r, visit, VERDICT_SEGMENT_MISSING);
        return;
    }
    if (visit->record == NULL) {
        visit_refuse(r, visit, VERDICT_UNRECORDED);
        return;
    }
    judge_request(visit->segment, &visit->request, &visit->outcome);
    visit->decided = true;
    visit_note(visit);
    wait_judge(visit);
}

/* Such a body was not read, so there is no signature to check; in the clear that is said first, as
 * to whoever signs nothing. */
static enum verdict verdict_of_size(const struct visit *visit)
{
    return visit->request.encrypted ? VERDICT_BODY_TOO_LARGE : VERDICT_PLAINTEXT;
}

/* What nginx itself made of the request, when an error_page brings it here.  The body of a public
 * request is read only once it has passed, so the client may still be at fault then. */
static enum verdict verdict_of_error(const ngx_http_request_t *r, const struct visit *visit)
{
    if (r->err_status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE)
        return verdict_of_size(visit);
    if (r->err_status == NGX_HTTP_TOO_MANY_REQUESTS) /* nginx's own limit_req */
        return VERDICT_ADDRESS_RATE_EXCEEDED;
    if (r->err_status >= NGX_HTTP_INTERNAL_SERVER_ERROR && visit->decided &&
        (visit->outcome.verdict == VERDICT_PASS || visit->request.dry_run))
        return VERDICT_UPSTREAM_DOWN;
    return VERDICT_MALFORMED_REQUEST;
}

/* nginx or the upstream failed.  In a dry run the record keeps what the gate would have said. */
static ngx_int_t visit_fail(ngx_http_request_t *r, struct visit *visit)
{
    const struct location_conf *conf = ngx_http_get_module_loc_conf(r, ngx_http_latchkey_module);
    enum verdict verdict = verdict_of_error(r, visit);

    if (visit->request.dry_run && visit->decided && visit->outcome.verdict != VERDICT_PASS)
        visit->outcome.verdict = verdict;
    else
        visit_refuse(r, visit, verdict);
    if (verdict == VERDICT_ADDRESS_RATE_EXCEEDED) /* how long to wait, limit_req tells nobody */
        visit->outcome.retry_ns = (uint64_t)conf->retry_after_s * NS_PER_S;
    return reply_refuse(r, visit);
}

static ngx_int_t visit_go_on(ngx_http_request_t *r, struct visit *visit)
{
    if (visit->wait == WAIT_DUE)
        return wait_begin(r, visit);
    if (visit->request.dry_run) {
        if (reply_trial(r, visit) != NGX_OK)
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
    } else if (visit->outcome.verdict != VERDICT_PASS) {
        ngx_int_t rc = penalty_is_due(visit) ? penalty_begin(r, visit) : NGX_DECLINED;

        return rc == NGX_DECLINED ? reply_refuse(r, visit) : rc;
    }
    if (visit->outcome.verdict == VERDICT_PASS && reply_to_key(r, visit) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    if (!visit->request.dry_run && token_is_asked(visit))
        return token_answer(r, visit);
    if (identity_put(r, visit) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return NGX_DECLINED;
}

static void body_handler(ngx_http_request_t *r)
{
    struct visit *visit = visit_find(r);

    if (facts_take_body(r, visit)) {
        /* The record says when the request came, the decision is of now: a body takes its time. */
        visit_record(r, visit);
        visit->request.mono_ns = clock_mono_ns();
        visit->request.wall_ns = clock_wall_ns();
        visit_decide(r, visit);
    } else {
        visit_refuse(r, visit, verdict_of_size(visit));
    }
    r->preserve_body = 1;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

static ngx_int_t body_read(ngx_http_request_t *r)
{
    ngx_int_t rc = ngx_http_read_client_request_body(r, body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE)
        return rc;
    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}

ngx_int_t access_handler(ngx_http_request_t *r)
{
    struct location_conf *conf = ngx_http_get_module_loc_conf(r, ngx_http_latchkey_module);
    struct visit *visit;

    if (conf->mode == MODE_OFF || r != r->main)
        return NGX_DECLINED;
    visit = visit_find(r);
    if (visit == NULL)
        visit = visit_begin(r, conf);
    if (visit == NULL)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    /* Once refused it stays refused, wherever nginx redirects it. */
    if (visit->decided && visit->outcome.verdict != VERDICT_PASS && !visit->request.dry_run)
        return visit_go_on(r, visit);
    if (r->err_status >= NGX_HTTP_BAD_REQUEST)
        return visit_fail(r, visit);
    /* HTTP/0.9 has no headers: nginx does not even make the list that the identity goes into. */
    if (r->http_version < NGX_HTTP_VERSION_10) {
        visit_refuse(r, visit, VERDICT_MALFORMED_REQUEST);
        return reply_refuse(r, visit);
    }
    if (!visit->decided) {
        if (r->headers_in.content_length_n > BODY_MOST) {
            visit_refuse(r, visit, verdict_of_size(visit));
        } else if (facts_need_body(r, visit)) {
            return body_read(r);
        } else {
            visit_decide(r, visit);
        }
    }
    return visit_go_on(r, visit);
}

static uint16_t status_of(const ngx_http_request_t *r)
{
    if (r->err_status)
        return (uint16_t)r->err_status;
    return (uint16_t)r->headers_out.status;
}

/* The record has all that it will have. */
static void visit_complete(ngx_http_request_t *r, struct visit *visit)
{
    struct audit_record *record = visit->record;
    struct slot_end end;

    penalty_end(visit);
    visit->record = NULL;
    end = (struct slot_end){
        .latency_us = saturated((clock_mono_ns() - visit->started_ns) / NS_PER_US),
        .bytes_sent = saturated((uint64_t)r->connection->sent),
        .status = visit->answered ? (uint16_t)r->headers_out.status : status_of(r),
    };
    if (end.status == NGX_HTTP_OK && visit->outcome.verdict == VERDICT_PASS &&
        visit->outcome.slot != GATE_NO_SLOT && visit->request.route != NULL &&
        (visit->request.route->flags & ROUTE_WALLETS))
        key_table_mark_wallets(visit->segment, visit->outcome.slot);
    if (visit->wait >= WAIT_ON) {
        end.verdict = visit->announced_trip ? VERDICT_PLAINTEXT_REVOKED
                                            : (uint16_t)visit->outcome.verdict;
        wait_end(visit);
        slot_leave(visit->slab, record, &end);
        return;
    }
    record->status = end.status;
    record->bytes_sent = end.bytes_sent;
    record->latency_us = end.latency_us;
    slot_complete(visit->slab, record);
}

void upgrade_note(ngx_http_request_t *r)
{
    struct visit *visit = visit_find(r);

    if (visit != NULL && visit->decided && visit->record != NULL)
        visit_complete(r, visit);
}

ngx_int_t log_handler(ngx_http_request_t *r)
{
    struct location_conf *conf = ngx_http_get_module_loc_conf(r, ngx_http_latchkey_module);
    struct visit *visit = visit_find(r);

    /* What nginx refused before the access phase leaves a record too, while a slot is free. */
    if (visit == NULL && conf->mode != MODE_OFF && r == r->main)
        visit = visit_begin(r, conf);
    /* So does who left before all of the body was there. */
    if (visit != NULL && !visit->decided)
        visit_refuse(r, visit, VERDICT_MALFORMED_REQUEST);
    if (visit != NULL && visit->record != NULL)
        visit_complete(r, visit);
    return NGX_OK;
}
