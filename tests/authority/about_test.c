#include "test.h"

#include "authority/about.h"

/* What was sealed in the past opens only with the very same texts. */
TEST(what_seals_are_about_never_changes)
{
    char text[ABOUT_SIZE];
    struct slice key = about_key(ENVIRONMENT_LIVE, "0123456789abcdef", text);

    assert_int_equal(key.size, 31);
    assert_memory_equal(key.at, "lki_live_0123456789abcdef", 25);
    assert_true(slice_is(about_totp(1001, text), SLICE("totp 1001")));
    assert_true(slice_is(about_webhook(7, text), SLICE("webhook 7")));
    assert_true(slice_is(about_mail(UINT64_MAX, text), SLICE("mail 18446744073709551615")));
    assert_true(slice_is(about_alert(7, text), SLICE("alert 7")));
    assert_true(slice_is(about_leak_object(7, text), SLICE("leak object 7")));
    assert_true(slice_is(about_document("0123456789abcdef0123456789abcdef", 1001, text),
                         SLICE("document 0123456789abcdef0123456789abcdef of 1001")));
}

TEST_MAIN
