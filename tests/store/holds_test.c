#include "test.h"

#include "fixture.h"
#include "store/holds.h"

TEST(a_key_has_each_hold_once_and_loses_them_one_by_one)
{
    struct place p = place_open();
    struct store_key key = key_lettered(account_made(&p, "ada@example.com"), 'a');
    struct store_hold holds[KEY_REASON_COUNT];
    struct store_tx *tx = begun(&p);
    bool changed;
    size_t count;

    assert_int_equal(store_key_insert(tx, &key), OK);
    assert_int_equal(store_hold_add(tx, key.id, KEY_REASON_LOCATION, 20, &changed), OK);
    assert_true(changed);
    assert_int_equal(store_hold_add(tx, key.id, KEY_REASON_FLAG, 10, &changed), OK);
    assert_int_equal(store_hold_add(tx, key.id, KEY_REASON_FLAG, 30, &changed), OK);
    assert_false(changed);
    assert_int_equal(store_holds_get(tx, key.id, holds, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(holds[0].reason, KEY_REASON_FLAG);
    assert_int_equal(holds[0].since_ns, 10);
    assert_int_equal(store_hold_remove(tx, key.id, KEY_REASON_FLAG, &changed), OK);
    assert_true(changed);
    assert_int_equal(store_hold_remove(tx, key.id, KEY_REASON_FLAG, &changed), OK);
    assert_false(changed);
    assert_int_equal(store_holds_clear(tx, key.id), OK);
    assert_int_equal(store_holds_get(tx, key.id, holds, &count), OK);
    assert_int_equal(count, 0);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
