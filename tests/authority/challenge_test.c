#include "test.h"

#include "authority/challenge.h"
#include "fixture.h"

static const uint8_t this_one[CHALLENGE_OPERATION_SIZE] = { 1 };
static const uint8_t another[CHALLENGE_OPERATION_SIZE] = { 2 };

static void made(struct house *h, uint64_t account, const char *session,
                 uint8_t challenge[CHALLENGE_SIZE])
{
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(challenge_make(&h->a, tx, account, session, this_one, challenge), OK);
    assert_int_equal(store_commit(&tx), OK);
}

static bool spent(struct house *h, uint64_t account, const char *session,
                  const uint8_t *operation, const uint8_t challenge[CHALLENGE_SIZE])
{
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(challenge_spend(&h->a, tx, account, session, operation, challenge, &h->r),
                     OK);
    assert_int_equal(store_commit(&tx), OK);
    return !refusal_is(&h->r);
}

TEST(a_challenge_is_good_once_for_one_operation_of_one_session)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint64_t bob = account_opened(h, "bob@example.com", "individual");
    uint8_t challenge[CHALLENGE_SIZE] = { 0 };

    assert_false(spent(h, ada, "morning", this_one, challenge));
    assert_true(refused(h, "challenge-unknown", "start again"));
    made(h, ada, "morning", challenge);
    assert_true(spent(h, ada, "morning", this_one, challenge));
    assert_false(spent(h, ada, "morning", this_one, challenge));
    assert_true(refused(h, "challenge-unknown", "answered before"));
    made(h, ada, "morning", challenge);
    assert_false(spent(h, ada, "morning", another, challenge));
    assert_true(refused(h, "challenge-operation", "something else"));
    assert_false(spent(h, ada, "morning", this_one, challenge)); /* the try has spent it */
    made(h, ada, "morning", challenge);
    assert_false(spent(h, ada, "evening", this_one, challenge));
    assert_true(refused(h, "challenge-foreign", "another session"));
    made(h, ada, "morning", challenge);
    assert_false(spent(h, bob, "morning", this_one, challenge));
    assert_true(refused(h, "challenge-foreign", "another session"));
    house_close(h);
}

TEST(a_challenge_expires)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint8_t challenge[CHALLENGE_SIZE];

    made(h, ada, "morning", challenge);
    test_now_ns += 300 * NS_PER_S - 1;
    assert_true(spent(h, ada, "morning", this_one, challenge));
    made(h, ada, "morning", challenge);
    test_now_ns += 300 * NS_PER_S;
    assert_false(spent(h, ada, "morning", this_one, challenge));
    assert_true(refused(h, "challenge-expired", "5 minutes"));
    house_close(h);
}

TEST(a_session_has_eight_open_ones_and_takes_none_of_anothers)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint8_t challenges[9][CHALLENGE_SIZE], evening[CHALLENGE_SIZE];

    made(h, ada, "evening", evening);
    for (size_t i = 0; i < 9; i++) {
        test_now_ns += NS_PER_S;
        made(h, ada, "morning", challenges[i]);
    }
    assert_false(spent(h, ada, "morning", this_one, challenges[0]));
    for (size_t i = 1; i < 9; i++)
        assert_true(spent(h, ada, "morning", this_one, challenges[i]));
    assert_true(spent(h, ada, "evening", this_one, evening));
    house_close(h);
}

TEST_MAIN
