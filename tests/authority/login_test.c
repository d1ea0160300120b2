#include "../test.h"

#include "visits.h"

static struct session session_of(struct house *h, const char *token)
{
    struct session s;

    assert_int_equal(session_find(&h->a, slice_of(token), &s), OK);
    return s;
}

TEST(unknown_account_and_wrong_password_are_refused_alike)
{
    struct visitor visitor = visitor_at("192.0.2.7", "");
    struct house *h = house_open();
    struct login login;
    char words[REFUSAL_TEXT_SIZE];

    account_opened(h, "ada@example.com", "individual");
    assert_false(logged_in(h, visitor, "ada@example.com", "wrong horse", &login));
    assert_string_equal(login.token, "");
    snprintf(words, sizeof words, "%s", h->r.reasons[0].text);
    assert_false(logged_in(h, visitor, "eve@example.com", "wrong horse", &login));
    assert_string_equal(h->r.reasons[0].text, words);
    assert_false(logged_in(h, visitor, "no address", "wrong horse", &login));
    assert_string_equal(h->r.reasons[0].text, words);
    assert_true(logged_in(h, visitor, " ADA@example.com", "correct horse", &login));
    house_close(h);
}

TEST(a_login_ends_the_session_that_the_browser_had)
{
    struct visitor visitor = visitor_at("192.0.2.7", "");
    struct house *h = house_open();
    struct login first, second;
    struct session s;

    account_opened(h, "ada@example.com", "individual");
    assert_true(logged_in(h, visitor, "ada@example.com", "correct horse", &first));
    s = session_of(h, first.token);
    visitor.session = slice_of(s.id);
    assert_true(logged_in(h, visitor, "ada@example.com", "correct horse", &second));
    assert_int_equal(session_find(&h->a, slice_of(first.token), &s), ERR_MISSING);
    session_of(h, second.token);
    house_close(h);
}

TEST(a_second_factor_raises_the_session_and_makes_the_browser_known)
{
    static const uint8_t operation[OPERATION_SIZE];
    struct visitor visitor = visitor_at("192.0.2.7", "");
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct phone phone = phone_enrolled(h, account);
    struct proof proof = { .kind = PROOF_CODE, .code = SLICE("000000") };
    struct login begun, finished;
    struct session s;

    assert_true(logged_in(h, visitor, "ada@example.com", "correct horse", &begun));
    assert_string_equal(begun.device, ""); /* not yet */
    s = session_of(h, begun.token);
    assert_true(s.needs_factor);
    refusal_init(&h->r);
    assert_int_equal(login_finish(&h->a, &visitor, &s, operation, &proof, &finished, &h->r), OK);
    assert_true(refused(h, "totp-wrong", ""));
    refusal_init(&h->r);
    proof.code = phone_code(&phone, 0);
    assert_int_equal(login_finish(&h->a, &visitor, &s, operation, &proof, &finished, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(session_of(h, finished.token).level, SESSION_FULL);
    assert_int_equal(session_find(&h->a, slice_of(begun.token), &s), ERR_MISSING);
    assert_int_equal(strlen(finished.device), SESSION_TOKEN_SIZE - 1);
    free(phone.seed);
    house_close(h);
}

TEST(guesses_from_everywhere_do_not_lock_out_a_browser_that_the_account_knows)
{
    struct house *h = house_open();
    struct login home, other;
    char address[32];
    int i = 0;

    account_opened(h, "ada@example.com", "individual");
    assert_true(logged_in(h, visitor_at("192.0.2.7", ""), "ada@example.com", "correct horse",
                          &home));
    do {
        assert_true(i < 60);
        snprintf(address, sizeof address, "198.51.100.%d", i++);
    } while (!logged_in(h, visitor_at(address, ""), "ada@example.com", "wrong horse", &other) &&
             !refused(h, "login-throttled", ""));
    assert_false(logged_in(h, visitor_at("203.0.113.1", ""), "ada@example.com", "correct horse",
                           &other));
    assert_true(refused(h, "login-throttled", ""));
    assert_true(logged_in(h, visitor_at("203.0.113.1", home.device), "ada@example.com",
                          "correct horse", &other));
    assert_true(logged_in(h, visitor_at("192.0.2.7", home.device), "ada@example.com",
                          "correct horse", &other));
    house_close(h);
}

TEST_MAIN
