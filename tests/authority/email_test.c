#include "test.h"

#include "authority/email.h"

TEST(addresses_have_one_spelling)
{
    static const struct row {
        const char *typed, *kept; /* NULL: refused */
    } rows[] = {
        { "ada@example.com", "ada@example.com" },
        { "  Ada.Lovelace@Example.COM\n", "ada.lovelace@example.com" },
        { "o'hara+bot@sub.example.co", "o'hara+bot@sub.example.co" },
        { "", NULL },
        { "ada", NULL },
        { "@example.com", NULL },
        { "ada@", NULL },
        { "ada@localhost", NULL },
        { "ada@example..com", NULL },
        { ".ada@example.com", NULL },
        { "ada@@example.com", NULL },
        { "ada lovelace@example.com", NULL },
        { "ada@example.com, bo@example.com", NULL },
        { "ad\xc3\xa4@example.com", NULL },
        { "<ada@example.com>", NULL },
    };
    char email[ACCOUNT_EMAIL_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(email_parse(slice_of(rows[i].typed), email), rows[i].kept != NULL);
        if (rows[i].kept != NULL)
            assert_string_equal(email, rows[i].kept);
    }
}

TEST(an_address_longer_than_mail_allows_is_refused)
{
    char email[ACCOUNT_EMAIL_SIZE], text[400];

    memset(text, 'a', sizeof text);
    memcpy(text + 60, "@example.com", 12);
    assert_true(email_parse((struct slice){ text, 72 }, email));
    memcpy(text + 65, "@example.com", 12);
    assert_false(email_parse((struct slice){ text + 0, 77 }, email));
    assert_false(email_parse((struct slice){ text, sizeof text }, email));
}

TEST_MAIN
