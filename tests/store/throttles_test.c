#include "../test.h"

#include "fixture.h"
#include "store/throttles.h"

TEST(a_count_is_kept_replaced_and_forgotten)
{
    struct store_throttle t = { .subject = "who", .failure_count = 3, .last_at_ns = 50,
                                .blocked_until_ns = 70 },
                          got = { .subject = "who", .failure_count = 9 };
    struct place p = place_open();
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_throttle_get(tx, &got), OK);
    assert_int_equal(got.failure_count, 0);
    assert_int_equal(store_throttle_set(tx, &t), OK);
    t.failure_count = 4;
    assert_int_equal(store_throttle_set(tx, &t), OK);
    assert_int_equal(store_throttle_get(tx, &got), OK);
    assert_int_equal(got.failure_count, 4);
    assert_int_equal(got.last_at_ns, 50);
    assert_int_equal(got.blocked_until_ns, 70);
    assert_int_equal(store_throttles_expire(tx, 70), OK); /* still blocks */
    assert_int_equal(store_throttle_get(tx, &got), OK);
    assert_int_equal(got.failure_count, 4);
    assert_int_equal(store_throttles_expire(tx, 71), OK);
    assert_int_equal(store_throttle_get(tx, &got), OK);
    assert_int_equal(got.failure_count, 0);
    assert_int_equal(store_commit(&tx), OK);
    place_close(&p);
}

TEST_MAIN
