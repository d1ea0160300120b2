#include "test.h"

#include "authority/key_change.h"
#include "authority/key_grant.h"
#include "authority/observe.h"
#include "owner.h"
#include "store/key_grants.h"

static void given(struct owner *o, uint32_t scopes, uint64_t ends_at_ns)
{
    struct store_tx *tx;

    assert_int_equal(store_begin(o->house->a.store, &tx), OK);
    assert_int_equal(key_grant_give(&o->house->a, tx, "operator uid 0", o->key.id.random, scopes,
                                    ends_at_ns, 1),
                     OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(publish_key(o->house->a.publisher, o->key.id.random), OK);
}

static bool has(struct owner *o, enum scope scope)
{
    return (fixed_of(o->house, &o->key).scopes & SCOPE_BIT(scope)) != 0;
}

TEST(an_elevated_scope_leaves_the_key_at_its_end_and_the_others_stay)
{
    uint64_t end_ns = SOME_MONDAY_NS + 90 * DAY_NS;
    struct owner o;

    owner_begin(&o, "live", NULL);
    given(&o, SCOPE_BIT(SCOPE_POSITIONS_READ), end_ns);
    given(&o, SCOPE_BIT(SCOPE_POSITIONS_WRITE), end_ns + 1);
    test_now_ns = end_ns - 1;
    observe_sweep(&o.house->a);
    assert_true(has(&o, SCOPE_POSITIONS_READ));
    test_now_ns = end_ns;
    observe_sweep(&o.house->a);
    assert_false(has(&o, SCOPE_POSITIONS_READ));
    assert_true(has(&o, SCOPE_POSITIONS_WRITE));
    assert_true(has(&o, SCOPE_ORDERS_WRITE));
    owner_end(&o);
}

TEST(a_grant_that_was_renewed_lasts)
{
    uint64_t end_ns = SOME_MONDAY_NS + 90 * DAY_NS;
    struct owner o;

    owner_begin(&o, "live", NULL);
    given(&o, SCOPE_BIT(SCOPE_POSITIONS_READ), end_ns);
    given(&o, SCOPE_BIT(SCOPE_POSITIONS_READ), end_ns + DAY_NS);
    test_now_ns = end_ns;
    observe_sweep(&o.house->a);
    assert_true(has(&o, SCOPE_POSITIONS_READ));
    owner_end(&o);
}

TEST(whoever_gives_an_elevated_scope_back_keeps_no_grant)
{
    struct key_wish wish = { .scopes_given = true };
    struct store_key_grant grants[SCOPE_COUNT];
    struct store_tx *tx;
    struct owner o;
    size_t count;

    wish.ask.scopes[wish.ask.scope_count++] = SLICE("wallets:read");
    owner_begin(&o, "live", NULL);
    given(&o, SCOPE_BIT(SCOPE_POSITIONS_READ), SOME_MONDAY_NS + DAY_NS);
    assert_int_equal(
        key_tighten(&o.house->a, &o.asker, o.key.id.random, &wish, &o.house->r), OK);
    assert_false(refusal_is(&o.house->r));
    assert_false(has(&o, SCOPE_POSITIONS_READ));
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(store_key_grants_get(tx, o.key.id.random, grants, &count), OK);
    store_rollback(&tx);
    assert_int_equal(count, 0);
    owner_end(&o);
}

TEST_MAIN
