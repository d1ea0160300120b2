#include "test.h"

#include "fixture.h"

static bool spent(struct house *h, uint64_t account, struct slice code)
{
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(totp_spend(&h->a, tx, account, code, &h->r), OK);
    assert_int_equal(store_commit(&tx), OK);
    return !refusal_is(&h->r);
}

TEST(a_code_works_once_also_between_confirming_and_using)
{
    struct house *h = house_open();
    uint64_t id = account_opened(h, "ada@example.com", "individual");
    struct totp_grant grant;
    struct phone p;

    assert_int_equal(totp_enrol(&h->a, "tester", id, &grant, &h->r), OK);
    assert_int_equal(strncmp(grant.uri, "otpauth://totp/Latchkey:ada@example.com?secret=", 47), 0);
    p = phone_of(grant.secret);
    assert_false(spent(h, id, phone_code(&p, 0))); /* pending */
    refusal_init(&h->r);
    assert_int_equal(totp_confirm(&h->a, "tester", id, phone_code(&p, 0), &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_false(spent(h, id, phone_code(&p, 0)));
    assert_true(refused(h, "totp-replayed", "used before"));
    test_now_ns += 30 * NS_PER_S;
    assert_true(spent(h, id, phone_code(&p, 0)));
    assert_false(spent(h, id, phone_code(&p, 0)));
    free(p.seed);
    house_close(h);
}

TEST(one_step_of_drift_is_forgiven_and_steps_only_rise)
{
    struct house *h = house_open();
    uint64_t id = account_opened(h, "ada@example.com", "individual");
    struct phone p = phone_enrolled(h, id);

    test_now_ns += 300 * NS_PER_S;
    assert_false(spent(h, id, phone_code(&p, -2)));
    assert_false(spent(h, id, phone_code(&p, 2)));
    assert_true(spent(h, id, phone_code(&p, -1)));
    assert_true(spent(h, id, phone_code(&p, 1)));
    assert_false(spent(h, id, phone_code(&p, 0))); /* never used, but older than one that was */
    assert_true(refused(h, "totp-replayed", "used before"));
    free(p.seed);
    house_close(h);
}

TEST(guessing_is_blocked_for_longer_and_longer)
{
    struct house *h = house_open();
    uint64_t id = account_opened(h, "ada@example.com", "individual");
    struct phone p = phone_enrolled(h, id);

    for (int i = 0; i < 5; i++) {
        assert_false(spent(h, id, phone_code(&p, 50 + i)));
        assert_true(refused(h, "totp-wrong", "check the clock"));
    }
    assert_false(spent(h, id, phone_code(&p, 0))); /* right, but not looked at */
    assert_int_equal(h->r.kind, REFUSAL_THROTTLED);
    assert_in_range(h->r.retry_s, 1, 61);
    test_now_ns += 61 * NS_PER_S;
    assert_false(spent(h, id, phone_code(&p, 50)));
    test_now_ns += 61 * NS_PER_S;
    assert_false(spent(h, id, phone_code(&p, 0))); /* two minutes now */
    assert_int_equal(h->r.kind, REFUSAL_THROTTLED);
    test_now_ns += 60 * NS_PER_S;
    assert_true(spent(h, id, phone_code(&p, 0)));
    test_now_ns += 60 * NS_PER_S;
    assert_false(spent(h, id, phone_code(&p, 50)));
    assert_true(refused(h, "totp-wrong", "")); /* a success forgets the failures */
    free(p.seed);
    house_close(h);
}

TEST(text_that_is_no_code_is_no_guess)
{
    static const char *const texts[] = { "", "12345", "1234567", "12345a", " 12345", "-12345" };
    struct house *h = house_open();
    uint64_t id = account_opened(h, "ada@example.com", "individual");
    struct phone p = phone_enrolled(h, id);

    for (size_t i = 0; i < 6; i++) {
        assert_false(spent(h, id, slice_of(texts[i])));
        assert_true(refused(h, "totp-malformed", "six digits"));
    }
    assert_true(spent(h, id, phone_code(&p, 0)));
    free(p.seed);
    house_close(h);
}

TEST(an_enrolled_factor_is_not_swapped_and_a_pending_one_is)
{
    struct house *h = house_open();
    uint64_t id = account_opened(h, "ada@example.com", "individual");
    struct totp_grant first, second;
    struct phone p;

    assert_int_equal(totp_enrol(&h->a, "tester", id, &first, &h->r), OK);
    assert_int_equal(totp_enrol(&h->a, "tester", id, &second, &h->r), OK);
    assert_string_not_equal(first.secret, second.secret);
    p = phone_of(second.secret);
    assert_int_equal(totp_confirm(&h->a, "tester", id, phone_code(&p, 0), &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(totp_enrol(&h->a, "tester", id, &first, &h->r), OK);
    assert_true(refused(h, "totp-enrolled", "already"));
    free(p.seed);
    house_close(h);
}

TEST_MAIN
