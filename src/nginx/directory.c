/* The directory of keys at /.well-known/http-message-signatures-directory, where libraries look for
 * it (draft-meunier-webbotauth-httpsig-directory). */
#include "nginx/latchkey.h"

#include "base/clock.h"

/* Clients may keep it so long; a new key is in it for longer before it signs (docs/nginx.md). */
#define CACHE_CONTROL "public, max-age=300"

/* RFC 9421, section 2.2.3: in lower case and without the port if it is the scheme's own.  Empty
 * for a client of HTTP/1.0 that named no host. */
static ngx_int_t authority_find(ngx_http_request_t *r, struct slice *authority)
{
    const ngx_str_t port = r->connection->ssl != NULL ? (ngx_str_t)ngx_string(":443")
                                                      : (ngx_str_t)ngx_string(":80");
    const ngx_table_elt_t *host = r->headers_in.host;
    u_char *text;
    size_t size;

    *authority = SLICE_EMPTY;
    if (host == NULL || host->value.len == 0)
        return NGX_OK;
    size = host->value.len;
    text = ngx_pnalloc(r->pool, size);
    if (text == NULL)
        return NGX_ERROR;
    ngx_strlow(text, host->value.data, size);
    if (size > port.len && memcmp(text + size - port.len, port.data, port.len) == 0)
        size -= port.len;
    *authority = (struct slice){ (const char *)text, size };
    return NGX_OK;
}

static ngx_int_t head_make(ngx_http_request_t *r, const struct signer *signer)
{
    struct slice authority;
    ngx_int_t rc;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = (off_t)signer_directory(signer).size;
    ngx_str_set(&r->headers_out.content_type, "application/http-message-signatures-directory+json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
#if (NGX_HTTP_GZIP)
    /* The digest is that of the bytes as they are sent. */
    r->gzip_tested = 1;
    r->gzip_ok = 0;
#endif
    if (header_add(&r->headers_out.headers, "Cache-Control", SLICE(CACHE_CONTROL)) != NGX_OK ||
        authority_find(r, &authority) != NGX_OK)
        return NGX_ERROR;
    rc = signer_sign_directory(r, signer, authority, clock_wall_ns() / NS_PER_S);
    return rc == NGX_DECLINED ? NGX_HTTP_BAD_REQUEST : rc;
}

static ngx_int_t directory_handler(ngx_http_request_t *r)
{
    const struct main_conf *conf = ngx_http_get_module_main_conf(r, ngx_http_latchkey_module);
    struct slice content = signer_directory(conf->signer);
    ngx_buf_t *buffer = ngx_calloc_buf(r->pool);
    ngx_chain_t chain = { buffer, NULL };
    ngx_int_t rc;

    if (buffer == NULL)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0)
        return NGX_HTTP_NOT_ALLOWED;
    rc = ngx_http_discard_request_body(r);
    if (rc == NGX_OK)
        rc = head_make(r, conf->signer);
    if (rc != NGX_OK)
        return rc == NGX_ERROR ? NGX_HTTP_INTERNAL_SERVER_ERROR : rc;
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only)
        return rc;
    /* Lives as long as this worker's configuration, which outlives the request. */
    buffer->pos = buffer->start = (u_char *)content.at;
    buffer->last = buffer->end = buffer->pos + content.size;
    buffer->memory = 1;
    buffer->last_buf = buffer->last_in_chain = 1;
    return ngx_http_output_filter(r, &chain);
}

char *directory_set(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    const struct main_conf *main_conf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_latchkey_module);
    ngx_http_core_loc_conf_t *location =
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    (void)command;
    (void)conf;
    if (main_conf->signer == NULL)
        return "has no keys to show: put a latchkey_gateway_key before it, at the level of http";
    location->handler = directory_handler;
    return NGX_CONF_OK;
}
