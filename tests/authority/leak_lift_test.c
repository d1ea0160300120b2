#include "test.h"

#include "authority/hold.h"
#include "authority/leak_lift.h"
#include "leak_rig.h"

TEST(the_owner_lifts_a_suspension_and_the_same_id_suspends_no_more)
{
    struct owner o;
    struct leak_finding f;
    struct leak_result r;
    struct store_leak *leak;

    owner_begin(&o, "live", NULL);
    f = id_found(&o);
    r = taken(&o, &f);
    owner_prove(&o);
    assert_int_equal(leak_lift(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_ACTIVE);
    leak = leak_stored(&o, r.leak);
    assert_int_equal(leak->lifted_at_ns, test_now_ns);
    f.origin = SLICE("yet another");
    assert_int_equal(taken(&o, &f).answer, LEAK_ANSWER_ALREADY);
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_ACTIVE);
    free(leak);
    owner_end(&o);
}

TEST(without_the_second_factor_nothing_is_lifted)
{
    struct owner o;
    struct leak_finding f;

    owner_begin(&o, "live", NULL);
    f = id_found(&o);
    taken(&o, &f);
    refusal_init(&o.house->r);
    o.asker.proof = (struct proof){ .kind = PROOF_CODE, .code = SLICE("000000") };
    assert_int_equal(leak_lift(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
    assert_true(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_SUSPENDED);
    owner_end(&o);
}

TEST(a_revocation_is_never_lifted)
{
    struct owner o;
    struct leak_finding f;

    owner_begin(&o, "live", NULL);
    f = secret_found(&o);
    taken(&o, &f);
    owner_prove(&o);
    assert_int_equal(leak_lift(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
    assert_true(refused(o.house, "key-ended", "for good"));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_REVOKED);
    owner_end(&o);
}

TEST(another_hold_stays_and_a_key_without_a_leak_is_refused)
{
    struct owner o;
    struct leak_finding f;
    struct store_tx *tx;

    owner_begin(&o, "live", NULL);
    owner_prove(&o);
    assert_int_equal(leak_lift(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
    assert_true(refused(o.house, "leak-missing", "not suspended"));
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(hold_add(&o.house->a, tx, "tester", o.key.id.random, KEY_REASON_FLAG), OK);
    assert_int_equal(store_commit(&tx), OK);
    f = id_found(&o);
    taken(&o, &f);
    owner_prove(&o);
    assert_int_equal(leak_lift(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_SUSPENDED);
    assert_int_equal(fixed_of(o.house, &o.key).reason, KEY_REASON_FLAG);
    owner_end(&o);
}

TEST(nobody_lifts_for_another)
{
    struct owner o;
    struct leak_finding f;

    owner_begin(&o, "live", NULL);
    f = id_found(&o);
    taken(&o, &f);
    owner_prove(&o);
    o.asker.account++;
    assert_int_equal(leak_lift(&o.house->a, &o.asker, o.key.id.random, &o.house->r), ERR_MISSING);
    owner_end(&o);
}

TEST_MAIN
