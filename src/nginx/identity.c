#include "nginx/latchkey.h"

static const char own_prefix[] = "x-latchkey-";

enum own_header { OWN_REQUEST_ID, OWN_ACCOUNT, OWN_KEY, OWN_SCOPES, OWN_COUNT };

/* Hashed once, before the workers part: nginx looks each header up by its hash on the way up. */
static struct {
    ngx_str_t name;
    ngx_uint_t hash;
} own[OWN_COUNT] = {
    [OWN_REQUEST_ID] = { ngx_string("x-latchkey-request-id"), 0 },
    [OWN_ACCOUNT] = { ngx_string("x-latchkey-account"), 0 },
    [OWN_KEY] = { ngx_string("x-latchkey-key"), 0 },
    [OWN_SCOPES] = { ngx_string("x-latchkey-scopes"), 0 },
};

void identity_init(void)
{
    for (int i = 0; i < OWN_COUNT; i++)
        own[i].hash = ngx_hash_key_lc(own[i].name.data, own[i].name.len);
}

bool identity_is_own(const ngx_table_elt_t *header)
{
    return header->key.len >= sizeof own_prefix - 1 && (header->key.data[0] | 0x20) == 'x' &&
           ngx_strncasecmp(header->key.data, (u_char *)own_prefix, sizeof own_prefix - 1) == 0;
}

static bool is_proof(const struct visit *visit, const ngx_table_elt_t *header)
{
    for (unsigned i = 0; i < visit->proof_count; i++) {
        if (visit->proof[i] == header)
            return true;
    }
    return false;
}

/* A new list in place of the old, for the few clients that plant headers: elements that nginx
 * points to stay where they are. */
static ngx_int_t planted_remove(ngx_http_request_t *r, struct visit *visit)
{
    ngx_list_t kept;

    if (ngx_list_init(&kept, r->pool, 16, sizeof(ngx_table_elt_t)) != NGX_OK)
        return NGX_ERROR;
    for (ngx_list_part_t *part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        const ngx_table_elt_t *header = part->elts;

        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            ngx_table_elt_t *copy;

            if (identity_is_own(&header[i]) || is_proof(visit, &header[i]))
                continue;
            copy = ngx_list_push(&kept);
            if (copy == NULL)
                return NGX_ERROR;
            *copy = header[i];
        }
    }
    r->headers_in.headers = kept;
    /* A list knows its last part by address, and the first part lies in the list itself. */
    if (kept.last == &kept.part)
        r->headers_in.headers.last = &r->headers_in.headers.part;
    visit->proof_count = 0;
    return NGX_OK;
}

/* In the place of a proof while there is one: nothing is allocated then. */
static ngx_int_t own_put(ngx_http_request_t *r, struct visit *visit, enum own_header which,
                         struct slice value)
{
    ngx_table_elt_t *header = visit->proof_count > 0 ? visit->proof[--visit->proof_count]
                                                     : ngx_list_push(&r->headers_in.headers);

    if (header == NULL)
        return NGX_ERROR;
    header->key = own[which].name;
    header->lowcase_key = own[which].name.data;
    header->hash = own[which].hash;
    header->value.data = (u_char *)value.at;
    header->value.len = value.size;
    return NGX_OK;
}

/* As the client wrote it, for a key id has one way of being written.  Beside a token, a key proves
 * nothing, whatever stands there. */
static ngx_int_t key_put(ngx_http_request_t *r, struct visit *visit)
{
    char *text;

    if (!visit->outcome.by_token)
        return own_put(r, visit, OWN_KEY, visit->request.key);
    text = ngx_pnalloc(r->pool, KEY_ID_TEXT_SIZE);
    if (text == NULL)
        return NGX_ERROR;
    key_id_format(&visit->outcome.key, text);
    return own_put(r, visit, OWN_KEY, (struct slice){ text, KEY_ID_SIZE });
}

static ngx_int_t account_put(ngx_http_request_t *r, struct visit *visit)
{
    u_char *text = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    u_char *end;

    if (text == NULL)
        return NGX_ERROR;
    end = ngx_sprintf(text, "%uL", visit->outcome.account);
    return own_put(r, visit, OWN_ACCOUNT, (struct slice){ (char *)text, (size_t)(end - text) });
}

/* Keys of one venue are granted few sets of scopes: the words of the last one are kept. */
static ngx_int_t scopes_put(ngx_http_request_t *r, struct visit *visit)
{
    static uint32_t last;
    static size_t size;
    static char words[SCOPES_TEXT_SIZE];
    char *text;

    if (visit->outcome.scopes != last) {
        last = visit->outcome.scopes;
        size = scopes_format(last, words);
    }
    text = ngx_pnalloc(r->pool, size);
    if (text == NULL)
        return NGX_ERROR;
    memcpy(text, words, size);
    return own_put(r, visit, OWN_SCOPES, (struct slice){ text, size });
}

/* In a dry run what the gate would have refused passes, but as nobody. */
static bool is_known(const struct visit *visit)
{
    return visit->outcome.authentic && visit->outcome.verdict == VERDICT_PASS;
}

ngx_int_t identity_put(ngx_http_request_t *r, struct visit *visit)
{
    if (visit->identified)
        return NGX_OK;
    visit->identified = true;
    /* What proves nothing is nobody's secret, and stays what it is.  So does all of it in a dry
     * run: the upstream still checks for itself. */
    if (!is_known(visit) || visit->request.dry_run)
        visit->proof_count = 0;
    if (visit->planted && planted_remove(r, visit) != NGX_OK)
        return NGX_ERROR;
    if (own_put(r, visit, OWN_REQUEST_ID, slice_of(visit->request_id)) != NGX_OK)
        return NGX_ERROR;
    if (!is_known(visit))
        return NGX_OK;
    if (key_put(r, visit) != NGX_OK || account_put(r, visit) != NGX_OK)
        return NGX_ERROR;
    return scopes_put(r, visit);
}
