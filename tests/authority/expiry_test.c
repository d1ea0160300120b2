#include "test.h"

#include "authority/elevation.h"
#include "authority/expiry.h"
#include "fixture.h"

TEST(a_round_is_made_before_it_stops)
{
    const struct slice positions = SLICE("positions:read");
    struct house *h = house_open();
    struct expiry *expiry;
    struct phone p;
    uint64_t account = account_ready(h, "ada@example.com", &p), review;
    struct key_grant g = key_made(h, &p, batch_of(account, "live", "bot", "192.0.2.1"));

    assert_int_equal(elevation_grant(&h->a, "tester", 0, g.id.random, &positions, 1, SLICE("asked"),
                                     &review, &h->r),
                     OK);
    assert_int_not_equal(fixed_of(h, &g).scopes & SCOPE_BIT(SCOPE_POSITIONS_READ), 0);
    test_now_ns += 90 * DAY_NS;
    assert_int_equal(expiry_start(&h->a, &expiry), OK);
    expiry_stop(&expiry);
    assert_null(expiry);
    expiry_stop(&expiry);
    assert_int_equal(fixed_of(h, &g).scopes & SCOPE_BIT(SCOPE_POSITIONS_READ), 0);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
