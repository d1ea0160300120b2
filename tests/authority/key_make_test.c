#include "test.h"

#include "owner.h"

TEST(a_made_key_has_its_own_secret_sealed_and_known_by_hash)
{
    struct owner o;
    struct store_key row, stored;
    struct key_grant grant;
    struct store_tx *tx;

    owner_begin(&o, "sandbox", NULL);
    row = key_stored(o.house, o.key.id.random);
    row.label_folded[0] = 'x';
    row.ip_rules_sha256[0] ^= 1;
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(key_make(&o.house->a, tx, "tester", &row, &grant), OK);
    assert_int_equal(store_commit(&tx), OK);
    stored = key_stored(o.house, grant.id.random);
    assert_int_equal(stored.state, KEY_ACTIVE);
    assert_int_equal(stored.created_at_ns, test_now_ns);
    assert_memory_not_equal(stored.id, o.key.id.random, sizeof stored.id);
    assert_false(secret_equal(&grant.secret, &o.key.secret));
    /* Its text is not in the row (B6). */
    assert_null(memmem(&stored, sizeof stored, grant.secret.bytes, grant.secret.size));
    owner_end(&o);
}

TEST(an_account_that_lacks_something_is_told_all_of_it)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(key_account_judge(tx, account, &h->r), OK);
    store_rollback(&tx);
    assert_true(refused(h, "step-missing", "identity"));
    assert_true(refused(h, "factor-missing", ""));
    house_close(h);
}

TEST_MAIN
