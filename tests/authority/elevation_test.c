#include "test.h"

#include "authority/decision.h"
#include "authority/elevation.h"
#include "authority/key_grant.h"
#include "authority/review.h"
#include "authority/settings.h"
#include "fixture.h"

static const struct slice positions[] = { SLICE("positions:read") };

struct bench {
    struct house *h;
    struct phone p;
    uint64_t account;
    struct key_grant g;
};

static struct bench bench_open(void)
{
    struct bench b = { .h = house_open() };

    b.account = account_ready(b.h, "ada@example.com", &b.p);
    b.g = key_made(b.h, &b.p, batch_of(b.account, "live", "bot", "192.0.2.1"));
    return b;
}

static void bench_close(struct bench *b)
{
    free(b->p.seed);
    house_close(b->h);
}

static bool has_positions(struct bench *b)
{
    return (fixed_of(b->h, &b->g).scopes & SCOPE_BIT(SCOPE_POSITIONS_READ)) != 0;
}

static bool asked(struct bench *b, const char *code, const struct slice *scope, uint64_t *review)
{
    static const uint8_t operation[OPERATION_SIZE];
    const struct proof proof = { .kind = PROOF_CODE, .code = slice_of(code) };
    const struct elevation_ask ask = { .account = b->account, .key = b->g.id.random,
                                       .scopes = { *scope }, .scope_count = 1,
                                       .reason = SLICE("hedging"), .operation = operation,
                                       .proof = &proof };

    refusal_init(&b->h->r);
    assert_int_equal(elevation_ask(&b->h->a, "tester", &ask, review, &b->h->r), OK);
    return !refusal_is(&b->h->r);
}

TEST(an_owner_asks_with_the_second_factor_and_an_operator_grants)
{
    const struct decision accept = { "operator 1003", 1003, SLICE("accepted"), SLICE("") };
    const struct slice orders = SLICE("orders:write");
    struct bench b = bench_open();
    uint64_t review = 0;

    assert_false(asked(&b, "000000", &positions[0], &review));
    assert_false(asked(&b, "000000", &orders, &review));
    assert_true(refused(b.h, "scope-not-elevated", "orders:write"));
    test_now_ns += 600 * NS_PER_S;
    assert_true(asked(&b, phone_code(&b.p, 0).at, &positions[0], &review));
    assert_false(has_positions(&b));
    refusal_init(&b.h->r);
    assert_int_equal(review_decide(&b.h->a, review, &accept, &b.h->r), OK);
    assert_false(refusal_is(&b.h->r));
    assert_true(has_positions(&b));
    assert_false(asked(&b, "000000", &positions[0], &review));
    assert_true(refused(b.h, "scope-granted", ""));
    bench_close(&b);
}

TEST(a_grant_ends_by_itself_or_is_taken_back)
{
    struct bench b = bench_open();
    uint64_t review;
    bool more;

    assert_int_equal(elevation_grant(&b.h->a, "operator uid 0", 0, b.g.id.random, positions, 1,
                                     SLICE("hedging"), &review, &b.h->r),
                     OK);
    assert_true(has_positions(&b));
    test_now_ns += 90 * DAY_NS;
    assert_int_equal(key_grants_sweep(&b.h->a, &more), OK);
    assert_false(has_positions(&b));
    assert_int_equal(elevation_grant(&b.h->a, "operator uid 0", 0, b.g.id.random, positions, 1,
                                     SLICE("hedging"), &review, &b.h->r),
                     OK);
    assert_true(has_positions(&b));
    assert_int_equal(elevation_withdraw(&b.h->a, "operator uid 0", b.g.id.random, NULL, 0,
                                        SLICE("over"), &b.h->r),
                     OK);
    assert_false(has_positions(&b));
    assert_int_equal(elevation_withdraw(&b.h->a, "operator uid 0", b.g.id.random, NULL, 0,
                                        SLICE("over"), &b.h->r),
                     OK);
    assert_true(refused(b.h, "scope-not-granted", ""));
    bench_close(&b);
}

TEST(a_grant_takes_two_when_the_settings_say_so)
{
    struct bench b = bench_open();
    uint64_t review;

    b.h->settings->two_person = true;
    assert_int_equal(elevation_grant(&b.h->a, "operator 1003", 1003, b.g.id.random, positions, 1,
                                     SLICE("hedging"), &review, &b.h->r),
                     OK);
    assert_false(has_positions(&b));
    assert_int_equal(elevation_grant(&b.h->a, "operator 1003", 1003, b.g.id.random, positions, 1,
                                     SLICE("hedging"), &review, &b.h->r),
                     OK);
    assert_true(refused(b.h, "review-seconding", ""));
    refusal_init(&b.h->r);
    assert_int_equal(elevation_grant(&b.h->a, "operator 1004", 1004, b.g.id.random, positions, 1,
                                     SLICE("hedging"), &review, &b.h->r),
                     OK);
    assert_false(refusal_is(&b.h->r));
    assert_true(has_positions(&b));
    bench_close(&b);
}

TEST_MAIN
