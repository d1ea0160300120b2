#include "test.h"

#include "owner.h"

static enum err asked(struct owner *o, struct store_key *key)
{
    struct store_tx *tx;
    enum err e;

    refusal_init(&o->house->r);
    assert_int_equal(store_begin(o->house->a.store, &tx), OK);
    e = key_asker_get(tx, &o->asker, o->key.id.random, key, &o->house->r);
    store_rollback(&tx);
    return e;
}

TEST(owners_reach_their_own_keys_and_operators_all)
{
    struct owner o;
    struct store_key key;

    owner_begin(&o, "live", NULL);
    assert_int_equal(asked(&o, &key), OK);
    assert_int_equal(key.account, o.account);
    o.asker.account = 0;
    assert_int_equal(asked(&o, &key), OK);
    o.asker.account = account_opened(o.house, "eve@example.com", "individual");
    assert_int_equal(asked(&o, &key), ERR_MISSING); /* as if there were none */
    owner_end(&o);
}

TEST(a_key_that_has_ended_is_refused)
{
    struct owner o;
    struct store_key key;

    owner_begin(&o, "live", NULL);
    assert_int_equal(key_end(&o.house->a, "tester", o.key.id.random, KEY_EXPIRED,
                             KEY_REASON_UNUSED, SLICE("")),
                     OK);
    assert_int_equal(asked(&o, &key), OK);
    assert_true(refused(o.house, "key-ended", "expired for good"));
    owner_end(&o);
}

TEST(the_proof_is_the_owners)
{
    struct owner o;
    struct store_tx *tx;

    owner_begin(&o, "live", NULL);
    owner_prove(&o);
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(key_asker_prove(&o.house->a, tx, &o.asker, o.account, &o.house->r), OK);
    assert_false(refusal_is(&o.house->r));
    /* Once only. */
    assert_int_equal(key_asker_prove(&o.house->a, tx, &o.asker, o.account, &o.house->r), OK);
    assert_true(refusal_is(&o.house->r));
    store_rollback(&tx);
    owner_end(&o);
}

TEST_MAIN
