#include "test.h"

#include "authority/decision.h"
#include "authority/flag.h"
#include "authority/review.h"
#include "authority/settings.h"
#include "fixture.h"

static const struct flagging suspicion = { SLICE("suspicious"), SLICE("suspend"), SLICE("odd") };

static bool flagged(struct house *h, const char *who, uint64_t account)
{
    struct account_view view;

    refusal_init(&h->r);
    assert_int_equal(account_flag(&h->a, who, account, &suspicion, &h->r), OK);
    assert_int_equal(account_view_get(&h->a, account, &view), OK);
    return view.flag.kind != FLAG_NONE;
}

TEST(a_second_operator_is_needed_when_the_settings_say_so)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t account = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(account, "live", "bot", "192.0.2.1"));

    h->settings->two_person = true;
    assert_false(flagged(h, "operator 1003", account));
    assert_false(refusal_is(&h->r));
    assert_false(flagged(h, "operator 1003", account));
    assert_true(refused(h, "review-seconding", "second operator"));
    assert_int_equal(fixed_of(h, &g).state, KEY_ACTIVE);
    assert_true(flagged(h, "operator uid 0", account));
    assert_int_equal(fixed_of(h, &g).state, KEY_SUSPENDED);
    refusal_init(&h->r);
    assert_int_equal(account_unflag(&h->a, "operator 1003", account, SLICE("fine"), &h->r), OK);
    assert_int_equal(fixed_of(h, &g).state, KEY_SUSPENDED);
    assert_int_equal(account_unflag(&h->a, "operator 1004", account, SLICE("fine"), &h->r), OK);
    assert_int_equal(fixed_of(h, &g).state, KEY_ACTIVE);
    free(p.seed);
    house_close(h);
}

TEST(one_rejection_ends_a_proposal_and_another_proposal_waits_for_it)
{
    const struct flagging other = { SLICE("regulatory"), SLICE("leave"), SLICE("asked") };
    const struct decision reject = { "operator 1004", 1004, SLICE("rejected"), SLICE("no cause") };
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");

    h->settings->two_person = true;
    assert_false(flagged(h, "operator 1003", account));
    assert_int_equal(account_flag(&h->a, "operator 1004", account, &other, &h->r), OK);
    assert_true(refused(h, "proposal-waiting", ""));
    refusal_init(&h->r);
    assert_int_equal(review_decide(&h->a, 1, &reject, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_false(flagged(h, "operator 1003", account)); /* a new one */
    assert_false(refusal_is(&h->r));
    house_close(h);
}

TEST(nobody_flags_their_own_account)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");

    assert_false(flagged(h, "operator 1001", account));
    assert_true(refused(h, "review-own", ""));
    house_close(h);
}

TEST(words_of_flags)
{
    assert_string_equal(flag_kind_text(FLAG_REGULATORY), "regulatory");
    assert_string_equal(flag_keys_text(FLAG_KEYS_LEAVE), "leave");
}

TEST_MAIN
