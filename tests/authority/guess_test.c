#include "test.h"

#include "authority/guess.h"
#include "fixture.h"

static bool allowed(struct house *h, struct store_tx *tx, uint64_t account)
{
    bool yes;

    refusal_init(&h->r);
    assert_int_equal(guess_allow(&h->a, tx, account, &yes, &h->r), OK);
    assert_int_equal(yes, !refusal_is(&h->r));
    return yes;
}

TEST(the_fifth_wrong_guess_blocks_and_each_further_one_doubles_up_to_an_hour)
{
    static const unsigned waits_s[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600 };
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(guess_wrong(&h->a, tx, ada), OK);
    for (size_t i = 0; i < sizeof waits_s / sizeof *waits_s; i++) {
        assert_true(allowed(h, tx, ada));
        assert_int_equal(guess_wrong(&h->a, tx, ada), OK);
        test_now_ns += waits_s[i] * NS_PER_S - 1;
        assert_false(allowed(h, tx, ada));
        assert_int_equal(h->r.kind, REFUSAL_THROTTLED);
        assert_int_equal(h->r.retry_s, 1);
        test_now_ns += 1;
    }
    store_rollback(&tx);
    house_close(h);
}

TEST(a_right_guess_forgets_and_accounts_do_not_share)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint64_t bob = account_opened(h, "bob@example.com", "individual");
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(guess_wrong(&h->a, tx, ada), OK);
    assert_false(allowed(h, tx, ada));
    assert_true(allowed(h, tx, bob));
    assert_int_equal(guess_right(tx, ada), OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(guess_wrong(&h->a, tx, ada), OK);
    assert_true(allowed(h, tx, ada));
    store_rollback(&tx);
    house_close(h);
}

TEST_MAIN
