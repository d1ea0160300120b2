#include "gate/gate.h"

#include <stdlib.h>

#include "signed_request.h"

#include "../test.h"

/* What a case changes about a request that would pass. */
struct world {
    struct signed_request s;
    struct gate_live live;
    struct gate_address address;
    struct gate_settings settings;
    struct nonce_window window;
    bool known;
};

static void world_init(struct world *w)
{
    memset(w, 0, sizeof *w);
    signed_request_init(&w->s, 1);
    w->settings = (struct gate_settings){ .requests = { 66666666, 999999990 },
                                          .failures = { 100000000, 6000000000 } };
    w->known = true;
}

static struct gate_outcome ask(const struct world *w)
{
    struct gate_outcome outcome;
    struct gate_claim claim;
    bool right;

    gate_claim_parse(&w->s.request, &claim);
    right = w->known && claim.state == CLAIM_COMPLETE &&
            gate_signature_is(&w->s.request, &claim, &w->s.key.midstate);
    gate_decide(&w->s.request, &claim, w->known ? &w->s.key : NULL, right, &w->live, &w->address,
                &w->settings, &outcome);
    return outcome;
}

/* ---- what each row does to the world ---- */

static void nothing(struct world *w)
{
    (void)w;
}
static void unknown_path(struct world *w)
{
    request_sign(&w->s, "/v2/auth/r/nope", 1000);
}
static void v1(struct world *w)
{
    request_sign(&w->s, "/v1/balances", 1000);
}
static void no_headers(struct world *w)
{
    w->s.request.key = w->s.request.nonce = w->s.request.signature = SLICE_EMPTY;
}
static void public_call(struct world *w)
{
    no_headers(w);
    w->s.request.method = HTTP_METHOD_GET;
    w->s.request.route = route_get(ROUTE_NUMBER_TICKER);
}
static void public_call_too_often(struct world *w)
{
    public_call(w);
    w->address.requests_full_at_ns = MONO_NS + 999999990;
}
static void depth_without_key(struct world *w)
{
    public_call(w);
    w->s.request.route = route_get(ROUTE_NUMBER_BOOK);
}
static void open_depth_without_key(struct world *w)
{
    depth_without_key(w);
    w->settings.depth_open = true;
}
static void unknown_token(struct world *w)
{
    w->s.request.token = SLICE("pub:api:nobody's-read"); /* before a signature, however right */
}
static void plain_token(struct world *w)
{
    unknown_token(w);
    w->s.request.encrypted = false;
}
static void plain_unsigned(struct world *w)
{
    no_headers(w);
    w->s.request.encrypted = false;
}
static void plain_forged(struct world *w)
{
    w->s.signature_text[0] ^= 1;
    w->s.request.encrypted = false;
}
static void plain_signed(struct world *w)
{
    w->s.request.encrypted = false;
}
static void plain_signed_unknown_path(struct world *w)
{
    unknown_path(w);
    w->s.request.encrypted = false;
}
static void plain_other_environment(struct world *w)
{
    w->s.request.environment = ENVIRONMENT_LIVE;
    w->s.request.encrypted = false;
    w->known = false;
}
static void key_mistyped(struct world *w)
{
    w->s.id_text[12] ^= 1;
}
static void nonce_missing(struct world *w)
{
    w->s.request.nonce = SLICE_EMPTY;
}
static void nonce_too_large(struct world *w)
{
    request_sign(&w->s, "/v2/auth/r/orders", NONCE_MOST + 1);
}
static void signature_short(struct world *w)
{
    w->s.request.signature.size--;
}
static void other_environment(struct world *w)
{
    w->s.request.environment = ENVIRONMENT_LIVE;
    w->known = false;
}
static void unknown_key(struct world *w)
{
    w->known = false;
}
static void forged(struct world *w)
{
    w->s.signature_text[95] ^= 1;
}
static void forged_too_often(struct world *w)
{
    forged(w);
    w->address.failures_full_at_ns = MONO_NS + 6000000000;
}
static void signed_after_many_failures(struct world *w)
{
    w->address.failures_full_at_ns = MONO_NS + 6000000000;
}
static void body_changed(struct world *w)
{
    w->s.body = SLICE("{ }");
}
static void revoked(struct world *w)
{
    w->s.key.state = KEY_REVOKED;
}
static void unknown_state(struct world *w)
{
    w->s.key.state = 99;
}
static void end_announced(struct world *w)
{
    w->s.key.ends_at_ns = NOW_NS + 1;
}
static void announced_end(struct world *w)
{
    w->s.key.ends_at_ns = NOW_NS;
}
static void tripped(struct world *w)
{
    w->live.tripped_at_ns = NOW_NS - 1;
}
static void unused(struct world *w)
{
    w->s.key.created_at_ns = NOW_NS - 90 * DAY_NS - 1;
}
static void used_in_time(struct world *w)
{
    unused(w);
    w->live.last_use_ns = NOW_NS - 90 * DAY_NS;
}
static void expired_before_the_clock_jumped_back(struct world *w)
{
    w->live.expired_at_ns = NOW_NS + DAY_NS;
}
static void expired(struct world *w)
{
    w->s.key.state = KEY_EXPIRED;
}
static void suspended(struct world *w)
{
    w->s.key.state = KEY_SUSPENDED;
}
static void other_address(struct world *w)
{
    w->s.request.address[14] ^= 1;
}
static void no_rules(struct world *w)
{
    w->s.key.ip_rule_count = 0;
}
static void nonce_seen(struct world *w)
{
    w->live.nonce = 1000;
}
static void nonce_next(struct world *w)
{
    w->live.nonce = 999;
}
static void too_often(struct world *w)
{
    w->live.private_full_at_ns = MONO_NS + 1000000000;
}
static void public_meter_full_private_call(struct world *w)
{
    w->live.public_full_at_ns = MONO_NS + 1000000000;
}
static void scope_missing(struct world *w)
{
    w->s.key.scopes = 0;
}
static void withdraw_unconfirmed(struct world *w)
{
    w->s.key.scopes_waiting = SCOPE_BIT(SCOPE_WITHDRAW_WRITE);
    request_sign(&w->s, "/v2/auth/w/withdraw", 1000);
}
static void positions(struct world *w)
{
    request_sign(&w->s, "/v2/auth/r/positions", 1000);
}
static void depth_without_scope(struct world *w)
{
    w->s.key.scopes = SCOPE_BIT(SCOPE_HISTORY_READ);
    request_sign(&w->s, "/v2/book/tBTCUSD/P0", 1000);
    w->s.request.route = route_get(ROUTE_NUMBER_BOOK);
}
static void live_order(struct world *w)
{
    w->s.request.environment = ENVIRONMENT_LIVE;
    w->s.id.environment = ENVIRONMENT_LIVE;
    key_id_format(&w->s.id, w->s.id_text);
    w->s.key.flags = GATE_KEY_SANDBOX_ORDER;
    w->live.wallets_called = true;
    request_sign(&w->s, "/v2/auth/w/order/submit", 1000);
}
static void live_order_before_wallets(struct world *w)
{
    live_order(w);
    w->live.wallets_called = false;
}
static void live_order_wallets_durable(struct world *w)
{
    live_order_before_wallets(w);
    w->s.key.flags |= GATE_KEY_WALLETS_CALLED;
}
static void live_order_before_sandbox(struct world *w)
{
    live_order(w);
    w->s.key.flags = 0;
}
static void live_order_cooling(struct world *w)
{
    live_order(w);
    w->s.key.cooling_until_ns = NOW_NS + 1;
}
static void live_order_cooled(struct world *w)
{
    live_order(w);
    w->s.key.cooling_until_ns = NOW_NS;
}
static void live_cancel_cooling(struct world *w)
{
    live_order_cooling(w);
    request_sign(&w->s, "/v2/auth/w/order/cancel", 1000);
}
static void sandbox_order(struct world *w)
{
    w->s.key.cooling_until_ns = NOW_NS + DAY_NS;
    request_sign(&w->s, "/v2/auth/w/order/submit", 1000);
}

static void nonce_below_in_window(struct world *w)
{
    w->live.nonce = 2000;
    w->live.window = &w->window;
    w->window.seen[0] = 2000;
}
static void nonce_seen_in_window(struct world *w)
{
    nonce_below_in_window(w);
    w->window.seen[1] = 1000;
}
static void nonce_taken_before(struct world *w)
{
    w->live.nonce = 1000;
    w->live.nonce_taken = true;
}

static void meters_empty(struct world *w)
{
    w->live.private_full_at_ns = w->live.public_full_at_ns = MONO_NS + 1000000000;
    w->address.requests_full_at_ns = MONO_NS + 999999990;
}
static void nonce_seen_too_often(struct world *w)
{
    meters_empty(w);
    nonce_seen(w);
}
static void revoked_too_often(struct world *w)
{
    meters_empty(w);
    revoked(w);
}
static void unused_too_often(struct world *w)
{
    meters_empty(w);
    unused(w);
}
static void unknown_path_too_often(struct world *w)
{
    meters_empty(w);
    unknown_path(w);
}
static void unsigned_unknown_path(struct world *w)
{
    unknown_path(w);
    no_headers(w);
}
static void unsigned_v1(struct world *w)
{
    v1(w);
    no_headers(w);
}
static void unsigned_v1_too_often(struct world *w)
{
    meters_empty(w);
    unsigned_v1(w);
}
static void plain_unsigned_too_often(struct world *w)
{
    meters_empty(w);
    plain_unsigned(w);
}
static void plain_signed_with_empty_meters(struct world *w)
{
    meters_empty(w);
    plain_signed(w);
}
static void plain_signed_again(struct world *w)
{
    tripped(w);
    plain_signed(w);
}
static void plain_signed_again_too_often(struct world *w)
{
    meters_empty(w);
    plain_signed_again(w);
}
static void other_address_unknown_path(struct world *w)
{
    unknown_path(w);
    other_address(w);
}
static void other_address_too_often(struct world *w)
{
    w->address.requests_full_at_ns = MONO_NS + 999999990;
    other_address(w);
}
static void other_address_with_an_empty_key(struct world *w)
{
    w->live.private_full_at_ns = MONO_NS + 1000000000;
    other_address(w);
}

enum { CONSUMES = GATE_STORES_NONCE };

static const struct {
    void (*change)(struct world *w);
    uint8_t stores;
    bool authentic;
    enum verdict verdict;
} rows[] = {
    { nothing, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { unknown_path, GATE_STORES_PRIVATE, true, VERDICT_ROUTE_UNKNOWN },
    { v1, GATE_STORES_PUBLIC, true, VERDICT_ROUTE_RETIRED },
    { public_call, GATE_STORES_REQUESTS, false, VERDICT_PASS },
    { public_call_too_often, 0, false, VERDICT_ADDRESS_RATE_EXCEEDED },
    { depth_without_key, GATE_STORES_FAILURES, false, VERDICT_HEADERS_MALFORMED },
    { open_depth_without_key, GATE_STORES_REQUESTS, false, VERDICT_PASS },
    { unknown_token, GATE_STORES_FAILURES, false, VERDICT_TOKEN_INVALID },
    { plain_token, GATE_STORES_REQUESTS, false, VERDICT_PLAINTEXT },
    { plain_unsigned, GATE_STORES_REQUESTS, false, VERDICT_PLAINTEXT },
    { plain_forged, GATE_STORES_REQUESTS, false, VERDICT_PLAINTEXT },
    { plain_other_environment, GATE_STORES_REQUESTS, false, VERDICT_PLAINTEXT },
    { plain_signed, GATE_STORES_TRIPPED, true, VERDICT_PLAINTEXT_REVOKED },
    { plain_signed_unknown_path, GATE_STORES_TRIPPED, true, VERDICT_PLAINTEXT_REVOKED },
    { no_headers, GATE_STORES_FAILURES, false, VERDICT_HEADERS_MALFORMED },
    { key_mistyped, GATE_STORES_FAILURES, false, VERDICT_HEADERS_MALFORMED },
    { nonce_missing, GATE_STORES_FAILURES, false, VERDICT_HEADERS_MALFORMED },
    { nonce_too_large, GATE_STORES_FAILURES, false, VERDICT_HEADERS_MALFORMED },
    { signature_short, GATE_STORES_FAILURES, false, VERDICT_HEADERS_MALFORMED },
    { other_environment, GATE_STORES_FAILURES, false, VERDICT_WRONG_ENVIRONMENT },
    { unknown_key, GATE_STORES_FAILURES, false, VERDICT_KEY_UNKNOWN },
    { forged, GATE_STORES_FAILURES, false, VERDICT_SIGNATURE_WRONG },
    { body_changed, GATE_STORES_FAILURES, false, VERDICT_SIGNATURE_WRONG },
    { forged_too_often, GATE_STORES_FAILURES, false, VERDICT_FAILURES_EXCEEDED },
    { signed_after_many_failures, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { revoked, GATE_STORES_PRIVATE, true, VERDICT_KEY_REVOKED },
    { unknown_state, GATE_STORES_PRIVATE, true, VERDICT_KEY_REVOKED },
    { end_announced, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { announced_end, GATE_STORES_PRIVATE, true, VERDICT_KEY_REVOKED },
    { tripped, GATE_STORES_PRIVATE, true, VERDICT_KEY_REVOKED },
    { unused, GATE_STORES_EXPIRED | GATE_STORES_PRIVATE, true, VERDICT_KEY_EXPIRED },
    { used_in_time, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { expired_before_the_clock_jumped_back, GATE_STORES_PRIVATE, true, VERDICT_KEY_EXPIRED },
    { expired, GATE_STORES_PRIVATE, true, VERDICT_KEY_EXPIRED },
    { suspended, GATE_STORES_PRIVATE, true, VERDICT_KEY_SUSPENDED },
    { other_address, GATE_STORES_REQUESTS, true, VERDICT_ADDRESS_REFUSED },
    { no_rules, GATE_STORES_REQUESTS, true, VERDICT_ADDRESS_REFUSED },
    { nonce_seen, GATE_STORES_PRIVATE, true, VERDICT_NONCE_SMALL },
    { nonce_next, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { nonce_below_in_window, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { nonce_seen_in_window, GATE_STORES_PRIVATE, true, VERDICT_NONCE_SMALL },
    { nonce_taken_before, GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { too_often, CONSUMES, true, VERDICT_RATE_EXCEEDED },
    { public_meter_full_private_call, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { scope_missing, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_SCOPE_MISSING },
    { depth_without_scope, CONSUMES | GATE_STORES_PUBLIC, true, VERDICT_SCOPE_MISSING },
    { withdraw_unconfirmed, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_SCOPE_UNCONFIRMED },
    { positions, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_SCOPE_ELEVATED },
    { live_order, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { live_order_before_wallets, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_WALLETS_FIRST },
    { live_order_wallets_durable, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { live_order_before_sandbox, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_SANDBOX_FIRST },
    { live_order_cooling, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_COOLING_OFF },
    { live_order_cooled, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { live_cancel_cooling, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
    { nonce_seen_too_often, 0, true, VERDICT_REFUSALS_EXCEEDED },
    { revoked_too_often, 0, true, VERDICT_REFUSALS_EXCEEDED },
    { unused_too_often, GATE_STORES_EXPIRED, true, VERDICT_REFUSALS_EXCEEDED },
    { unknown_path_too_often, 0, true, VERDICT_REFUSALS_EXCEEDED },
    { unsigned_unknown_path, GATE_STORES_REQUESTS, false, VERDICT_ROUTE_UNKNOWN },
    { unsigned_v1, GATE_STORES_REQUESTS, false, VERDICT_ROUTE_RETIRED },
    { unsigned_v1_too_often, 0, false, VERDICT_ADDRESS_RATE_EXCEEDED },
    { plain_unsigned_too_often, 0, false, VERDICT_ADDRESS_RATE_EXCEEDED },
    { plain_signed_with_empty_meters, GATE_STORES_TRIPPED, true, VERDICT_PLAINTEXT_REVOKED },
    { plain_signed_again, GATE_STORES_PRIVATE, true, VERDICT_PLAINTEXT_REVOKED },
    { plain_signed_again_too_often, 0, true, VERDICT_REFUSALS_EXCEEDED },
    { other_address_unknown_path, GATE_STORES_REQUESTS, true, VERDICT_ROUTE_UNKNOWN },
    { other_address_too_often, 0, true, VERDICT_REFUSALS_EXCEEDED },
    { other_address_with_an_empty_key, GATE_STORES_REQUESTS, true, VERDICT_ADDRESS_REFUSED },
    { sandbox_order, CONSUMES | GATE_STORES_PRIVATE, true, VERDICT_PASS },
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

TEST(each_row_gets_its_verdict_and_stores_what_it_should)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct gate_outcome outcome;
        struct world w;

        world_init(&w);
        rows[i].change(&w);
        outcome = ask(&w);
        if (outcome.verdict != rows[i].verdict || outcome.stores != rows[i].stores ||
            outcome.authentic != rows[i].authentic)
            fail_msg("row %zu: %s, stores %u", i, verdict_text(outcome.verdict), outcome.stores);
        assert_int_equal(outcome.account, rows[i].authentic ? 7 : 0);
    }
}

TEST(every_verdict_of_the_gate_has_a_row)
{
    /* These are the adapter's: the gate never sees such a request. */
    static const enum verdict others[] = { VERDICT_SEGMENT_MISSING, VERDICT_UNRECORDED,
                                           VERDICT_MALFORMED_REQUEST, VERDICT_BODY_TOO_LARGE,
                                           VERDICT_UPSTREAM_DOWN };

    for (unsigned v = 0; v < VERDICT_COUNT; v++) {
        bool found = false;

        for (size_t i = 0; i < ROW_COUNT; i++)
            found |= rows[i].verdict == v;
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            found |= others[i] == v;
        if (!found)
            fail_msg("no row for %s", verdict_text(v));
    }
}

TEST(each_failure_beyond_the_limit_is_answered_later_up_to_five_seconds)
{
    struct gate_outcome outcome;
    struct world w;
    uint64_t delay_ns = 0;

    world_init(&w);
    forged(&w);
    for (int i = 0; i < 60; i++) {
        outcome = ask(&w);
        assert_int_equal(outcome.delay_ns, 0);
        w.address.failures_full_at_ns = outcome.next_meter_ns;
    }
    for (int i = 0; i < 20; i++) {
        outcome = ask(&w);
        assert_int_equal(outcome.verdict, VERDICT_FAILURES_EXCEEDED);
        assert_int_equal(outcome.delay_ns, i < 10 ? delay_ns + 500000000 : 5000000000);
        w.address.failures_full_at_ns = outcome.next_meter_ns;
        delay_ns = outcome.delay_ns;
    }
    assert_int_equal(outcome.retry_ns, 40100000000);
    /* The owner next door does not wait. */
    w.s.signature_text[95] ^= 1;
    outcome = ask(&w);
    assert_int_equal(outcome.verdict, VERDICT_PASS);
    assert_int_equal(outcome.delay_ns, 0);
    /* All is forgiven in time. */
    forged(&w);
    w.s.request.mono_ns += 40100000000;
    assert_int_equal(ask(&w).verdict, VERDICT_SIGNATURE_WRONG);
}

TEST(a_refused_key_was_not_used)
{
    struct world w;

    world_init(&w);
    assert_true(ask(&w).used);
    too_often(&w);
    assert_true(ask(&w).used);
    nonce_seen(&w);
    assert_false(ask(&w).used);
    revoked(&w);
    assert_false(ask(&w).used);
}

TEST(an_address_is_asked_for_only_where_it_is_charged)
{
    struct gate_outcome outcome;
    struct gate_claim claim;
    struct world w;

    world_init(&w);
    gate_claim_parse(&w.s.request, &claim);
    gate_decide(&w.s.request, &claim, &w.s.key, true, &w.live, NULL, &w.settings, &outcome);
    assert_false(outcome.address_wanted);
    other_address(&w);
    gate_decide(&w.s.request, &claim, &w.s.key, true, &w.live, NULL, &w.settings, &outcome);
    assert_true(outcome.address_wanted);
    assert_int_equal(outcome.stores, 0);
}

TEST(an_escaped_path_may_be_signed_as_sent_or_decoded)
{
    struct world w;

    world_init(&w);
    request_sign(&w.s, "/v2/auth/r/orders/tBTCF0:USTF0", 1000);
    w.s.request.path = SLICE("/v2/auth/r/orders/tBTCF0%3AUSTF0");
    assert_int_equal(ask(&w).verdict, VERDICT_PASS);
    request_sign(&w.s, "/v2/auth/r/orders/tBTCF0%3AUSTF0", 1000);
    w.s.request.path_decoded = SLICE("/v2/auth/r/orders/tBTCF0:USTF0");
    assert_int_equal(ask(&w).verdict, VERDICT_PASS);
}

TEST(a_body_may_come_in_parts)
{
    struct world w;
    const struct slice parts[] = { SLICE("{"), SLICE_EMPTY, SLICE("}") };

    world_init(&w);
    w.s.request.body = parts;
    w.s.request.body_count = 3;
    assert_int_equal(ask(&w).verdict, VERDICT_PASS);
    w.s.request.body_count = GATE_BODY_PARTS_MOST + 1;
    assert_int_equal(ask(&w).verdict, VERDICT_SIGNATURE_WRONG);
}

TEST(nonces_are_plain_decimals_up_to_the_bound)
{
    static const struct {
        const char *text;
        bool good;
    } nonces[] = {
        { "1", true },    { "9007199254740991", true }, { "9007199254740992", false },
        { "0", false },   { "01", false },              { "+1", false },
        { "-1", false },  { "1.0", false },             { "", false },
        { "1 ", false },  { "99999999999999999999", false },
    };

    for (size_t i = 0; i < sizeof nonces / sizeof nonces[0]; i++) {
        struct gate_claim claim;
        struct world w;

        world_init(&w);
        w.s.request.nonce = slice_of(nonces[i].text);
        gate_claim_parse(&w.s.request, &claim);
        assert_int_equal(claim.state == CLAIM_COMPLETE, nonces[i].good);
    }
}

TEST(a_websocket_payload_is_signed_as_it_is)
{
    struct world w;
    uint8_t signature[SIGNATURE_SIZE];

    world_init(&w);
    w.s.request.payload = SLICE("AUTH1000");
    signature_compute(&w.s.key.midstate, &w.s.request.payload, 1, signature);
    hex_format(signature, sizeof signature, w.s.signature_text);
    assert_int_equal(ask(&w).verdict, VERDICT_PASS);
}

TEST_MAIN
