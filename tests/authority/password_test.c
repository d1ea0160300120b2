#include "test.h"

#include <sodium.h>

#include "authority/password.h"

TEST(a_password_is_kept_as_argon2id_and_recognised)
{
    char hash[ACCOUNT_PASSWORD_SIZE], again[ACCOUNT_PASSWORD_SIZE];
    static struct refusal r;

    assert_int_equal(password_hash(SLICE("correct horse"), hash, &r), OK);
    assert_int_equal(password_hash(SLICE("correct horse"), again, &r), OK);
    assert_false(refusal_is(&r));
    assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
    assert_string_not_equal(hash, again); /* salted */
    assert_true(password_is(hash, SLICE("correct horse")));
    assert_false(password_is(hash, SLICE("correct horsf")));
    assert_false(password_is(hash, SLICE("")));
}

TEST(short_and_endless_passwords_are_refused)
{
    char hash[ACCOUNT_PASSWORD_SIZE], endless[PASSWORD_MOST + 1] = "";
    static struct refusal r;

    assert_int_equal(password_hash(SLICE("123456789"), hash, &r), OK);
    assert_int_equal(r.count, 1);
    assert_int_equal(password_hash((struct slice){ endless, sizeof endless }, hash, &r), OK);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.kind, REFUSAL_INVALID);
}

TEST(who_has_no_account_waits_as_long_as_everybody)
{
    assert_int_equal(crypto_pwhash_str_needs_rehash(password_nobody,
                                                    crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                    crypto_pwhash_MEMLIMIT_INTERACTIVE),
                     0);
    assert_false(password_is(password_nobody, SLICE("correct horse")));
}

TEST_MAIN
