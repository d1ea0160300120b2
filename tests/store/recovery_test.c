#include "test.h"

#include "fixture.h"
#include "store/recovery.h"

TEST(a_code_is_taken_once_and_only_by_its_account)
{
    static const uint8_t one[RECOVERY_HASH_SIZE] = { 1 }, two[RECOVERY_HASH_SIZE] = { 2 };
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_tx *tx = begun(&p);
    uint64_t count;
    bool was;

    assert_int_equal(store_recovery_insert(tx, ada, one), OK);
    assert_int_equal(store_recovery_insert(tx, ada, two), OK);
    assert_int_equal(store_recovery_insert(tx, bob, two), OK);
    assert_int_equal(store_recovery_take(tx, bob, one, &was), OK);
    assert_false(was);
    assert_int_equal(store_recovery_take(tx, ada, one, &was), OK);
    assert_true(was);
    assert_int_equal(store_recovery_take(tx, ada, one, &was), OK);
    assert_false(was);
    assert_int_equal(store_recovery_count(tx, ada, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_recovery_clear(tx, ada), OK);
    assert_int_equal(store_recovery_count(tx, ada, &count), OK);
    assert_int_equal(count, 0);
    assert_int_equal(store_recovery_count(tx, bob, &count), OK);
    assert_int_equal(count, 1);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
