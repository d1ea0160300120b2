#include "shm/judge.h"

#include <pthread.h>

#include "gate/token.h"
#include "shm/layout.h"
#include "shm/tokens.h"
#include "temporary_segment.h"

#include "../test.h"

static enum verdict judge(struct segment *segment, const struct signed_request *s)
{
    struct gate_outcome outcome;

    judge_request(segment, &s->request, &outcome);
    return outcome.verdict;
}

TEST(a_signed_request_passes_once_and_leaves_its_traces)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct gate_outcome outcome;
    struct gate_live live;

    judge_request(segment, &s.request, &outcome);
    assert_int_equal(outcome.verdict, VERDICT_PASS);
    assert_true(outcome.authentic);
    assert_int_equal(outcome.account, 7);
    assert_int_equal(outcome.slot, 0);
    key_table_live_get(segment, 0, &live);
    assert_int_equal(live.nonce, 1000);
    assert_int_equal(live.last_use_ns, NOW_NS);
    assert_int_equal(judge(segment, &s), VERDICT_NONCE_SMALL);
    temporary_segment_remove(&segment);
}

TEST(a_revocation_holds_from_the_next_request_on)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct key_entry entry = entry_of(&s);

    entry.fixed.state = KEY_REVOKED;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(judge(segment, &s), VERDICT_KEY_REVOKED);
    temporary_segment_remove(&segment);
}

TEST(plaintext_use_trips_the_key_for_every_mapping)
{
    struct signed_request s;
    struct segment *segment = published(&s), *other = NULL;
    struct gate_live live;

    s.request.encrypted = false;
    s.signature_text[0] ^= 1;
    assert_int_equal(judge(segment, &s), VERDICT_PLAINTEXT);
    key_table_live_get(segment, 0, &live);
    assert_int_equal(live.tripped_at_ns, 0);
    s.signature_text[0] ^= 1;
    assert_int_equal(judge(segment, &s), VERDICT_PLAINTEXT_REVOKED);
    assert_int_equal(segment_open(path_, &other), OK);
    s.request.encrypted = true;
    assert_int_equal(judge(other, &s), VERDICT_KEY_REVOKED);
    key_table_live_get(other, 0, &live);
    assert_int_equal(live.tripped_at_ns, NOW_NS);
    segment_close(&other);
    temporary_segment_remove(&segment);
}

TEST(a_dry_run_ends_no_key)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct gate_live live;

    s.request.dry_run = true;
    s.request.encrypted = false;
    assert_int_equal(judge(segment, &s), VERDICT_PLAINTEXT_REVOKED);
    s.request.encrypted = true;
    s.request.wall_ns = NOW_NS + 100 * DAY_NS;
    assert_int_equal(judge(segment, &s), VERDICT_KEY_EXPIRED);
    key_table_live_get(segment, 0, &live);
    assert_int_equal(live.tripped_at_ns, 0);
    assert_int_equal(live.expired_at_ns, 0);
    s.request.wall_ns = NOW_NS;
    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    assert_int_equal(judge(segment, &s), VERDICT_NONCE_SMALL); /* nonces move all the same */
    temporary_segment_remove(&segment);
}

TEST(expiry_sticks_when_the_clock_jumps_back)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    s.request.wall_ns = NOW_NS + 100 * DAY_NS;
    assert_int_equal(judge(segment, &s), VERDICT_KEY_EXPIRED);
    s.request.wall_ns = NOW_NS;
    assert_int_equal(judge(segment, &s), VERDICT_KEY_EXPIRED);
    temporary_segment_remove(&segment);
}

TEST(a_wrong_signature_consumes_no_nonce)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    s.signature_text[3] ^= 1;
    assert_int_equal(judge(segment, &s), VERDICT_SIGNATURE_WRONG);
    s.signature_text[3] ^= 1;
    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    temporary_segment_remove(&segment);
}

TEST(failures_run_out_but_correct_signatures_still_pass)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    s.signature_text[3] ^= 1;
    for (int i = 0; i < 60; i++)
        assert_int_equal(judge(segment, &s), VERDICT_SIGNATURE_WRONG);
    assert_int_equal(judge(segment, &s), VERDICT_FAILURES_EXCEEDED);
    s.signature_text[3] ^= 1;
    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    temporary_segment_remove(&segment);
}

TEST(a_nonce_repeated_without_end_runs_into_the_rate_of_its_key)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    unsigned replayed = 0;

    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    while (judge(segment, &s) == VERDICT_NONCE_SMALL && replayed < 1000)
        replayed++;
    assert_int_equal(replayed, s.key.private_per_s - 1);
    assert_int_equal(judge(segment, &s), VERDICT_REFUSALS_EXCEEDED);
    temporary_segment_remove(&segment);
}

TEST(from_a_wrong_address_nothing_is_taken_from_the_key)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct gate_live live;
    unsigned refused = 0;

    s.request.address[14] ^= 1;
    while (judge(segment, &s) == VERDICT_ADDRESS_REFUSED && refused < 1000)
        refused++;
    assert_int_equal(refused, 15);
    assert_int_equal(judge(segment, &s), VERDICT_REFUSALS_EXCEEDED);
    key_table_live_get(segment, 0, &live);
    assert_int_equal(live.private_full_at_ns, 0);
    assert_int_equal(live.nonce, 0);
    assert_int_equal(live.last_use_ns, 0);
    temporary_segment_remove(&segment);
}

TEST(unknown_keys_and_a_text_signed_with_the_dummy_stay_outside)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    signed_request_init(&s, 2);
    assert_int_equal(judge(segment, &s), VERDICT_KEY_UNKNOWN);
    s.key.midstate = *gate_dummy_midstate();
    request_sign(&s, "/v2/auth/r/orders", 1000);
    assert_int_equal(judge(segment, &s), VERDICT_KEY_UNKNOWN);
    temporary_segment_remove(&segment);
}

TEST(the_gate_fails_closed)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    assert_int_equal(judge(NULL, &s), VERDICT_SEGMENT_MISSING);
    segment->keys[0].sequence++;
    assert_int_equal(judge(segment, &s), VERDICT_SEGMENT_MISSING);
    segment->keys[0].sequence++;
    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    s.request.environment = ENVIRONMENT_LIVE;
    assert_int_equal(judge(segment, &s), VERDICT_SEGMENT_MISSING);
    temporary_segment_remove(&segment);
}

/* ---- tokens ---- */

/* A call for orders with a token instead of a signature. */
static void token_use(struct segment *segment, struct signed_request *s, uint32_t scopes,
                      const char *address)
{
    struct token_entry_content content = { .scopes = scopes, .ends_at_ns = MONO_NS + 1000 };
    uint64_t digest[2];

    s->request.token = SLICE("pub:api:some-token-read");
    token_digest(s->request.token, digest);
    if (address != NULL)
        assert_true(ip_address_parse(slice_of(address), content.address));
    assert_int_equal(tokens_add(segment, digest, &content, MONO_NS), OK);
    s->request.key = s->request.signature = SLICE_EMPTY;
}

TEST(a_token_stands_for_its_key_without_nonces)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct gate_outcome outcome;
    struct gate_live live;

    token_use(segment, &s, SCOPE_BIT(SCOPE_ORDERS_READ) | SCOPE_BIT(SCOPE_WITHDRAW_WRITE), NULL);
    for (int i = 0; i < 2; i++) {
        judge_request(segment, &s.request, &outcome);
        assert_int_equal(outcome.verdict, VERDICT_PASS);
    }
    assert_true(outcome.authentic && outcome.by_token && outcome.key_named);
    assert_int_equal(outcome.nonce, 0);
    assert_int_equal(outcome.account, 7);
    /* Never more than the key, which may not withdraw. */
    assert_int_equal(outcome.scopes, SCOPE_BIT(SCOPE_ORDERS_READ));
    assert_memory_equal(outcome.key.random, s.id.random, KEY_RANDOM_SIZE);
    key_table_live_get(segment, 0, &live);
    assert_int_equal(live.last_use_ns, NOW_NS);
    assert_int_equal(live.nonce, 0);
    s.request.mono_ns = MONO_NS + 1000;
    assert_int_equal(judge(segment, &s), VERDICT_TOKEN_INVALID);
    temporary_segment_remove(&segment);
}

TEST(a_token_has_no_scope_that_it_was_not_given)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    token_use(segment, &s, SCOPE_BIT(SCOPE_WALLETS_READ), NULL);
    assert_int_equal(judge(segment, &s), VERDICT_SCOPE_MISSING);
    temporary_segment_remove(&segment);
}

TEST(a_token_dies_with_its_key)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct key_entry entry = entry_of(&s);

    token_use(segment, &s, UINT32_MAX, NULL);
    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    entry.fixed.state = KEY_REVOKED;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(judge(segment, &s), VERDICT_KEY_REVOKED);
    temporary_segment_remove(&segment);
}

TEST(a_token_may_be_bound_to_an_address_of_the_key)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    token_use(segment, &s, UINT32_MAX, "192.0.2.99");
    assert_int_equal(judge(segment, &s), VERDICT_TOKEN_INVALID);
    assert_true(ip_address_parse(SLICE("192.0.2.99"), s.request.address));
    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    temporary_segment_remove(&segment);
}

TEST(a_token_shown_in_the_clear_is_dropped_and_its_key_lives)
{
    struct signed_request s;
    struct segment *segment = published(&s);

    token_use(segment, &s, UINT32_MAX, NULL);
    s.request.encrypted = false;
    assert_int_equal(judge(segment, &s), VERDICT_PLAINTEXT);
    s.request.encrypted = true;
    assert_int_equal(judge(segment, &s), VERDICT_TOKEN_INVALID);
    signed_request_init(&s, 1);
    assert_int_equal(judge(segment, &s), VERDICT_PASS);
    temporary_segment_remove(&segment);
}

/* ---- many threads at one key ---- */

enum { THREADS = 8, CALLS = 400 };

struct caller {
    struct segment *segment;
    unsigned number;
    bool own_nonces;
    unsigned counts[VERDICT_COUNT];
};

static void *call_often(void *argument)
{
    struct caller *caller = argument;
    struct signed_request s;

    signed_request_init(&s, 1);
    for (unsigned i = 0; i < CALLS; i++) {
        request_sign(&s, "/v2/auth/r/orders",
                     caller->own_nonces ? 2000 + i * THREADS + caller->number : 2000 + i);
        caller->counts[judge(caller->segment, &s)]++;
    }
    return NULL;
}

static void call_together(struct segment *segment, bool own_nonces, unsigned counts[VERDICT_COUNT])
{
    struct caller callers[THREADS] = { 0 };
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){ .segment = segment, .number = i, .own_nonces = own_nonces };
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]), 0);
    }
    memset(counts, 0, VERDICT_COUNT * sizeof counts[0]);
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        for (unsigned v = 0; v < VERDICT_COUNT; v++)
            counts[v] += callers[i].counts[v];
    }
}

TEST(a_nonce_that_eight_threads_present_is_accepted_exactly_once)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct key_entry entry = entry_of(&s);
    unsigned counts[VERDICT_COUNT];

    entry.fixed.private_per_s = 1000000;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    call_together(segment, false, counts);
    /* A nonce may be skipped when a greater one overtook it everywhere, but never used twice. */
    assert_in_range(counts[VERDICT_PASS], 1, CALLS);
    assert_int_equal(counts[VERDICT_PASS] + counts[VERDICT_NONCE_SMALL], THREADS * CALLS);
    temporary_segment_remove(&segment);
}

TEST(the_meter_is_exact_however_many_threads_draw_on_it)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct key_entry entry = entry_of(&s);
    unsigned counts[VERDICT_COUNT];

    /* The clock of the test stands: 40 are paid for, whatever happens.  A nonce that was overtaken
     * is refused, and pays too. */
    entry.fixed.private_per_s = 40;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    call_together(segment, true, counts);
    assert_int_equal(counts[VERDICT_PASS] + counts[VERDICT_NONCE_SMALL], 40);
    assert_int_equal(counts[VERDICT_RATE_EXCEEDED] + counts[VERDICT_REFUSALS_EXCEEDED],
                     THREADS * CALLS - 40);
    temporary_segment_remove(&segment);
}

/* ---- a window of nonces ---- */

static void window_set(struct segment *segment, const struct signed_request *s, bool open)
{
    struct key_entry entry = entry_of(s);

    entry.fixed.private_per_s = 1000000;
    entry.fixed.nonce_window = open;
    assert_int_equal(key_table_publish(segment, &entry), OK);
}

static enum verdict judge_nonce(struct segment *segment, struct signed_request *s, uint64_t nonce)
{
    request_sign(s, "/v2/auth/r/orders", nonce);
    return judge(segment, s);
}

TEST(with_a_window_nonces_pass_in_any_order_once)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct gate_outcome outcome;

    assert_int_equal(judge_nonce(segment, &s, 1000), VERDICT_PASS);
    window_set(segment, &s, true);
    assert_int_equal(judge_nonce(segment, &s, 1000), VERDICT_NONCE_SMALL);
    assert_int_equal(judge_nonce(segment, &s, 999), VERDICT_NONCE_SMALL);
    assert_int_equal(judge_nonce(segment, &s, 1005), VERDICT_PASS);
    assert_int_equal(judge_nonce(segment, &s, 1003), VERDICT_PASS);
    assert_int_equal(judge_nonce(segment, &s, 1004), VERDICT_PASS);
    judge_request(segment, &s.request, &outcome);
    assert_int_equal(outcome.verdict, VERDICT_NONCE_SMALL);
    assert_int_equal(outcome.last_nonce, 1005);
    window_set(segment, &s, false);
    assert_int_equal(judge_nonce(segment, &s, 1002), VERDICT_NONCE_SMALL);
    assert_int_equal(judge_nonce(segment, &s, 1006), VERDICT_PASS);
    window_set(segment, &s, true);
    assert_int_equal(judge_nonce(segment, &s, 1002), VERDICT_NONCE_SMALL);
    temporary_segment_remove(&segment);
}

/* A start after the segment was lost: what the log knows shuts the window below it. */
TEST(a_known_nonce_raises_the_floor_of_a_window)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct key_entry entry = entry_of(&s);

    entry.fixed.nonce_window = 1;
    entry.nonce = 5000;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(judge_nonce(segment, &s, 4999), VERDICT_NONCE_SMALL);
    assert_int_equal(judge_nonce(segment, &s, 5002), VERDICT_PASS);
    assert_int_equal(judge_nonce(segment, &s, 5001), VERDICT_PASS);
    temporary_segment_remove(&segment);
}

enum { JUMBLE_NONCES = 2000, JUMBLE_SPREAD = 256 };

struct jumble {
    struct segment *segment;
    unsigned seed;
    atomic_uint *passed; /* of each nonce */
};

static void *call_in_a_jumble(void *argument)
{
    struct jumble *jumble = argument;
    unsigned random = jumble->seed;
    struct signed_request s;

    signed_request_init(&s, 1);
    for (unsigned i = 0; i < 2 * JUMBLE_NONCES; i++) {
        unsigned nonce;

        random = random * 1664525 + 1013904223;
        nonce = 1 + i / 2 + (random >> 16) % JUMBLE_SPREAD;
        if (judge_nonce(jumble->segment, &s, nonce) == VERDICT_PASS)
            atomic_fetch_add(&jumble->passed[nonce], 1);
    }
    return NULL;
}

/* Also while the window is opened and shut again and again. */
TEST(eight_threads_in_a_jumble_use_no_nonce_twice)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    atomic_uint passed[JUMBLE_NONCES + JUMBLE_SPREAD] = { 0 };
    struct jumble jumbles[THREADS];
    pthread_t threads[THREADS];
    unsigned total = 0;

    window_set(segment, &s, true);
    for (unsigned i = 0; i < THREADS; i++) {
        jumbles[i] = (struct jumble){ segment, i + 1, passed };
        assert_int_equal(pthread_create(&threads[i], NULL, call_in_a_jumble, &jumbles[i]), 0);
    }
    for (unsigned i = 0; i < 500; i++)
        window_set(segment, &s, i % 4 != 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < JUMBLE_NONCES + JUMBLE_SPREAD; i++) {
        assert_in_range(passed[i], 0, 1);
        total += passed[i];
    }
    assert_in_range(total, 1, JUMBLE_NONCES + JUMBLE_SPREAD - 1);
    temporary_segment_remove(&segment);
}

/* ---- what is said later on a connection ---- */

/* The proof of `s`, which passes, and a route for what is said after it. */
static struct judge_proof prove(struct segment *segment, struct signed_request *s,
                                const char *input)
{
    struct gate_outcome outcome;
    struct judge_proof proof;

    judge_request(segment, &s->request, &outcome);
    assert_int_equal(outcome.verdict, VERDICT_PASS);
    proof = judge_proof_of(&s->request, &outcome);
    s->request.route = route_find_input(ROUTE_INPUT_CHANNEL_0, slice_of(input));
    s->request.key = s->request.nonce = s->request.signature = s->request.token = SLICE_EMPTY;
    return proof;
}

static enum verdict again(struct segment *segment, const struct signed_request *s,
                          const struct judge_proof *proof)
{
    struct gate_outcome outcome;

    judge_again(segment, &s->request, proof, &outcome);
    return outcome.verdict;
}

static enum verdict look(struct segment *segment, const struct signed_request *s,
                         const struct judge_proof *proof)
{
    struct gate_outcome outcome;

    judge_look(segment, &s->request, proof, &outcome);
    return outcome.verdict;
}

TEST(a_proof_holds_for_what_is_said_later_at_the_rate_of_its_key)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct judge_proof proof = prove(segment, &s, "on");
    struct gate_outcome outcome;
    struct gate_live live;

    s.request.wall_ns += 1;
    judge_again(segment, &s.request, &proof, &outcome);
    assert_int_equal(outcome.verdict, VERDICT_PASS);
    assert_true(outcome.authentic);
    assert_int_equal(outcome.account, 7);
    assert_int_equal(outcome.nonce, 0);
    assert_int_equal(outcome.slot, 0);
    key_table_live_get(segment, 0, &live);
    assert_int_equal(live.nonce, 1000);
    assert_int_equal(live.last_use_ns, NOW_NS + 1);
    for (unsigned i = 2; i < s.key.private_per_s; i++)
        assert_int_equal(again(segment, &s, &proof), VERDICT_PASS);
    assert_int_equal(again(segment, &s, &proof), VERDICT_RATE_EXCEEDED);
    assert_int_equal(look(segment, &s, &proof), VERDICT_PASS);
    temporary_segment_remove(&segment);
}

TEST(a_look_at_a_proof_leaves_no_trace)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct judge_proof proof = prove(segment, &s, "on");
    struct gate_live before, after;

    key_table_live_get(segment, 0, &before);
    s.request.wall_ns += DAY_NS;
    assert_int_equal(look(segment, &s, &proof), VERDICT_PASS);
    s.request.wall_ns += 100 * DAY_NS;
    assert_int_equal(look(segment, &s, &proof), VERDICT_KEY_EXPIRED);
    key_table_live_get(segment, 0, &after);
    assert_int_equal(after.last_use_ns, before.last_use_ns);
    assert_int_equal(after.private_full_at_ns, before.private_full_at_ns);
    assert_int_equal(after.expired_at_ns, 0);
    temporary_segment_remove(&segment);
}

TEST(a_proof_ends_with_its_key)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct key_entry entry = entry_of(&s);
    struct judge_proof proof = prove(segment, &s, "oc");

    entry.fixed.scopes = scopes_of_group(SCOPE_GROUP_READ);
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(again(segment, &s, &proof), VERDICT_SCOPE_MISSING);
    s.request.address[14] ^= 1;
    assert_int_equal(again(segment, &s, &proof), VERDICT_ADDRESS_REFUSED);
    assert_int_equal(look(segment, &s, &proof), VERDICT_ADDRESS_REFUSED);
    s.request.address[14] ^= 1;
    entry.fixed.state = KEY_REVOKED;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(again(segment, &s, &proof), VERDICT_KEY_REVOKED);
    assert_int_equal(look(segment, &s, &proof), VERDICT_KEY_REVOKED);
    temporary_segment_remove(&segment);
}

TEST(a_proof_counts_only_where_its_key_is)
{
    struct signed_request s;
    struct segment *segment = published(&s), *other;
    struct judge_proof proof = prove(segment, &s, "oc");

    assert_int_equal(again(NULL, &s, &proof), VERDICT_SEGMENT_MISSING);
    s.request.environment = ENVIRONMENT_LIVE;
    assert_int_equal(look(segment, &s, &proof), VERDICT_SEGMENT_MISSING);
    s.request.environment = ENVIRONMENT_SANDBOX;
    temporary_segment_remove(&segment);
    other = temporary_segment();
    assert_int_equal(again(other, &s, &proof), VERDICT_KEY_UNKNOWN);
    assert_int_equal(look(other, &s, &proof), VERDICT_KEY_UNKNOWN);
    segment_retire(other);
    assert_int_equal(again(other, &s, &proof), VERDICT_SEGMENT_MISSING);
    temporary_segment_remove(&other);
}

TEST(a_proof_by_token_counts_as_long_as_the_token)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct gate_outcome outcome;
    struct judge_proof proof;

    token_use(segment, &s, SCOPE_BIT(SCOPE_ORDERS_READ), NULL);
    proof = prove(segment, &s, "n");
    assert_true(proof.by_token);
    judge_again(segment, &s.request, &proof, &outcome);
    assert_int_equal(outcome.verdict, VERDICT_PASS);
    assert_true(outcome.by_token);
    assert_int_equal(outcome.scopes, SCOPE_BIT(SCOPE_ORDERS_READ));
    s.request.route = route_find_input(ROUTE_INPUT_CHANNEL_0, SLICE("on"));
    assert_int_equal(again(segment, &s, &proof), VERDICT_SCOPE_MISSING);
    assert_int_equal(look(segment, &s, &proof), VERDICT_SCOPE_MISSING);
    assert_true(tokens_drop(segment, proof.digest, 0));
    assert_int_equal(again(segment, &s, &proof), VERDICT_TOKEN_INVALID);
    assert_int_equal(look(segment, &s, &proof), VERDICT_TOKEN_INVALID);
    temporary_segment_remove(&segment);
}

TEST_MAIN
