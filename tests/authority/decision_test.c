#include "test.h"

#include "authority/admission.h"
#include "authority/decision.h"
#include "authority/review.h"
#include "authority/settings.h"
#include "country_fixture.h"

/* A key that was asked for from another country; its review is the first one. */
struct case_of {
    struct house *h;
    struct phone p;
    struct key_grant g;
};

static struct case_of case_open(const char *kind, const char *address)
{
    const struct applicant from = { slice_of(address), SLICE_EMPTY };
    struct case_of c = { .h = house_open() };
    uint64_t account = account_opened(c.h, "ada@example.com", kind);
    struct store_key key;
    struct store_tx *tx;
    bool waits;

    c.h->settings->approvals = 0;
    account_shown(c.h, account, "all");
    c.p = phone_enrolled(c.h, account);
    c.g = key_made(c.h, &c.p, batch_of(account, "live", "bot", "192.0.2.1"));
    c.h->settings->approvals = 1;
    c.h->settings->country.unknown = COUNTRY_UNKNOWN_REVIEW;
    countries_opened(c.h);
    assert_int_equal(store_begin(c.h->a.store, &tx), OK);
    assert_int_equal(store_key_get(tx, c.g.id.random, &key), OK);
    assert_int_equal(admission_judge(&c.h->a, tx, "tester", &key, key.scopes, &from, &waits), OK);
    assert_true(waits);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(publish_key(c.h->a.publisher, c.g.id.random), OK);
    return c;
}

static void case_close(struct case_of *c)
{
    free(c->p.seed);
    countries_closed(c->h);
    house_close(c->h);
}

static bool decided(struct case_of *c, uint64_t by, const char *outcome)
{
    const struct decision d = { "operator", by, slice_of(outcome), SLICE("looked at") };

    refusal_init(&c->h->r);
    assert_int_equal(review_decide(&c->h->a, 1, &d, &c->h->r), OK);
    return !refusal_is(&c->h->r);
}

TEST(an_accepted_place_lets_the_key_go_and_a_rejected_one_ends_it)
{
    struct case_of c = case_open("individual", "198.51.100.1");

    assert_false(decided(&c, 1001, "accepted"));
    assert_true(refused(c.h, "review-own", ""));
    assert_false(decided(&c, 1003, "perhaps"));
    assert_true(refused(c.h, "outcome-unknown", ""));
    assert_int_equal(fixed_of(c.h, &c.g).state, KEY_SUSPENDED);
    assert_true(decided(&c, 1003, "accepted"));
    assert_int_equal(fixed_of(c.h, &c.g).state, KEY_ACTIVE);
    case_close(&c);
    c = case_open("individual", "10.0.0.1");
    assert_true(decided(&c, 1003, "rejected"));
    assert_int_equal(fixed_of(c.h, &c.g).state, KEY_REVOKED);
    assert_int_equal(fixed_of(c.h, &c.g).reason, KEY_REASON_LOCATION);
    case_close(&c);
}

TEST(a_rejection_withdraws_what_else_is_open_about_the_key)
{
    static struct review_view view;
    struct case_of c = case_open("corporate", "198.51.100.1");

    assert_true(decided(&c, 1003, "rejected"));
    assert_int_equal(review_view_get(&c.h->a, 2, &view), OK);
    assert_int_equal(view.review.kind, REVIEW_APPROVAL);
    assert_int_equal(view.review.state, REVIEW_WITHDRAWN);
    case_close(&c);
}

TEST(signatories_that_nobody_lists_are_stood_in_for_and_time_runs_out)
{
    struct case_of c = case_open("corporate", ""); /* of an operator: nothing about its place */

    assert_int_equal(reviews_expire(&c.h->a), OK);
    assert_int_equal(fixed_of(c.h, &c.g).state, KEY_SUSPENDED);
    test_now_ns += 14 * DAY_NS;
    assert_int_equal(reviews_expire(&c.h->a), OK);
    assert_int_equal(fixed_of(c.h, &c.g).state, KEY_REVOKED);
    case_close(&c);
    c = case_open("corporate", "");
    assert_true(decided(&c, 1003, "accepted"));
    assert_int_equal(fixed_of(c.h, &c.g).state, KEY_ACTIVE);
    case_close(&c);
}

TEST_MAIN
