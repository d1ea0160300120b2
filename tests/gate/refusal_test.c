#include "gate/refusal.h"

#include <stdio.h>
#include <string.h>

#include "../test.h"

static const struct gate_request *request(void)
{
    static struct gate_request r = {
        .environment = ENVIRONMENT_SANDBOX,
        .nonce = { "1795391999999000", 16 },
        .wall_ns = UINT64_C(1795392000000000000),
    };

    r.route = route_get(ROUTE_NUMBER_V1); /* for ROUTE_RETIRED */
    assert_true(ip_address_parse(SLICE("192.0.2.7"), r.address));
    return &r;
}

static struct gate_outcome because(enum verdict verdict)
{
    return (struct gate_outcome){
        .verdict = verdict,
        .ended_at_ns = UINT64_C(1795392000000000000),
        .reason = KEY_REASON_OWNER,
        .scope = verdict == VERDICT_SCOPE_ELEVATED      ? SCOPE_POSITIONS_READ
                 : verdict == VERDICT_SCOPE_UNCONFIRMED ? SCOPE_WITHDRAW_WRITE
                                                        : SCOPE_ORDERS_WRITE,
        .mail_hint = "a***@example.org",
        .last_nonce = 12,
        .nonce = 11,
        .retry_ns = verdict == VERDICT_COOLING_OFF ? UINT64_C(256320000000000) : 150000000,
        .cooling_until_ns = UINT64_C(1795648320000000000),
        .rate_limit = 5,
    };
}

#define SIGNED_BODY                                                                          \
    "{\"message\":\"apikey: digest invalid\",\"code\":10100,\"timestamp\":1795392000000,"    \
    "\"nonce\":\"1795391999999000\",\"request_id\":\"ab12\"}"
#define LIMIT "[\"error\",11010,\"ratelimit: error\"]"
#define LATER "{\"message\":\"temporarily_unavailable\"}"
#define SCOPE(what) "[\"error\",10001,\"api_key: permission invalid: " what "\"]"
#define KEY(what) "[\"error\",10100,\"apikey: " what "\"]"
#define ORDER(what) "[\"error\",10001,\"order: not ready: " what "\"]"

static const struct {
    enum verdict verdict;
    int status;
    const char *body;
} rows[] = {
    { VERDICT_SEGMENT_MISSING, 503, LATER },
    { VERDICT_UNRECORDED, 503, LATER },
    { VERDICT_UPSTREAM_DOWN, 503, LATER },
    { VERDICT_MALFORMED_REQUEST, 400, "{\"message\":\"malformed request\"}" },
    { VERDICT_BODY_TOO_LARGE, 413, "{\"message\":\"body too large\"}" },
    { VERDICT_ROUTE_UNKNOWN, 404, "{\"message\":\"unknown path or method\"}" },
    { VERDICT_ROUTE_RETIRED, 410, "{\"message\":\"endpoint retired: use /v2/\"}" },
    { VERDICT_PLAINTEXT, 403, "{\"message\":\"use https\"}" },
    { VERDICT_PLAINTEXT_REVOKED, 403,
      "{\"message\":\"apikey: revoked: used over an unencrypted connection\"}" },
    { VERDICT_HEADERS_MALFORMED, 401, SIGNED_BODY },
    { VERDICT_KEY_UNKNOWN, 401, SIGNED_BODY },
    { VERDICT_SIGNATURE_WRONG, 401, SIGNED_BODY },
    { VERDICT_TOKEN_INVALID, 401, SIGNED_BODY },
    { VERDICT_WRONG_ENVIRONMENT, 500, KEY("live key refused in the sandbox") },
    { VERDICT_FAILURES_EXCEEDED, 429, LIMIT },
    { VERDICT_RATE_EXCEEDED, 429, LIMIT },
    { VERDICT_ADDRESS_RATE_EXCEEDED, 429, LIMIT },
    { VERDICT_REFUSALS_EXCEEDED, 429, LIMIT },
    { VERDICT_KEY_REVOKED, 500, KEY("revoked: by its owner, 2026-11-23T00:00:00Z") },
    { VERDICT_KEY_EXPIRED, 500, KEY("expired: unused for 90 days; generate a new key") },
    { VERDICT_KEY_SUSPENDED, 500, KEY("suspended: contact support") },
    { VERDICT_ADDRESS_REFUSED, 500, KEY("ip not allowed: 192.0.2.7") },
    { VERDICT_NONCE_SMALL, 500, "[\"error\",10114,\"nonce: small: last 12, got 11\"]" },
    { VERDICT_SCOPE_MISSING, 500, SCOPE("needs orders:write") },
    { VERDICT_SCOPE_UNCONFIRMED, 500,
      SCOPE("confirm withdrawals by the link sent to a***@example.org") },
    { VERDICT_SCOPE_ELEVATED, 500, SCOPE("needs positions (elevated)") },
    { VERDICT_WALLETS_FIRST, 500, ORDER("call /v2/auth/r/wallets first") },
    { VERDICT_SANDBOX_FIRST, 500, ORDER("place an order in the sandbox first") },
    { VERDICT_COOLING_OFF, 500, ORDER("cooling-off ends in 71h 12m (2026-11-25T23:12:00Z)") },
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

TEST(each_verdict_reads_word_by_word_as_documented)
{
    assert_int_equal(ROW_COUNT, VERDICT_COUNT - 1);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct gate_outcome outcome = because(rows[i].verdict);
        struct refusal refusal;

        refusal_format(request(), &outcome, SLICE("ab12"), &refusal);
        assert_int_equal(refusal.status, rows[i].status);
        assert_string_equal(refusal.body, rows[i].body);
        assert_int_equal(refusal.body_size, strlen(rows[i].body));
        /* Stock clients take an array with any other status for data. */
        assert_int_equal(refusal.body[0] == '[', refusal.status == 500 || refusal.status == 429);
    }
}

/* The venue's own client looks for these words. */
TEST(a_refused_token_is_called_one)
{
    struct gate_outcome outcome = because(VERDICT_TOKEN_INVALID);
    struct gate_request with_token = *request();
    struct refusal refusal;

    with_token.token = SLICE("pub:api:x-read");
    refusal_format(&with_token, &outcome, SLICE("ab12"), &refusal);
    assert_non_null(strstr(refusal.body, "\"message\":\"token: invalid\""));
}

static const char *header(const struct refusal *refusal, const char *name)
{
    for (size_t i = 0; i < refusal->header_count; i++) {
        if (strcmp(refusal->headers[i].name, name) == 0)
            return refusal->headers[i].value;
    }
    return "";
}

TEST(headers_say_when_to_come_again)
{
    struct gate_outcome outcome = because(VERDICT_RATE_EXCEEDED);
    struct refusal refusal;

    refusal_format(request(), &outcome, SLICE("ab12"), &refusal);
    assert_string_equal(header(&refusal, "Retry-After"), "1");
    assert_string_equal(header(&refusal, "RateLimit-Policy"), "\"private\";q=5;w=1");
    assert_string_equal(header(&refusal, "RateLimit"), "\"private\";r=0;t=1");
    outcome = because(VERDICT_COOLING_OFF);
    refusal_format(request(), &outcome, SLICE("ab12"), &refusal);
    assert_string_equal(header(&refusal, "Retry-After"), "256320");
    outcome = because(VERDICT_UNRECORDED);
    refusal_format(request(), &outcome, SLICE("ab12"), &refusal);
    assert_string_equal(header(&refusal, "Retry-After"), "1");
}

TEST(a_hostile_nonce_is_cut_and_escaped)
{
    struct gate_request r = *request();
    struct gate_outcome outcome = because(VERDICT_SIGNATURE_WRONG);
    struct refusal refusal;
    char nonce[64];

    memset(nonce, '"', sizeof nonce);
    r.nonce = (struct slice){ nonce, sizeof nonce };
    refusal_format(&r, &outcome, SLICE("0123456789abcdef0123456789abcdef"), &refusal);
    assert_non_null(strstr(refusal.body, "\"nonce\":\"\\u0022\\u0022"));
    assert_null(strstr(refusal.body, "\"\"\""));
    assert_non_null(strstr(refusal.body, "0123456789abcdef\"}"));
    r.nonce = SLICE_EMPTY;
    refusal_format(&r, &outcome, SLICE("ab12"), &refusal);
    assert_non_null(strstr(refusal.body, "\"nonce\":\"\""));
}

TEST(the_three_failures_without_proof_cannot_be_told_apart)
{
    struct refusal a, b;
    struct gate_outcome one = because(VERDICT_KEY_UNKNOWN), two = because(VERDICT_SIGNATURE_WRONG);

    refusal_format(request(), &one, SLICE("ab12"), &a);
    refusal_format(request(), &two, SLICE("ab12"), &b);
    assert_string_equal(a.body, b.body);
    assert_int_equal(a.header_count, b.header_count);
}

TEST_MAIN
