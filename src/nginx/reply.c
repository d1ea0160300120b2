#include "nginx/latchkey.h"

#include "base/clock.h"
#include "gate/announce.h"

enum { KEY_EXPIRES_DAYS = 14 };
#define NS_PER_DAY (86400 * NS_PER_S)

ngx_int_t header_add(ngx_list_t *headers, const char *name, struct slice value)
{
    ngx_table_elt_t *header = ngx_list_push(headers);

    if (header == NULL)
        return NGX_ERROR;
    header->key.data = (u_char *)name;
    header->key.len = strlen(name);
    header->value.data = (u_char *)value.at;
    header->value.len = value.size;
    header->lowcase_key = (u_char *)name;
    header->hash = 1; /* that it is sent; nothing looks for it by hash */
    return NGX_OK;
}

ngx_int_t reply_tag(ngx_http_request_t *r, const struct visit *visit)
{
    return header_add(&r->headers_out.headers, "X-Request-Id", slice_of(visit->request_id));
}

ngx_int_t reply_trial(ngx_http_request_t *r, struct visit *visit)
{
    enum verdict verdict = visit->outcome.verdict;
    const char *text = verdict_status(verdict) == NGX_HTTP_UNAUTHORIZED ? "not-authentic"
                                                                        : verdict_text(verdict);

    if (visit->trial_said)
        return NGX_OK;
    visit->trial_said = true;
    return header_add(&r->headers_out.headers, "Latchkey-Verdict", slice_of(text));
}

ngx_int_t reply_announce(ngx_http_request_t *r, const struct visit *visit)
{
    const struct route *route = visit->request.route;
    struct announce_line *lines;
    size_t count;

    if (route == NULL || !route_is_announced(route))
        return NGX_OK;
    lines = ngx_palloc(r->pool, ANNOUNCE_LINES_MOST * sizeof *lines);
    if (lines == NULL)
        return NGX_ERROR;
    count = announce_format(route, lines);
    for (size_t i = 0; i < count; i++) {
        if (header_add(&r->headers_out.headers, lines[i].name, slice_of(lines[i].value)) != NGX_OK)
            return NGX_ERROR;
    }
    return NGX_OK;
}

static bool key_ends_soon(const struct visit *visit)
{
    uint64_t ends_at_ns = visit->outcome.ends_at_ns;

    return ends_at_ns != 0 && ends_at_ns < visit->request.wall_ns + KEY_EXPIRES_DAYS * NS_PER_DAY;
}

ngx_int_t reply_to_key(ngx_http_request_t *r, struct visit *visit)
{
    ngx_list_t *headers = &r->headers_out.headers;
    u_char *text, *end;
    uint64_t size;

    if (visit->told || !visit->outcome.authentic)
        return NGX_OK;
    visit->told = true;
    size = segment_signed_size_get(visit->segment);
    if (size == 0 && !key_ends_soon(visit))
        return NGX_OK;
    text = ngx_pnalloc(r->pool, 2 * (NGX_INT64_LEN + 1));
    if (text == NULL)
        return NGX_ERROR;
    end = ngx_sprintf(text, "%uL", size);
    if (size != 0 && header_add(headers, "Latchkey-Audit-Size",
                                (struct slice){ (char *)text, (size_t)(end - text) }) != NGX_OK)
        return NGX_ERROR;
    if (!key_ends_soon(visit) || visit->outcome.verdict != VERDICT_PASS)
        return NGX_OK;
    text = end;
    /* A date as in RFC 9651. */
    end = ngx_sprintf(text, "@%uL", visit->outcome.ends_at_ns / NS_PER_S);
    return header_add(headers, "Latchkey-Key-Expires",
                      (struct slice){ (char *)text, (size_t)(end - text) });
}

static ngx_int_t refusal_send(ngx_http_request_t *r, const struct gate_request *request,
                              const struct refusal *refusal)
{
    ngx_buf_t *buffer = ngx_calloc_buf(r->pool);
    ngx_chain_t chain = { buffer, NULL };
    ngx_int_t rc;

    if (buffer == NULL)
        return NGX_ERROR;
    r->err_status = 0;
    r->headers_out.status = (ngx_uint_t)refusal->status;
    r->headers_out.content_length_n = (off_t)refusal->body_size;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    if (refusal->status == NGX_HTTP_UNAUTHORIZED &&
        signer_sign_refusal(r, request, refusal) != NGX_OK)
        return NGX_ERROR;
    for (size_t i = 0; i < refusal->header_count; i++) {
        if (header_add(&r->headers_out.headers, refusal->headers[i].name,
                       slice_of(refusal->headers[i].value)) != NGX_OK)
            return NGX_ERROR;
    }
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only)
        return rc;
    buffer->pos = buffer->start = (u_char *)refusal->body;
    buffer->last = buffer->end = buffer->pos + refusal->body_size;
    buffer->memory = 1;
    buffer->last_buf = buffer->last_in_chain = 1;
    return ngx_http_output_filter(r, &chain);
}

static ngx_int_t answer(ngx_http_request_t *r, struct visit *visit, const struct refusal *refusal)
{
    ngx_int_t rc;

    visit->answered = true;
    rc = ngx_http_discard_request_body(r);
    if (rc == NGX_OK)
        rc = refusal_send(r, &visit->request, refusal);
    ngx_http_finalize_request(r, rc);
    return NGX_DONE;
}

ngx_int_t reply_refuse(ngx_http_request_t *r, struct visit *visit)
{
    struct refusal *refusal = ngx_palloc(r->pool, sizeof *refusal);

    if (refusal == NULL)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    refusal_format(&visit->request, &visit->outcome, slice_of(visit->request_id), refusal);
    if (visit->segment != NULL && reply_to_key(r, visit) != NGX_OK)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return answer(r, visit, refusal);
}

ngx_int_t reply_json(ngx_http_request_t *r, struct visit *visit, int status, const char *body)
{
    struct refusal *reply = ngx_palloc(r->pool, sizeof *reply);

    if (reply == NULL)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    reply->status = status;
    reply->header_count = 0;
    reply->body_size = (size_t)snprintf(reply->body, sizeof reply->body, "%s", body);
    return answer(r, visit, reply);
}
