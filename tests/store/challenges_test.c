#include "test.h"

#include "fixture.h"
#include "store/challenges.h"

static struct store_challenge numbered(uint64_t account, uint8_t number)
{
    struct store_challenge c = { .account = account, .sha256 = { number }, .session = "morning",
                                 .operation = { number, 1 }, .expires_at_ns = 1000u + number };

    return c;
}

static bool is_there(struct store_tx *tx, uint64_t account, uint8_t number)
{
    struct store_challenge c = numbered(account, number), got;
    bool present;

    assert_int_equal(store_challenge_take(tx, c.sha256, &got, &present), OK);
    if (present)
        assert_memory_equal(&got, &c, sizeof c);
    return present;
}

TEST(a_challenge_is_taken_once)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_challenge c = numbered(ada, 1);
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_challenge_insert(tx, &c), OK);
    assert_true(is_there(tx, ada, 1));
    assert_false(is_there(tx, ada, 1));
    store_rollback(&tx);
    place_close(&p);
}

TEST(thinning_drops_what_expired_and_the_oldest_of_one_session)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_tx *tx = begun(&p);
    struct store_challenge c;
    bool present;

    for (uint8_t i = 1; i <= 5; i++) {
        c = numbered(ada, i);
        assert_int_equal(store_challenge_insert(tx, &c), OK);
    }
    c = numbered(ada, 6);
    c.expires_at_ns = 1002;
    snprintf(c.session, sizeof c.session, "evening");
    assert_int_equal(store_challenge_insert(tx, &c), OK);
    c = numbered(bob, 9);
    assert_int_equal(store_challenge_insert(tx, &c), OK);
    assert_int_equal(store_challenges_thin(tx, ada, "morning", 1001, 3), OK);
    assert_false(is_there(tx, ada, 1)); /* expired */
    assert_false(is_there(tx, ada, 2)); /* fourth newest */
    assert_true(is_there(tx, ada, 3));
    assert_true(is_there(tx, ada, 5));
    assert_int_equal(store_challenge_take(tx, (uint8_t[32]){ 6 }, &c, &present), OK);
    assert_true(present);
    assert_true(is_there(tx, bob, 9));
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
