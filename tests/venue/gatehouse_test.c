#include "venue/gatehouse.h"

#include <sys/wait.h>

#include "../shm/temporary_segment.h"
#include "audit/record.h"
#include "base/clock.h"
#include "gate/token.h"
#include "shm/announced.h"
#include "shm/slots.h"
#include "shm/tokens.h"

#include "../test.h"

/* A gatehouse, its segment as the authority sees it, and a key that may trade from 192.0.2.0/24. */
struct scene {
    struct signed_request key;
    struct segment *segment;
    struct gatehouse *house;
    struct gatehouse_peer peer;
    char payload[64], nonce[24], signature[SIGNATURE_TEXT_SIZE + 1];
    struct gatehouse_claim claim;
};

static void scene_open(struct scene *s)
{
    struct key_entry entry;

    memset(s, 0, sizeof *s);
    s->segment = temporary_segment();
    signed_request_init(&s->key, 1);
    s->key.key.created_at_ns = clock_wall_ns();
    entry = entry_of(&s->key);
    assert_int_equal(key_table_publish(s->segment, &entry), OK);
    assert_int_equal(gatehouse_open(path_, ENVIRONMENT_SANDBOX, &s->house), OK);
    s->peer.encrypted = true;
    assert_true(ip_address_parse(SLICE("192.0.2.7"), s->peer.address));
}

static void scene_close(struct scene *s)
{
    gatehouse_close(&s->house);
    temporary_segment_remove(&s->segment);
}

/* Signs a payload of "AUTH" and `words`. */
static struct gatehouse_claim *sign(struct scene *s, const char *nonce, const char *words)
{
    uint8_t signature[SIGNATURE_SIZE];
    struct slice payload;

    snprintf(s->nonce, sizeof s->nonce, "%s", nonce);
    snprintf(s->payload, sizeof s->payload, "AUTH%s", words);
    payload = slice_of(s->payload);
    signature_compute(&s->key.key.midstate, &payload, 1, signature);
    hex_format(signature, sizeof signature, s->signature);
    s->claim = (struct gatehouse_claim){ .key = slice_of(s->key.id_text),
                                         .nonce = slice_of(s->nonce),
                                         .signature = slice_of(s->signature),
                                         .payload = payload };
    return &s->claim;
}

struct seen {
    unsigned count;
    struct audit_record latest;
};

static bool see(void *context, const struct audit_record *record)
{
    struct seen *seen = context;

    seen->count++;
    seen->latest = *record;
    return true;
}

/* What the collector finds. */
static struct seen collect(struct scene *s)
{
    struct seen seen = { 0 };

    slots_drain(s->segment, 64, see, &seen);
    slots_release(s->segment);
    return seen;
}

/* Decides, ends and releases; what the client is told stands in `told`. */
static enum verdict prove(struct scene *s, const struct gatehouse_claim *claim, struct visit *told)
{
    struct visit *visit = gatehouse_prove(s->house, &s->peer, claim);

    assert_non_null(visit);
    assert_true(visit_is_due(visit));
    *told = *visit;
    visit_end(&visit, 200, 7);
    gatehouse_release(s->house);
    return told->outcome.verdict;
}

static enum verdict ask(struct scene *s, const struct judge_proof *proof, const char *input,
                        struct visit *told)
{
    struct visit *visit = gatehouse_ask(s->house, &s->peer, proof,
                                        route_find_input(ROUTE_INPUT_CHANNEL_0, slice_of(input)));

    assert_non_null(visit);
    assert_true(visit_is_due(visit));
    *told = *visit;
    visit_end(&visit, 200, 7);
    gatehouse_release(s->house);
    return told->outcome.verdict;
}

TEST(what_is_signed_is_auth_and_the_nonce_once_or_twice)
{
    struct slice nonce = SLICE("12");

    assert_true(gatehouse_payload_is(SLICE("AUTH12"), nonce));
    assert_true(gatehouse_payload_is(SLICE("AUTH1212"), nonce));
    assert_false(gatehouse_payload_is(SLICE("AUTH"), nonce));
    assert_false(gatehouse_payload_is(SLICE("AUTH121212"), nonce));
    assert_false(gatehouse_payload_is(SLICE("AUTH112"), nonce));
    assert_false(gatehouse_payload_is(SLICE("AUTH1221"), nonce));
    assert_false(gatehouse_payload_is(SLICE("AUTH2112"), nonce));
    assert_false(gatehouse_payload_is(SLICE("auth12"), nonce));
    assert_false(gatehouse_payload_is(SLICE_EMPTY, nonce));
    assert_false(gatehouse_payload_is(SLICE("AUTH"), SLICE_EMPTY));
}

TEST(a_login_passes_once_and_is_in_the_log_once)
{
    struct scene s;
    struct visit told;
    struct seen seen;

    scene_open(&s);
    assert_int_equal(prove(&s, sign(&s, "1000", "10001000"), &told), VERDICT_PASS);
    assert_int_equal(told.outcome.account, 7);
    seen = collect(&s);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.latest.verdict, VERDICT_PASS);
    assert_int_equal(seen.latest.status, 200);
    assert_int_equal(seen.latest.bytes_sent, 7);
    assert_int_equal(seen.latest.nonce, 1000);
    assert_int_equal(seen.latest.account, 7);
    assert_int_equal(seen.latest.route, ROUTE_NUMBER_WS_AUTH);
    assert_int_equal(seen.latest.method, HTTP_METHOD_WS);
    assert_int_equal(seen.latest.flags, RECORD_AUTHENTIC | RECORD_KEY_NAMED);
    assert_memory_equal(seen.latest.path, "/ws/2/event/auth", seen.latest.path_size);
    assert_memory_equal(seen.latest.address, s.peer.address, 16);
    assert_int_equal(prove(&s, sign(&s, "1000", "1000"), &told), VERDICT_NONCE_SMALL);
    assert_int_equal(told.code, 10114);
    assert_string_equal(told.text, "nonce: small: last 1000, got 1000");
    scene_close(&s);
}

TEST(a_login_that_proves_nothing_says_why_and_uses_no_nonce)
{
    struct scene s;
    struct visit told;
    struct gate_live live;

    scene_open(&s);
    sign(&s, "1000", "1000")->signature = SLICE("ab");
    assert_int_equal(prove(&s, &s.claim, &told), VERDICT_HEADERS_MALFORMED);
    assert_int_equal(told.code, 10112);
    assert_int_equal(prove(&s, sign(&s, "1000", "999"), &told), VERDICT_HEADERS_MALFORMED);
    assert_int_equal(told.code, 10111);
    assert_int_equal(prove(&s, sign(&s, "0", "0"), &told), VERDICT_HEADERS_MALFORMED);
    assert_int_equal(told.code, 10114);
    sign(&s, "1000", "1000");
    s.signature[0] = s.signature[0] == '0' ? '1' : '0';
    assert_int_equal(prove(&s, &s.claim, &told), VERDICT_SIGNATURE_WRONG);
    assert_int_equal(told.code, 10100);
    assert_string_equal(told.text, "apikey: digest invalid");
    key_table_live_get(s.segment, 0, &live);
    assert_int_equal(live.nonce, 0);
    assert_int_equal(prove(&s, &(struct gatehouse_claim){ .token = SLICE("x") }, &told),
                     VERDICT_TOKEN_INVALID);
    assert_string_equal(told.text, "token: invalid");
    assert_int_equal(collect(&s).count, 5);
    scene_close(&s);
}

TEST(what_is_said_later_is_asked_and_recorded_one_by_one)
{
    struct scene s;
    struct visit told;
    struct judge_proof proof;
    struct seen seen;

    scene_open(&s);
    assert_int_equal(prove(&s, sign(&s, "1000", "1000"), &told), VERDICT_PASS);
    proof = told.proof;
    assert_int_equal(ask(&s, &proof, "on", &told), VERDICT_PASS);
    seen = collect(&s);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.latest.route, ROUTE_NUMBER_WS_ON);
    assert_int_equal(seen.latest.account, 7);
    assert_int_equal(ask(&s, &proof, "fon", &told), VERDICT_SCOPE_MISSING);
    assert_int_equal(told.code, 10001);
    assert_string_equal(told.text, "api_key: permission invalid: needs funding:write");
    s.peer.address[15] ^= 1;
    s.peer.address[13] ^= 1;
    assert_int_equal(ask(&s, &proof, "on", &told), VERDICT_ADDRESS_REFUSED);
    assert_int_equal(told.code, 10100);
    assert_int_equal(collect(&s).count, 2);
    scene_close(&s);
}

TEST(a_connection_stands_until_its_key_ends)
{
    struct scene s;
    struct visit told;
    struct key_entry entry;
    char text[VISIT_TEXT_SIZE];
    uint32_t scopes = 0;
    int code;

    scene_open(&s);
    assert_int_equal(prove(&s, sign(&s, "1000", "1000"), &told), VERDICT_PASS);
    assert_true(gatehouse_stands(s.house, &s.peer, &told.proof, &scopes, &code, text));
    assert_int_equal(scopes, s.key.key.scopes);
    entry = entry_of(&s.key);
    entry.fixed.state = KEY_SUSPENDED;
    assert_int_equal(key_table_publish(s.segment, &entry), OK);
    assert_false(gatehouse_stands(s.house, &s.peer, &told.proof, &scopes, &code, text));
    assert_int_equal(code, 10100);
    assert_string_equal(text, "apikey: suspended: contact support");
    scene_close(&s);
}

TEST(a_token_proves_as_long_as_it_lives)
{
    struct scene s;
    struct visit told;
    struct gatehouse_claim claim = { .token = SLICE("pub:api:some-token-read") };
    struct token_entry_content content = { .scopes = SCOPE_BIT(SCOPE_ORDERS_READ),
                                           .ends_at_ns = UINT64_MAX };
    char text[VISIT_TEXT_SIZE];
    uint64_t digest[2];
    uint32_t scopes = 0;
    int code;

    scene_open(&s);
    token_digest(claim.token, digest);
    assert_int_equal(tokens_add(s.segment, digest, &content, clock_mono_ns()), OK);
    assert_int_equal(prove(&s, &claim, &told), VERDICT_PASS);
    assert_true(told.proof.by_token);
    assert_int_equal(told.outcome.scopes, SCOPE_BIT(SCOPE_ORDERS_READ));
    assert_int_equal(collect(&s).latest.flags,
                     RECORD_AUTHENTIC | RECORD_KEY_NAMED | RECORD_BY_TOKEN);
    assert_true(gatehouse_stands(s.house, &s.peer, &told.proof, &scopes, &code, text));
    assert_true(tokens_drop(s.segment, digest, 0));
    assert_false(gatehouse_stands(s.house, &s.peer, &told.proof, &scopes, &code, text));
    assert_string_equal(text, "token: invalid");
    scene_close(&s);
}

TEST(depth_needs_its_scope_unless_it_is_open_to_all)
{
    struct scene s;
    struct visit told;
    struct key_entry entry;
    struct gate_settings settings;
    const struct route *book = route_get(ROUTE_NUMBER_WS_BOOK);
    char text[VISIT_TEXT_SIZE];

    scene_open(&s);
    settings = segment_settings_get(s.segment);
    settings.depth_open = false;
    segment_settings_set(s.segment, &settings);
    assert_false(gatehouse_may(s.house, &s.peer, NULL, book, text));
    assert_string_equal(text, "api_key: permission invalid: needs depth:read");
    assert_true(gatehouse_may(s.house, &s.peer, NULL, route_get(ROUTE_NUMBER_WS_TICKER), text));
    settings.depth_open = true;
    segment_settings_set(s.segment, &settings);
    assert_true(gatehouse_may(s.house, &s.peer, NULL, book, text));
    assert_int_equal(prove(&s, sign(&s, "1000", "1000"), &told), VERDICT_PASS);
    assert_true(gatehouse_may(s.house, &s.peer, &told.proof, book, text));
    entry = entry_of(&s.key);
    entry.fixed.scopes &= ~SCOPE_BIT(SCOPE_DEPTH_READ);
    assert_int_equal(key_table_publish(s.segment, &entry), OK);
    assert_false(gatehouse_may(s.house, &s.peer, &told.proof, book, text));
    assert_false(gatehouse_keeps(s.house, &s.peer, &told.proof, book, text));
    segment_retire(s.segment);
    assert_false(gatehouse_may(s.house, &s.peer, NULL, book, text));
    assert_true(gatehouse_keeps(s.house, &s.peer, &told.proof, book, text));
    scene_close(&s);
}

TEST(without_a_slot_or_a_segment_all_is_refused)
{
    struct scene s;
    struct visit told;
    struct visit *visits[8];
    struct judge_proof proof;

    scene_open(&s);
    assert_int_equal(prove(&s, sign(&s, "1000", "1000"), &told), VERDICT_PASS);
    proof = told.proof;
    assert_int_equal(collect(&s).count, 1);
    for (int i = 0; i < 8; i++)
        visits[i] = gatehouse_ask(s.house, &s.peer, &proof, route_get(ROUTE_NUMBER_WS_NOTE));
    assert_int_equal(ask(&s, &proof, "n", &told), VERDICT_UNRECORDED);
    assert_int_equal(told.code, 11000);
    assert_int_equal(prove(&s, sign(&s, "1001", "1001"), &told), VERDICT_UNRECORDED);
    for (int i = 0; i < 8; i++)
        visit_end(&visits[i], 200, 0);
    gatehouse_release(s.house);
    collect(&s);
    gatehouse_close(&s.house);
    assert_int_equal(gatehouse_open("/nowhere/sandbox.seg", ENVIRONMENT_SANDBOX, &s.house), OK);
    assert_int_equal(prove(&s, sign(&s, "1001", "1001"), &told), VERDICT_SEGMENT_MISSING);
    assert_string_equal(told.text, "temporarily_unavailable");
    gatehouse_close(&s.house);
    assert_int_equal(gatehouse_open(NULL, ENVIRONMENT_SANDBOX, &s.house), OK);
    assert_int_equal(prove(&s, sign(&s, "1001", "1001"), &told), VERDICT_SEGMENT_MISSING);
    scene_close(&s);
}

static void kept(void *context, const struct audit_record *record, uint64_t *intent)
{
    unsigned *count = context;

    (void)record;
    (void)intent;
    (*count)++;
}

static bool keeps(void *context, const struct audit_record *record)
{
    (void)record;
    return *(unsigned *)context > 0;
}

TEST(where_records_are_kept_first_nothing_passes_before_its_record)
{
    struct scene s;
    struct gate_settings settings;
    struct visit *visit;
    unsigned shown = 0;

    scene_open(&s);
    settings = segment_settings_get(s.segment);
    settings.durable = true;
    segment_settings_set(s.segment, &settings);
    visit = gatehouse_prove(s.house, &s.peer, sign(&s, "1000", "1000"));
    assert_non_null(visit);
    assert_int_equal(visit->outcome.verdict, VERDICT_PASS);
    assert_false(visit_is_due(visit));
    assert_int_equal(gatehouse_waiting_count(s.house), 1);
    assert_int_equal(announced_show(s.segment, 8, kept, &shown), 1);
    announced_settle(s.segment, keeps, &shown);
    assert_true(visit_is_due(visit));
    assert_int_equal(visit->outcome.verdict, VERDICT_PASS);
    assert_int_equal(gatehouse_waiting_count(s.house), 0);
    visit_end(&visit, 200, 1);
    gatehouse_release(s.house);
    assert_int_equal(collect(&s).latest.status, 200);

    /* Nobody keeps it: refused, and its record says so. */
    visit = gatehouse_prove(s.house, &s.peer, sign(&s, "1001", "1001"));
    assert_false(visit_is_due(visit));
    visit->due_ns = 1;
    assert_true(visit_is_due(visit));
    assert_int_equal(visit->outcome.verdict, VERDICT_UNRECORDED);
    assert_int_equal(visit->code, 11000);
    visit_end(&visit, 503, 1);
    gatehouse_release(s.house);
    assert_int_equal(announced_leave(s.segment), 1);
    assert_int_equal(collect(&s).latest.verdict, VERDICT_UNRECORDED);
    scene_close(&s);
}

TEST(who_fails_too_often_is_answered_late)
{
    struct scene s;
    struct visit *visit = NULL;

    scene_open(&s);
    sign(&s, "1000", "1000");
    s.signature[0] = s.signature[0] == '0' ? '1' : '0';
    for (unsigned i = 0; i < 100; i++) {
        visit = gatehouse_prove(s.house, &s.peer, &s.claim);
        assert_non_null(visit);
        if (visit->outcome.verdict != VERDICT_SIGNATURE_WRONG)
            break;
        assert_true(visit_is_due(visit));
        visit_end(&visit, 401, 0);
        gatehouse_release(s.house);
        collect(&s);
    }
    assert_int_equal(visit->outcome.verdict, VERDICT_FAILURES_EXCEEDED);
    assert_int_equal(visit->code, 11010);
    assert_false(visit_is_due(visit));
    visit->due_ns = 1;
    assert_true(visit_is_due(visit));
    visit_end(&visit, 429, 0);
    assert_int_equal(gatehouse_waiting_count(s.house), 0);
    scene_close(&s);
}

TEST(a_death_leaves_records_of_unknown_outcome_and_no_gap)
{
    struct scene s;
    struct seen seen;
    int status;
    pid_t child;

    scene_open(&s);
    gatehouse_close(&s.house);
    child = fork();
    if (child == 0) {
        struct visit *visit;

        if (gatehouse_open(path_, ENVIRONMENT_SANDBOX, &s.house) != OK)
            _exit(1);
        visit = gatehouse_prove(s.house, &s.peer, sign(&s, "1000", "1000"));
        raise(SIGKILL);
        _exit(visit == NULL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(slots_recover(s.segment), 1);
    seen = collect(&s);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.latest.verdict, VERDICT_PASS);
    assert_int_equal(seen.latest.status, 0);
    assert_true((seen.latest.flags & RECORD_OUTCOME_UNKNOWN) != 0);
    assert_int_equal(gatehouse_open(path_, ENVIRONMENT_SANDBOX, &s.house), OK);
    scene_close(&s);
}

TEST_MAIN
