/* tests/gate/signed_request.h: a key and a request that was signed with it */
#ifndef SIGNED_REQUEST_H
#define SIGNED_REQUEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "gate/gate.h"

#define NOW_NS (UINT64_C(1795392000) * 1000000000)
#define DAY_NS (UINT64_C(86400) * 1000000000)
#define MONO_NS (UINT64_C(5000) * 1000000000)

struct signed_request {
    struct secret secret;
    struct key_id id;
    struct gate_key key;
    struct gate_request request;
    struct slice body;
    char id_text[KEY_ID_TEXT_SIZE];
    char nonce_text[24];
    char signature_text[SIGNATURE_TEXT_SIZE + 1];
};

static inline void request_sign(struct signed_request *s, const char *path, uint64_t nonce)
{
    uint8_t signature[SIGNATURE_SIZE];
    struct slice parts[4];

    snprintf(s->nonce_text, sizeof s->nonce_text, "%llu", (unsigned long long)nonce);
    parts[0] = SLICE("/api");
    parts[1] = slice_of(path);
    parts[2] = slice_of(s->nonce_text);
    parts[3] = s->body;
    signature_compute(&s->key.midstate, parts, 4, signature);
    hex_format(signature, sizeof signature, s->signature_text);
    s->request.path = s->request.path_decoded = slice_of(path);
    s->request.method = HTTP_METHOD_POST;
    s->request.route = route_find(route_table_venue(), s->request.method, s->request.path);
    s->request.nonce = slice_of(s->nonce_text);
    s->request.signature = slice_of(s->signature_text);
}

/* A sandbox key for trading from 192.0.2.0/24, number `n`, and its call for orders. */
static inline void signed_request_init(struct signed_request *s, unsigned n)
{
    memset(s, 0, sizeof *s);
    s->id.environment = ENVIRONMENT_SANDBOX;
    snprintf((char *)s->secret.bytes, sizeof s->secret.bytes, "secret of key %u", n);
    s->secret.size = strlen((char *)s->secret.bytes);
    for (size_t i = 0; i < KEY_RANDOM_SIZE; i++)
        s->id.random[i] = "0123456789ABCDEF"[(n >> (4 * (i % 8))) & 15];
    key_id_format(&s->id, s->id_text);
    midstate_init(&s->key.midstate, &s->secret);
    s->key.account = 7;
    s->key.created_at_ns = NOW_NS - 10 * DAY_NS;
    s->key.idle_span_ns = 90 * DAY_NS;
    s->key.scopes = scopes_of_group(SCOPE_GROUP_READ) | scopes_of_group(SCOPE_GROUP_TRADE);
    s->key.public_per_s = 15;
    s->key.private_per_s = 5;
    s->key.state = KEY_ACTIVE;
    s->key.ip_rule_count = 1;
    if (ip_rule_parse(SLICE("192.0.2.0/24"), &s->key.ip_rules[0]) != IP_FINE)
        abort();
    s->body = SLICE("{}");
    s->request = (struct gate_request){ .environment = ENVIRONMENT_SANDBOX,
                                        .encrypted = true,
                                        .key = slice_of(s->id_text),
                                        .body = &s->body,
                                        .body_count = 1,
                                        .wall_ns = NOW_NS,
                                        .mono_ns = MONO_NS };
    if (!ip_address_parse(SLICE("192.0.2.7"), s->request.address))
        abort();
    request_sign(s, "/v2/auth/r/orders", 1000);
}

#endif
