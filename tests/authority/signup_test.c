#include "../test.h"

#include "visits.h"

static bool confirmed(struct house *h, const char *token)
{
    char email[ACCOUNT_EMAIL_SIZE];

    refusal_init(&h->r);
    assert_int_equal(signup_confirm(&h->a, slice_of(token), email, &h->r), OK);
    return !refusal_is(&h->r);
}

TEST(the_account_begins_with_the_link_and_with_the_password_of_its_sign_up)
{
    struct visitor visitor = visitor_at("192.0.2.7", "");
    struct house *h = house_open();
    struct letter eves, adas;
    struct login login;

    asked(h, "ada@example.com", "the password of eve");
    eves = letter_taken(h);
    asked(h, "Ada@Example.com", "the password of ada");
    adas = letter_taken(h);
    assert_string_equal(adas.to, "ada@example.com");
    assert_false(logged_in(h, visitor, "ada@example.com", "the password of ada", &login));
    assert_true(confirmed(h, adas.token));
    assert_false(logged_in(h, visitor, "ada@example.com", "the password of eve", &login));
    assert_true(logged_in(h, visitor, "ada@example.com", "the password of ada", &login));
    assert_false(confirmed(h, adas.token));
    assert_true(refused(h, "link-used", "once"));
    assert_false(confirmed(h, eves.token));
    assert_true(refused(h, "link-used", "another mail's link"));
    house_close(h);
}

TEST(who_has_an_account_gets_a_mail_that_says_so_and_no_link)
{
    struct house *h = house_open();
    struct letter letter;

    account_opened(h, "ada@example.com", "individual");
    asked(h, "ada@example.com", "another horse");
    assert_false(refusal_is(&h->r));
    letter = letter_taken(h);
    assert_non_null(strstr(letter.text, "already"));
    assert_string_equal(letter.token, "");
    house_close(h);
}

TEST(a_link_dies_after_a_day)
{
    struct house *h = house_open();
    struct letter letter;

    asked(h, "ada@example.com", "correct horse");
    letter = letter_taken(h);
    test_now_ns += DAY_NS;
    assert_false(confirmed(h, letter.token));
    assert_true(refused(h, "link-expired", "another mail"));
    house_close(h);
}

TEST(nobody_fills_a_mailbox_and_nobody_learns_that_it_is_full)
{
    struct house *h = house_open();
    struct store_mails_state queue;
    struct store_tx *tx;

    for (int i = 0; i < 12; i++) {
        asked(h, "ada@example.com", "correct horse");
        assert_false(refusal_is(&h->r));
    }
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_mails_state_get(tx, 0, &queue), OK);
    store_rollback(&tx);
    assert_int_equal(queue.waiting_count, 6);
    house_close(h);
}

TEST_MAIN
