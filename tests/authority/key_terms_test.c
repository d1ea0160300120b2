#include "authority/key_terms.h"

#include "test.h"

#include "fixture.h"

TEST(terms_reach_the_gateways_before_the_caller_hears_of_it)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct key_terms terms = { .private_per_s = 50, .nonce_window_given = true,
                               .nonce_window = true, .ends_at_given = true,
                               .ends_at_ns = test_now_ns + 1000 };
    struct gate_key k;

    assert_int_equal(key_terms_set(&h->a, "tester", g.id.random, &terms, &h->r), OK);
    assert_false(refusal_is(&h->r));
    k = fixed_of(h, &g);
    assert_int_equal(k.public_per_s, 15);
    assert_int_equal(k.private_per_s, 50);
    assert_int_equal(k.nonce_window, 1);
    assert_true(k.ends_at_ns == test_now_ns + 1000);
    assert_int_equal(k.reason, KEY_REASON_OPERATOR);
    assert_int_equal(k.state, KEY_ACTIVE);

    terms = (struct key_terms){ .ends_at_given = true };
    assert_int_equal(key_terms_set(&h->a, "tester", g.id.random, &terms, &h->r), OK);
    k = fixed_of(h, &g);
    assert_true(k.ends_at_ns == 0);
    assert_int_equal(k.private_per_s, 50);
    free(p.seed);
    house_close(h);
}

TEST(impossible_terms_are_refused_with_every_reason)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct key_terms terms = { 0 };

    assert_int_equal(key_terms_set(&h->a, "tester", g.id.random, &terms, &h->r), OK);
    assert_true(refused(h, "terms-missing", "nothing"));
    refusal_init(&h->r);
    terms = (struct key_terms){ .public_per_s = KEY_RATE_MOST + 1, .ends_at_given = true,
                                .ends_at_ns = test_now_ns };
    assert_int_equal(key_terms_set(&h->a, "tester", g.id.random, &terms, &h->r), OK);
    assert_true(refused(h, "rate-range", "public"));
    assert_true(refused(h, "end-past", "revoke"));
    assert_int_equal(fixed_of(h, &g).public_per_s, 15);
    refusal_init(&h->r);
    terms = (struct key_terms){ .public_per_s = 20 };
    assert_int_equal(key_terms_set(&h->a, "tester", "0000000000000000", &terms, &h->r),
                     ERR_MISSING);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
