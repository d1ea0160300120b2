#include "nginx/latchkey.h"

#include <jansson.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/clock.h"
#include "gate/token.h"
#include "shm/tokens.h"

enum {
    ANSWER_SIZE = 160,
    JSON_FLAGS = JSON_REJECT_DUPLICATES,
    STATUS_WRONG = 500, /* the venue's, for every error of an application */
};

/* What the call asks for. */
struct token_ask {
    unsigned caps;
    bool may_write;
    uint64_t ttl_s;
    uint8_t address[IP_ADDRESS_SIZE];
};

static struct slice text_of(const json_t *value)
{
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

/* Without a list: what the venue's clients mean by "api", everything but withdrawals and pay. */
static const char *caps_read(const json_t *list, struct token_ask *ask)
{
    ask->caps = 1U << TOKEN_CAP_ACCOUNT | 1U << TOKEN_CAP_ORDERS | 1U << TOKEN_CAP_FUNDING |
                1U << TOKEN_CAP_SETTINGS | 1U << TOKEN_CAP_WALLETS;
    if (list == NULL || json_is_null(list))
        return NULL;
    if (!json_is_array(list))
        return "caps: invalid: a list of a, o, f, s, w, wd, bp";
    ask->caps = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum token_cap cap;

        if (!token_cap_find(text_of(json_array_get(list, i)), &cap))
            return "caps: invalid: known are a, o, f, s, w, wd, bp";
        ask->caps |= 1U << cap;
    }
    if ((ask->caps & 1U << TOKEN_CAP_WITHDRAW) != 0 && !ask->may_write)
        return "caps: invalid: wd needs writePermission";
    return NULL;
}

/* "0" is what clients send when they do not know it. */
static const char *address_read(const json_t *value, struct token_ask *ask)
{
    struct slice text = text_of(value);

    if (value == NULL || json_is_null(value) || slice_is(text, SLICE("0")) ||
        (json_is_string(value) && text.size == 0))
        return NULL;
    if (!json_is_string(value) || !ip_address_parse(text, ask->address))
        return "_cust_ip: invalid: an IPv4 or IPv6 address";
    return NULL;
}

/* NULL: understood; else what is wrong, for the client. */
static const char *ask_read(const json_t *body, struct token_ask *ask)
{
    const json_t *ttl = json_object_get(body, "ttl"), *scope = json_object_get(body, "scope");
    const char *wrong;

    if (!json_is_object(body))
        return "body: invalid: a JSON object";
    if (!slice_is(text_of(scope), SLICE("api")))
        return "scope: invalid: has to be \\\"api\\\"";
    ask->ttl_s = TOKEN_TTL_DEFAULT_S;
    if (ttl != NULL && !json_is_null(ttl)) {
        if (!json_is_integer(ttl) || json_integer_value(ttl) < 1 ||
            json_integer_value(ttl) > TOKEN_TTL_MOST_S)
            return "ttl: invalid: 1 to 86400 seconds";
        ask->ttl_s = (uint64_t)json_integer_value(ttl);
    }
    ask->may_write = json_is_true(json_object_get(body, "writePermission"));
    wrong = caps_read(json_object_get(body, "caps"), ask);
    return wrong != NULL ? wrong : address_read(json_object_get(body, "_cust_ip"), ask);
}

static ngx_int_t wrong_send(ngx_http_request_t *r, struct visit *visit, int code,
                            const char *words)
{
    char answer[ANSWER_SIZE];

    snprintf(answer, sizeof answer, "[\"error\",%d,\"%s\"]", code, words);
    return reply_json(r, visit, STATUS_WRONG, answer);
}

static ngx_int_t token_make(ngx_http_request_t *r, struct visit *visit, const json_t *body)
{
    uint64_t now_ns = visit->request.mono_ns, digest[2];
    struct token_ask ask = { .caps = 0 };
    const char *wrong = ask_read(body, &ask);
    uint8_t random[TOKEN_RANDOM_SIZE];
    struct token_entry_content content;
    char text[TOKEN_TEXT_SIZE], answer[ANSWER_SIZE];

    if (wrong != NULL)
        return wrong_send(r, visit, 10020, wrong);
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    token_format(random, ask.caps, ask.may_write, text);
    token_digest(slice_of(text), digest);
    content = (struct token_entry_content){
        .slot = visit->outcome.slot,
        .scopes = token_scopes(ask.caps, ask.may_write),
        .ends_at_ns = now_ns + ask.ttl_s * NS_PER_S,
    };
    memcpy(content.address, ask.address, sizeof content.address);
    if (tokens_add(visit->segment, digest, &content, now_ns) != OK)
        return wrong_send(r, visit, 10001,
                          "token: too many: drop some with w/token/del, or let them end");
    snprintf(answer, sizeof answer, "[\"%s\"]", text);
    return reply_json(r, visit, NGX_HTTP_OK, answer);
}

static ngx_int_t token_drop(ngx_http_request_t *r, struct visit *visit, const json_t *body)
{
    struct slice text = text_of(json_object_get(body, "token"));
    uint64_t digest[2];

    if (text.at == NULL)
        return wrong_send(r, visit, 10020, "token: invalid: a text is needed");
    token_digest(text, digest);
    if (!tokens_drop(visit->segment, digest, visit->outcome.slot))
        return wrong_send(r, visit, 10100, "token: invalid");
    return reply_json(r, visit, NGX_HTTP_OK, "[1]");
}

bool token_is_asked(const struct visit *visit)
{
    const struct route *route = visit->request.route;

    return route != NULL && (route->flags & (ROUTE_MAKES_TOKEN | ROUTE_DROPS_TOKEN)) != 0;
}

ngx_int_t token_answer(ngx_http_request_t *r, struct visit *visit)
{
    json_t *body;
    ngx_int_t rc;

    /* Else a token could outlive itself. */
    if (visit->outcome.by_token)
        return wrong_send(r, visit, 10100, "token: invalid: tokens are made and dropped by a key");
    body = json_loadb(visit->body.size > 0 ? visit->body.at : "{}",
                      visit->body.size > 0 ? visit->body.size : 2, JSON_FLAGS, NULL);
    if ((visit->request.route->flags & ROUTE_MAKES_TOKEN) != 0)
        rc = token_make(r, visit, body);
    else
        rc = token_drop(r, visit, body);
    json_decref(body);
    return rc;
}
