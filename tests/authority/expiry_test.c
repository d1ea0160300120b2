#include "test.h"

#include "authority/expiry.h"
#include "authority/review.h"
#include "fixture.h"

TEST(a_round_is_made_before_it_stops)
{
    static struct review_view view;
    struct house *h = house_open();
    struct review_opening opening = { .who = "tester", .kind = REVIEW_FLAG, .lives_ns = DAY_NS };
    struct expiry *expiry;
    struct store_tx *tx;
    uint64_t review;

    opening.account = account_opened(h, "ada@example.com", "individual");
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(review_open(&h->a, tx, &opening, &review), OK);
    assert_int_equal(store_commit(&tx), OK);
    test_now_ns += DAY_NS;
    assert_int_equal(expiry_start(&h->a, &expiry), OK);
    expiry_stop(&expiry);
    assert_null(expiry);
    expiry_stop(&expiry);
    assert_int_equal(review_view_get(&h->a, review, &view), OK);
    assert_int_equal(view.review.state, REVIEW_REJECTED);
    house_close(h);
}

TEST_MAIN
