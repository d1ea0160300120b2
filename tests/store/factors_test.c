#include "test.h"

#include "fixture.h"
#include "store/factors.h"

TEST(an_account_without_a_row_has_guessed_nothing)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    struct store_factors f;

    assert_int_equal(store_factors_get(tx, ada, &f), OK);
    assert_int_equal(f.account, ada);
    assert_int_equal(f.guess_count, 0);
    assert_int_equal(f.blocked_until_ns, 0);
    assert_int_equal(f.handle_size, 0);
    store_rollback(&tx);
    place_close(&p);
}

TEST(the_row_is_replaced_as_a_whole)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_factors f = { .account = ada, .guess_count = 3 }, got;
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_factors_set(tx, &f), OK); /* guessed before any passkey: no handle yet */
    assert_int_equal(store_factors_get(tx, ada, &got), OK);
    assert_int_equal(got.handle_size, 0);
    memset(f.handle, 7, f.handle_size = sizeof f.handle);
    f.blocked_until_ns = 99;
    assert_int_equal(store_factors_set(tx, &f), OK);
    assert_int_equal(store_factors_get(tx, ada, &got), OK);
    assert_memory_equal(&got, &f, sizeof f);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
