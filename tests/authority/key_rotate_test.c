#include "test.h"

#include "authority/key_confirm.h"
#include "authority/key_rotate.h"
#include "authority/observe.h"
#include "owner.h"
#include "store/key_grants.h"

static struct key_grant rotated(struct owner *o, uint64_t old_days)
{
    struct key_grant grant = { .secret.size = 0 };

    owner_prove(o);
    assert_int_equal(key_rotate(&o->house->a, &o->asker, o->key.id.random, old_days, &grant,
                                &o->house->r),
                     OK);
    return grant;
}

TEST(the_successor_takes_over_and_the_old_key_ends_when_it_was_said)
{
    struct owner o;
    struct key_grant grant;
    struct store_key old, young;
    uint64_t made_at_ns;

    owner_begin(&o, "live", NULL);
    made_at_ns = test_now_ns;
    test_now_ns += DAY_NS;
    grant = rotated(&o, 3);
    assert_false(refusal_is(&o.house->r));
    old = key_stored(o.house, o.key.id.random);
    young = key_stored(o.house, grant.id.random);
    assert_int_equal(old.state, KEY_ACTIVE);
    assert_int_equal(old.ends_at_ns, test_now_ns + 3 * DAY_NS);
    assert_memory_equal(old.replaced_by, young.id, sizeof young.id);
    assert_memory_equal(young.replaces, old.id, sizeof old.id);
    assert_string_equal(young.label, old.label);
    assert_string_equal(young.ip_rules, old.ip_rules);
    assert_string_equal(young.created_from, "192.0.2.7");
    assert_int_equal(young.scopes, old.scopes);
    assert_int_equal(young.ends_at_ns, 0);
    /* It has cooled as long as the old one (C3). */
    assert_int_equal(young.cooling_until_ns, made_at_ns + KEY_COOLING_NS);
    assert_int_equal(fixed_of(o.house, &grant).state, KEY_ACTIVE);
    assert_int_equal(fixed_of(o.house, &o.key).ends_at_ns, old.ends_at_ns);

    test_now_ns = old.ends_at_ns;
    observe_sweep(&o.house->a);
    old = key_stored(o.house, o.key.id.random);
    assert_int_equal(old.state, KEY_REVOKED);
    assert_int_equal(old.reason, KEY_REASON_ROTATED);
    assert_int_equal(key_stored(o.house, grant.id.random).state, KEY_ACTIVE);
    owner_end(&o);
}

TEST(a_successor_asked_for_from_nowhere_known_waits_for_the_venue)
{
    struct owner o;
    struct key_grant grant;

    owner_begin(&o, "live", NULL);
    o.house->settings->country.unknown = COUNTRY_UNKNOWN_REVIEW;
    grant = rotated(&o, 3);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &grant).state, KEY_SUSPENDED);
    assert_int_equal(fixed_of(o.house, &grant).reason, KEY_REASON_LOCATION);
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_ACTIVE);
    owner_end(&o);
}

TEST(zero_days_revoke_the_old_key_at_once)
{
    struct owner o;

    owner_begin(&o, "sandbox", NULL);
    rotated(&o, 0);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_REVOKED);
    assert_int_equal(fixed_of(o.house, &o.key).reason, KEY_REASON_ROTATED);
    owner_end(&o);
}

TEST(withdrawals_are_confirmed_for_the_successor_again)
{
    struct owner o;
    struct key_grant grant;
    char token[LINK_TOKEN_SIZE], id[KEY_RANDOM_SIZE];

    owner_begin(&o, "live", "withdraw:write");
    mail_token(o.house, "withdrawal", token);
    assert_int_equal(key_confirm(&o.house->a, &o.asker, slice_of(token), id, &o.house->r), OK);
    grant = rotated(&o, 7);
    assert_true((key_stored(o.house, o.key.id.random).scopes &
                 SCOPE_BIT(SCOPE_WITHDRAW_WRITE)) != 0);
    assert_int_equal(key_stored(o.house, grant.id.random).scopes_waiting,
                     SCOPE_BIT(SCOPE_WITHDRAW_WRITE));
    mail_token(o.house, "withdrawal", token);
    assert_int_equal(key_confirm(&o.house->a, &o.asker, slice_of(token), id, &o.house->r), OK);
    assert_memory_equal(id, grant.id.random, sizeof id);
    owner_end(&o);
}

TEST(grants_of_elevated_scopes_go_over_with_their_end)
{
    struct owner o;
    struct store_key_grant grants[SCOPE_COUNT];
    struct store_key_grant given = { .scope = SCOPE_POSITIONS_READ, .granted_at_ns = 1,
                                     .ends_at_ns = SOME_MONDAY_NS + 90 * DAY_NS };
    struct key_grant grant;
    struct store_tx *tx;
    size_t count;

    owner_begin(&o, "live", NULL);
    memcpy(given.key, o.key.id.random, sizeof given.key);
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(store_key_grant_set(tx, &given), OK);
    assert_int_equal(store_commit(&tx), OK);
    grant = rotated(&o, 1);
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(store_key_grants_get(tx, grant.id.random, grants, &count), OK);
    store_rollback(&tx);
    assert_int_equal(count, 1);
    assert_int_equal(grants[0].ends_at_ns, given.ends_at_ns);
    owner_end(&o);
}

TEST(what_stands_against_a_rotation_is_said_and_spends_no_code)
{
    const struct flagging f = { SLICE("suspicious"), SLICE("suspend"), SLICE("odd") };
    struct owner o;
    struct key_grant grant;

    owner_begin(&o, "live", NULL);
    rotated(&o, 8);
    assert_true(refused(o.house, "old-days", "0 to 7"));
    refusal_init(&o.house->r);
    /* The code was not spent. */
    assert_int_equal(key_rotate(&o.house->a, &o.asker, o.key.id.random, 7, &grant, &o.house->r),
                     OK);
    assert_false(refusal_is(&o.house->r));
    rotated(&o, 7);
    assert_true(refused(o.house, "key-rotated", "successor"));

    o.key = grant;
    refusal_init(&o.house->r);
    assert_int_equal(account_flag(&o.house->a, "tester", o.account, &f, &o.house->r), OK);
    rotated(&o, 7);
    assert_true(refused(o.house, "key-suspended", "active again"));
    assert_true(refused(o.house, "account-flagged", "suspicious"));
    owner_end(&o);
}

TEST(without_a_good_code_nothing_is_made)
{
    struct owner o;
    struct key_grant grant;
    uint64_t count;
    struct store_tx *tx;

    owner_begin(&o, "live", NULL);
    owner_prove(&o);
    o.asker.proof.code = SLICE("000000");
    assert_int_equal(key_rotate(&o.house->a, &o.asker, o.key.id.random, 7, &grant, &o.house->r),
                     OK);
    assert_true(refusal_is(&o.house->r));
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(store_keys_count(tx, o.account, &count), OK);
    store_rollback(&tx);
    assert_int_equal(count, 1);
    assert_int_equal(key_stored(o.house, o.key.id.random).replaced_by[0], '\0');
    owner_end(&o);
}

TEST_MAIN
