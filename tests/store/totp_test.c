#include "test.h"

#include "fixture.h"
#include "store/totp.h"

TEST(a_second_factor_is_replaced_as_a_whole)
{
    struct place p = place_open();
    struct store_totp t = { .account = account_made(&p, "ada@example.com"), .sealed = "seal",
                            .sealed_size = 60, .last_step = 58 };
    struct store_tx *tx = begun(&p);
    struct store_totp got;
    bool present;

    assert_int_equal(store_totp_find(tx, t.account, &got, &present), OK);
    assert_false(present);
    assert_int_equal(store_totp_set(tx, &t), OK);
    t.last_step = 59;
    t.enrolled_at_ns = 1000;
    assert_int_equal(store_totp_set(tx, &t), OK);
    assert_int_equal(store_totp_find(tx, t.account, &got, &present), OK);
    assert_true(present);
    assert_int_equal(got.last_step, 59);
    assert_int_equal(got.enrolled_at_ns, 1000);
    assert_int_equal(got.sealed_size, 60);
    assert_memory_equal(got.sealed, t.sealed, 60);
    assert_int_equal(store_totp_delete(tx, t.account), OK);
    assert_int_equal(store_totp_find(tx, t.account, &got, &present), OK);
    assert_false(present);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
