#include "test.h"

#include "fixture.h"

TEST(a_revoked_key_is_refused_by_the_gateways_before_the_caller_hears_of_it)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct gate_key k;

    assert_int_equal(key_revoke(&h->a, "tester", g.id.random, SLICE(""), &h->r), OK);
    assert_true(refused(h, "reason-missing", "reason"));
    assert_int_equal(fixed_of(h, &g).state, KEY_ACTIVE);
    refusal_init(&h->r);
    assert_int_equal(key_revoke(&h->a, "tester", g.id.random, SLICE("lost laptop"), &h->r), OK);
    k = fixed_of(h, &g);
    assert_int_equal(k.state, KEY_REVOKED);
    assert_int_equal(k.reason, KEY_REASON_OPERATOR);
    assert_true(k.ended_at_ns == test_now_ns);
    free(p.seed);
    house_close(h);
}

TEST(what_has_ended_keeps_its_first_reason_and_does_not_come_back)
{
    struct house *h = house_open();
    const struct flagging f = { SLICE("suspicious"), SLICE("suspend"), SLICE("odd") };
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));

    assert_int_equal(key_end(&h->a, "authority", g.id.random, KEY_EXPIRED, KEY_REASON_UNUSED,
                             SLICE("")),
                     OK);
    assert_int_equal(key_revoke(&h->a, "tester", g.id.random, SLICE("owner"), &h->r), OK);
    assert_int_equal(account_flag(&h->a, "tester", id, &f, &h->r), OK);
    assert_int_equal(account_unflag(&h->a, "tester", id, SLICE("fine"), &h->r), OK);
    assert_int_equal(fixed_of(h, &g).state, KEY_EXPIRED);
    assert_int_equal(fixed_of(h, &g).reason, KEY_REASON_UNUSED);
    assert_int_equal(key_revoke(&h->a, "tester", "0000000000000000", SLICE("x"), &h->r),
                     ERR_MISSING);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
