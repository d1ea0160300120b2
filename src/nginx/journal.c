#include "nginx/latchkey.h"

/* In place of nginx's own words, which hold the whole request line, the upstream's address with the
 * query once more, and the referrer.  A query may carry what belongs in no journal; the path has
 * the record's id beside it when there is a record. */
static u_char *request_describe(ngx_http_request_t *r, ngx_http_request_t *sr, u_char *at,
                                size_t size)
{
    const struct visit *visit = ngx_http_get_module_ctx(r, ngx_http_latchkey_module);
    ngx_str_t path = r->unparsed_uri;
    const u_char *query = path.len == 0 ? NULL : memchr(path.data, '?', path.len);
    u_char *end = at + size;

    (void)sr;
    if (query != NULL)
        path.len = (size_t)(query - path.data);
    at = ngx_slprintf(at, end, ", request: \"%V %V\"", &r->method_name, &path);
    if (visit != NULL)
        at = ngx_slprintf(at, end, ", id: %s", visit->request_id);
    return at;
}

ngx_int_t journal_handler(ngx_http_request_t *r)
{
    r->log_handler = request_describe;
    return NGX_DECLINED;
}
