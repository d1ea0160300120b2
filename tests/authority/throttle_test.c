#include "../test.h"

#include "authority/throttle.h"
#include "fixture.h"

static bool taken(struct house *h, const struct throttle *throttles, size_t count)
{
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(throttle_take(&h->a, tx, throttles, count, &h->r), OK);
    assert_int_equal(store_commit(&tx), OK);
    return !refusal_is(&h->r);
}

static void forgiven(struct house *h, const struct throttle *throttles, size_t count)
{
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(throttle_forgive(tx, throttles, count), OK);
    assert_int_equal(store_commit(&tx), OK);
}

TEST(the_first_attempts_are_free_and_then_each_blocks_twice_as_long)
{
    const struct throttle pair = { THROTTLE_PAIR, SLICE("192.0.2.7"), SLICE("ada@example.com") };
    struct house *h = house_open();

    for (int i = 0; i < 5; i++)
        assert_true(taken(h, &pair, 1));
    assert_true(taken(h, &pair, 1)); /* the sixth is looked at, and blocks */
    assert_false(taken(h, &pair, 1));
    assert_int_equal(h->r.retry_s, 61);
    test_now_ns += 60 * NS_PER_S;
    assert_true(taken(h, &pair, 1));
    assert_false(taken(h, &pair, 1));
    assert_int_equal(h->r.retry_s, 121);
    house_close(h);
}

TEST(one_that_is_blocked_counts_nothing_for_the_others)
{
    const struct throttle both[] = {
        { THROTTLE_PAIR, SLICE("192.0.2.7"), SLICE("ada@example.com") },
        { THROTTLE_ADDRESS, SLICE("192.0.2.7"), SLICE_EMPTY },
    };
    struct house *h = house_open();

    for (int i = 0; i < 6; i++)
        assert_true(taken(h, both, 2));
    for (int i = 0; i < 100; i++)
        assert_false(taken(h, both, 2));
    assert_true(taken(h, &both[1], 1));
    house_close(h);
}

TEST(an_ipv6_network_is_one_address_and_ipv4_ones_are_not)
{
    const struct throttle one = { THROTTLE_PAIR, SLICE("2001:db8::1"), SLICE("ada@example.com") };
    const struct throttle two = { THROTTLE_PAIR, SLICE("2001:db8::2"), SLICE("ada@example.com") };
    const struct throttle far = { THROTTLE_PAIR, SLICE("2001:db8:0:1::1"),
                                  SLICE("ada@example.com") };
    struct house *h = house_open();

    for (int i = 0; i < 6; i++)
        assert_true(taken(h, &one, 1));
    assert_false(taken(h, &two, 1));
    assert_true(taken(h, &far, 1));
    house_close(h);
}

TEST(success_begins_anew_for_the_account_but_not_for_the_address)
{
    const struct throttle both[] = {
        { THROTTLE_PAIR, SLICE("192.0.2.7"), SLICE("ada@example.com") },
        { THROTTLE_ADDRESS, SLICE("192.0.2.7"), SLICE_EMPTY },
    };
    struct house *h = house_open();

    for (int i = 0; i < 60; i++) { /* each of them a right one and a wrong one */
        const struct throttle other = { THROTTLE_ADDRESS, SLICE("192.0.2.7"), SLICE_EMPTY };

        assert_true(taken(h, both, 2));
        forgiven(h, both, 2);
        assert_true(taken(h, &other, 1));
    }
    assert_true(taken(h, both, 2));
    assert_false(taken(h, both, 2));
    test_now_ns += 2 * DAY_NS;
    assert_true(taken(h, both, 2));
    house_close(h);
}

TEST_MAIN
