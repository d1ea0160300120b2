#include "nginx/latchkey.h"

#include "base/clock.h"

static struct slice slice_of_str(const ngx_str_t *text)
{
    return (struct slice){ (const char *)text->data, text->len };
}

static enum http_method method_of(ngx_uint_t method)
{
    switch (method) {
    case NGX_HTTP_GET:
        return HTTP_METHOD_GET;
    case NGX_HTTP_HEAD:
        return HTTP_METHOD_HEAD;
    case NGX_HTTP_POST:
        return HTTP_METHOD_POST;
    case NGX_HTTP_PUT:
        return HTTP_METHOD_PUT;
    case NGX_HTTP_DELETE:
        return HTTP_METHOD_DELETE;
    case NGX_HTTP_OPTIONS:
        return HTTP_METHOD_OPTIONS;
    case NGX_HTTP_PATCH:
        return HTTP_METHOD_PATCH;
    default:
        return HTTP_METHOD_OTHER;
    }
}

/* An error_page makes a GET of everything; what the client asked stands in its request line. */
static enum http_method method_asked(const ngx_http_request_t *r)
{
    struct slice line = slice_of_str(&r->request_line);
    const char *space = line.size == 0 ? NULL : memchr(line.at, ' ', line.size);

    if (!r->internal)
        return method_of(r->method);
    return space == NULL ? HTTP_METHOD_OTHER
                         : http_method_find((struct slice){ line.at, (size_t)(space - line.at) });
}

/* A target that nginx cannot read (a broken escape) is only known by where it lies. */
static struct slice target_of(const ngx_http_request_t *r)
{
    if (r->unparsed_uri.len == 0 && r->uri_start != NULL && r->uri_end > r->uri_start)
        return (struct slice){ (const char *)r->uri_start, (size_t)(r->uri_end - r->uri_start) };
    return slice_of_str(&r->unparsed_uri);
}

static void address_of(const ngx_connection_t *c, uint8_t address[IP_ADDRESS_SIZE])
{
    memset(address, 0, IP_ADDRESS_SIZE);
    if (c->sockaddr->sa_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)c->sockaddr;

        address[10] = address[11] = 0xff;
        memcpy(address + 12, &ipv4->sin_addr, 4);
    } else if (c->sockaddr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)c->sockaddr;

        memcpy(address, &ipv6->sin6_addr, IP_ADDRESS_SIZE);
    }
}

static void header_take(struct slice *place, const ngx_table_elt_t *header)
{
    /* Said twice, it is not clear which one counts: malformed, as an empty one is. */
    *place = place->at != NULL ? (struct slice){ "", 0 } : slice_of_str(&header->value);
    if (place->at == NULL)
        place->at = "";
}

static void headers_read(ngx_http_request_t *r, struct visit *visit)
{
    static const ngx_str_t names[PROOF_MOST] = { ngx_string("apikey"), ngx_string("nonce"),
                                                 ngx_string("signature"), ngx_string("token") };
    const struct slice prefix = visit->request.routes->header_prefix;
    struct slice *places[PROOF_MOST] = { &visit->request.key, &visit->request.nonce,
                                         &visit->request.signature, &visit->request.token };

    for (ngx_list_part_t *part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        ngx_table_elt_t *header = part->elts;

        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            ngx_table_elt_t *h = &header[i];

            visit->planted |= identity_is_own(h);
            if (h->lowcase_key == NULL || h->lowcase_key[0] != (u_char)prefix.at[0] ||
                h->key.len <= prefix.size ||
                memcmp(h->lowcase_key, prefix.at, prefix.size) != 0)
                continue;
            for (size_t n = 0; n < PROOF_MOST; n++) {
                if (h->key.len - prefix.size != names[n].len ||
                    memcmp(h->lowcase_key + prefix.size, names[n].data, names[n].len) != 0)
                    continue;
                header_take(places[n], h);
                if (visit->proof_count < PROOF_MOST)
                    visit->proof[visit->proof_count++] = h;
            }
        }
    }
}

/* In the clear the key says where it belongs, so that it is revoked where it lives. */
static enum environment environment_of(enum latchkey_mode mode, const struct gate_request *request)
{
    struct key_id id;

    if (!request->encrypted && key_id_parse(request->key, &id))
        return id.environment;
    return mode == MODE_SANDBOX ? ENVIRONMENT_SANDBOX : ENVIRONMENT_LIVE;
}

/* Clients ask the same few paths over and over: which routes those were is remembered by their
 * text, so that most are found without a walk through the table. */
enum { MEMO_BITS = 6, MEMO_PATH_MOST = 54 };
static struct memo {
    const struct route_table *routes; /* NULL: empty */
    uint8_t method;
    uint8_t size;
    char path[MEMO_PATH_MOST];
    const struct route *route;
} memos[1 << MEMO_BITS];

void facts_init(void)
{
    memset(memos, 0, sizeof memos);
}

static struct memo *memo_of(struct slice path)
{
    uint64_t hash = path.size, word;

    for (; path.size >= sizeof word; path = slice_from(path, sizeof word)) {
        memcpy(&word, path.at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, path.at, path.size);
    return &memos[((hash ^ word) * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - MEMO_BITS)];
}

static const struct route *route_recall(const struct gate_request *request)
{
    struct slice path = request->path_decoded;
    struct memo *memo;
    const struct route *route;

    if (path.size > MEMO_PATH_MOST)
        return route_find(request->routes, request->method, path);
    memo = memo_of(path);
    if (memo->routes == request->routes && memo->method == request->method &&
        slice_is(path, (struct slice){ memo->path, memo->size }))
        return memo->route;
    route = route_find(request->routes, request->method, path);
    if (route != NULL) {
        *memo = (struct memo){ request->routes, (uint8_t)request->method, (uint8_t)path.size, "",
                               route };
        memcpy(memo->path, path.at, path.size);
    }
    return route;
}

/* Without an escape in it the path is decoded as it is, and nothing is copied. */
static void path_find(ngx_http_request_t *r, struct gate_request *request)
{
    char *decoded;
    const char *query;
    size_t size;

    request->path = target_of(r);
    if (request->path.size == 0)
        return;
    query = memchr(request->path.at, '?', request->path.size);
    if (query != NULL)
        request->path.size = (size_t)(query - request->path.at);
    request->path_decoded = request->path;
    if (memchr(request->path.at, '%', request->path.size) != NULL) {
        decoded = ngx_pnalloc(r->pool, PATH_MOST);
        if (decoded == NULL || !path_decode(request->path, decoded, &size))
            return;
        request->path_decoded = (struct slice){ decoded, size };
    }
    request->route = route_recall(request);
}

void facts_gather(ngx_http_request_t *r, const struct location_conf *conf, struct visit *visit)
{
    struct gate_request *request = &visit->request;

    visit->started_ns = request->mono_ns = clock_mono_ns();
    request->wall_ns = clock_wall_ns();
    request->routes = conf->routes;
    request->dry_run = conf->dry_run;
    request->encrypted = r->connection->ssl != NULL;
    request->method = method_asked(r);
    address_of(r->connection, request->address);
    headers_read(r, visit);
    request->environment = environment_of((enum latchkey_mode)conf->mode, request);
    path_find(r, request);
}

bool facts_need_body(ngx_http_request_t *r, const struct visit *visit)
{
    const struct gate_request *request = &visit->request;

    return (r->headers_in.content_length_n > 0 || r->headers_in.chunked ||
            (r->stream != NULL && r->headers_in.content_length_n < 0)) &&
           request->key.at != NULL && request->signature.at != NULL;
}

/* A part that nginx put into a file: client_body_buffer_size is smaller than the limit. */
static bool in_file(const ngx_buf_t *buffer)
{
    return buffer->in_file && !ngx_buf_in_memory(buffer);
}

/* One after the other, behind each other. */
static bool parts_join(const ngx_chain_t *link, u_char *at)
{
    for (; link != NULL; link = link->next) {
        const ngx_buf_t *buffer = link->buf;
        size_t size = (size_t)ngx_buf_size(buffer);

        if (size == 0)
            continue; /* the last of a chunked body has no memory at all */
        if (!in_file(buffer))
            memcpy(at, buffer->pos, size);
        else if (ngx_read_file(buffer->file, at, size, buffer->file_pos) != (ssize_t)size)
            return false;
        at += size;
    }
    return true;
}

/* nginx keeps a part for each piece that came from the network, however small, so their number is
 * the client's to choose.  A body in one piece, as nearly all are, is not copied. */
bool facts_take_body(ngx_http_request_t *r, struct visit *visit)
{
    const ngx_chain_t *first = r->request_body == NULL ? NULL : r->request_body->bufs;
    size_t size = 0;
    u_char *at;

    for (const ngx_chain_t *link = first; link != NULL; link = link->next)
        size += (size_t)ngx_buf_size(link->buf);
    if (size == 0)
        return true;
    if (size > BODY_MOST)
        return false;
    if (first->next == NULL && !in_file(first->buf)) {
        at = first->buf->pos;
    } else {
        at = ngx_pnalloc(r->pool, size);
        if (at == NULL || !parts_join(first, at))
            return false;
    }
    visit->body = (struct slice){ (const char *)at, size };
    visit->request.body = &visit->body;
    visit->request.body_count = 1;
    return true;
}

void facts_record(const struct visit *visit, struct audit_record *record)
{
    const struct gate_request *request = &visit->request;
    size_t size = request->path_decoded.size;

    record->kind = RECORD_REQUEST;
    record->received_at_us = request->wall_ns / NS_PER_US;
    record->environment = (uint8_t)request->environment;
    record->transport = request->encrypted ? RECORD_TRANSPORT_TLS : RECORD_TRANSPORT_PLAIN;
    record->method = (uint8_t)request->method;
    record->route = request->route == NULL ? 0 : request->route->number;
    if (record->route >= ROUTE_NUMBER_OWN)
        record->route_flags = request->route->flags;
    if (request->dry_run)
        record->flags |= RECORD_DRY_RUN;
    memcpy(record->address, request->address, sizeof record->address);
    if (size > RECORD_PATH_MOST) {
        size = RECORD_PATH_MOST;
        record->flags |= RECORD_PATH_CUT;
    }
    record->path_size = (uint16_t)size;
    if (size > 0)
        memcpy(record->path, request->path_decoded.at, size);
}
