#include "test.h"

#include "authority/observe.h"
#include "fixture.h"
#include "gate/route.h"

static struct audit_record passed(uint64_t account, const struct key_grant *g,
                                  enum route_number route)
{
    struct audit_record r = {
        .received_at_us = test_now_ns / NS_PER_US,
        .account = account,
        .status = 200,
        .route = (uint16_t)route,
        .kind = RECORD_REQUEST,
        .environment = (uint8_t)g->id.environment,
        .flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED,
    };

    memcpy(r.key, g->id.random, sizeof r.key);
    return r;
}

TEST(the_first_sandbox_order_makes_the_live_keys_of_the_account_ready)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant live = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));
    struct key_grant sandbox = key_made(h, &p, batch_of(id, "sandbox", "b", "192.0.2.2"));
    struct audit_record order = passed(id, &sandbox, ROUTE_NUMBER_ORDER_SUBMIT), other;

    other = order;
    other.status = 500;
    assert_false(observe_wants(&h->a, &other)); /* rejected by the exchange */
    other = order;
    other.flags = RECORD_KEY_NAMED;
    assert_false(observe_wants(&h->a, &other)); /* somebody who only names the key */
    other = passed(id, &live, ROUTE_NUMBER_ORDER_SUBMIT);
    assert_false(observe_wants(&h->a, &other)); /* a live order is no sandbox order */
    other = order;
    other.route = ROUTE_NUMBER_OWN; /* another venue's, and no order */
    assert_false(observe_wants(&h->a, &other));
    other.route_flags = ROUTE_COUNTS_AS_ORDER;
    assert_true(observe_wants(&h->a, &other));
    assert_true(observe_wants(&h->a, &order));
    assert_int_equal(fixed_of(h, &live).flags & GATE_KEY_SANDBOX_ORDER, 0);
    assert_int_equal(observe_learn(&h->a, &order), OK);
    assert_int_not_equal(fixed_of(h, &live).flags & GATE_KEY_SANDBOX_ORDER, 0);
    assert_false(observe_wants(&h->a, &order)); /* known now */
    free(p.seed);
    house_close(h);
}

TEST(the_wallets_call_stays_with_its_key)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant one = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));
    struct key_grant two = key_made(h, &p, batch_of(id, "live", "b", "192.0.2.2"));
    struct audit_record call = passed(id, &one, ROUTE_NUMBER_WALLETS);

    assert_true(observe_wants(&h->a, &call));
    assert_int_equal(observe_learn(&h->a, &call), OK);
    assert_false(observe_wants(&h->a, &call));
    assert_int_equal(fixed_of(h, &one).flags, GATE_KEY_WALLETS_CALLED);
    assert_int_equal(fixed_of(h, &two).flags, 0);
    free(p.seed);
    house_close(h);
}

TEST(a_key_used_in_the_clear_is_revoked_in_the_store_too)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));
    struct audit_record plain = passed(id, &g, ROUTE_NUMBER_WALLETS);
    struct key_view view;

    plain.verdict = VERDICT_PLAINTEXT_REVOKED;
    plain.status = 403;
    plain.flags |= RECORD_DRY_RUN;
    assert_false(observe_wants(&h->a, &plain)); /* a trial ends no key */
    plain.flags &= (uint8_t)~RECORD_DRY_RUN;
    assert_true(observe_wants(&h->a, &plain));
    assert_int_equal(observe_learn(&h->a, &plain), OK);
    assert_int_equal(key_view_get(&h->a, g.id.random, &view), OK);
    assert_int_equal(view.key.state, KEY_REVOKED);
    assert_string_equal(view.key.words, "used over an unencrypted connection");
    assert_int_equal(fixed_of(h, &g).reason, KEY_REASON_PLAINTEXT);
    assert_false(observe_wants(&h->a, &plain));
    free(p.seed);
    house_close(h);
}

TEST(ninety_days_without_use_end_a_key_for_ever)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));

    test_now_ns += 90 * DAY_NS;
    observe_sweep(&h->a);
    assert_int_equal(fixed_of(h, &g).state, KEY_ACTIVE); /* to the last moment */
    test_now_ns += 1;
    observe_sweep(&h->a);
    assert_int_equal(fixed_of(h, &g).state, KEY_EXPIRED);
    test_now_ns -= 80 * DAY_NS; /* a clock set back does not wake it */
    house_stop(h);
    house_start(h);
    assert_int_equal(fixed_of(h, &g).state, KEY_EXPIRED);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
