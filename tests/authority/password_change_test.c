#include "../test.h"

#include "visits.h"

static struct session begun(struct house *h, struct login *login)
{
    struct session s;

    assert_true(logged_in(h, visitor_at("192.0.2.7", ""), "ada@example.com", "correct horse",
                          login));
    assert_int_equal(session_find(&h->a, slice_of(login->token), &s), OK);
    return s;
}

TEST(another_password_ends_the_other_sessions)
{
    static const uint8_t operation[OPERATION_SIZE];
    const struct visitor visitor = visitor_at("192.0.2.7", "");
    const struct proof proof = { .kind = PROOF_NONE };
    struct password_change change = { .current = SLICE("wrong horse"),
                                      .password = SLICE("another horse"),
                                      .proof = &proof,
                                      .operation = operation };
    struct house *h = house_open();
    struct login here, there;
    struct session s, t;

    account_opened(h, "ada@example.com", "individual");
    s = begun(h, &here);
    begun(h, &there);
    assert_int_equal(password_change(&h->a, &visitor, &s, &change, &h->r), OK);
    assert_true(refused(h, "password-wrong", ""));
    refusal_init(&h->r);
    change.current = SLICE("correct horse");
    assert_int_equal(password_change(&h->a, &visitor, &s, &change, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(session_find(&h->a, slice_of(here.token), &t), OK);
    assert_int_equal(session_find(&h->a, slice_of(there.token), &t), ERR_MISSING);
    assert_true(logged_in(h, visitor, "ada@example.com", "another horse", &there));
    house_close(h);
}

TEST(who_has_a_second_factor_confirms_with_it)
{
    static const uint8_t operation[OPERATION_SIZE];
    const struct visitor visitor = visitor_at("192.0.2.7", "");
    struct proof proof = { .kind = PROOF_NONE };
    const struct password_change change = { .current = SLICE("correct horse"),
                                            .password = SLICE("another horse"),
                                            .proof = &proof,
                                            .operation = operation };
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct phone phone = phone_enrolled(h, account);
    struct login login;
    struct session s = begun(h, &login);

    assert_int_equal(password_change(&h->a, &visitor, &s, &change, &h->r), OK);
    assert_true(refused(h, "proof-missing", ""));
    refusal_init(&h->r);
    proof = (struct proof){ .kind = PROOF_CODE, .code = phone_code(&phone, 0) };
    assert_int_equal(password_change(&h->a, &visitor, &s, &change, &h->r), OK);
    assert_false(refusal_is(&h->r));
    free(phone.seed);
    house_close(h);
}

static void forgotten(struct house *h, const char *email)
{
    const struct visitor visitor = visitor_at("192.0.2.7", "");

    refusal_init(&h->r);
    assert_int_equal(password_forgot(&h->a, &visitor, slice_of(email), &h->r), OK);
    assert_false(refusal_is(&h->r));
}

TEST(a_forgotten_password_is_replaced_over_the_link_which_makes_the_browser_known)
{
    const struct visitor visitor = visitor_at("192.0.2.7", "");
    struct house *h = house_open();
    struct login login, reset;
    struct letter letter;
    struct session s;

    account_opened(h, "ada@example.com", "individual");
    begun(h, &login);
    forgotten(h, "eve@example.com"); /* nobody: no mail, and nothing said */
    forgotten(h, "ada@example.com");
    letter = letter_taken(h);
    assert_string_equal(letter.to, "ada@example.com");
    assert_int_equal(password_reset(&h->a, &visitor, slice_of(letter.token), SLICE("short"), &reset,
                                    &h->r),
                     OK);
    assert_true(refused(h, "password-length", "")); /* and the link is good still */
    refusal_init(&h->r);
    assert_int_equal(password_reset(&h->a, &visitor, slice_of(letter.token),
                                    SLICE("another horse"), &reset, &h->r),
                     OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(strlen(reset.device), SESSION_TOKEN_SIZE - 1);
    assert_int_equal(session_find(&h->a, slice_of(login.token), &s), ERR_MISSING);
    assert_int_equal(password_reset(&h->a, &visitor, slice_of(letter.token),
                                    SLICE("another horse"), &reset, &h->r),
                     OK);
    assert_true(refused(h, "link-used", ""));
    assert_true(logged_in(h, visitor, "ada@example.com", "another horse", &login));
    house_close(h);
}

TEST_MAIN
