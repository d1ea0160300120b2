#include "test.h"

#include "fixture.h"
#include "store/key_grants.h"

static struct store_key_grant grant_of(const struct store_key *key, enum scope scope,
                                       uint64_t ends_at_ns)
{
    struct store_key_grant grant = { .scope = scope, .granted_at_ns = 5,
                                     .ends_at_ns = ends_at_ns, .review = 9 };

    memcpy(grant.key, key->id, sizeof grant.key);
    return grant;
}

TEST(a_grant_comes_back_until_it_is_deleted)
{
    struct place p = place_open();
    struct store_key key = key_lettered(account_made(&p, "ada@example.com"), 'k');
    struct store_key_grant grant = grant_of(&key, SCOPE_POSITIONS_READ, 100), got[SCOPE_COUNT];
    struct store_tx *tx = begun(&p);
    size_t count;

    assert_int_equal(store_key_insert(tx, &key), OK);
    assert_int_equal(store_key_grant_set(tx, &grant), OK);
    grant.ends_at_ns = 200; /* granted once more */
    assert_int_equal(store_key_grant_set(tx, &grant), OK);
    assert_int_equal(store_key_grants_get(tx, key.id, got, &count), OK);
    assert_int_equal(count, 1);
    assert_memory_equal(got[0].key, key.id, sizeof key.id);
    assert_int_equal(got[0].scope, SCOPE_POSITIONS_READ);
    assert_int_equal(got[0].granted_at_ns, 5);
    assert_int_equal(got[0].ends_at_ns, 200);
    assert_int_equal(got[0].review, 9);

    assert_int_equal(store_key_grant_delete(tx, key.id, SCOPE_POSITIONS_READ), OK);
    assert_int_equal(store_key_grants_get(tx, key.id, got, &count), OK);
    assert_int_equal(count, 0);
    store_rollback(&tx);
    place_close(&p);
}

TEST(grants_that_ended_are_found_the_earliest_first)
{
    struct place p = place_open();
    struct store_key key = key_lettered(account_made(&p, "ada@example.com"), 'k');
    struct store_key_grant late = grant_of(&key, SCOPE_POSITIONS_READ, 100),
                           early = grant_of(&key, SCOPE_POSITIONS_WRITE, 50), got[2];
    struct store_tx *tx = begun(&p);
    size_t count;

    assert_int_equal(store_key_insert(tx, &key), OK);
    assert_int_equal(store_key_grant_set(tx, &late), OK);
    assert_int_equal(store_key_grant_set(tx, &early), OK);
    assert_int_equal(store_key_grants_ended(tx, 49, got, 2, &count), OK);
    assert_int_equal(count, 0);
    assert_int_equal(store_key_grants_ended(tx, 99, got, 2, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_key_grants_ended(tx, 100, got, 2, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(got[0].scope, SCOPE_POSITIONS_WRITE);
    assert_int_equal(store_key_grants_ended(tx, 100, got, 1, &count), OK);
    assert_int_equal(count, 1);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
