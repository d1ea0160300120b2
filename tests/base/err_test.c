#include "base/err.h"

#include "../test.h"

TEST(every_error_has_words)
{
    assert_string_equal(err_text(OK), "ok");
    assert_string_equal(err_text(ERR_CRYPTO), "a cryptographic operation failed");
    assert_string_equal(err_text((enum err)9999), "unknown error");
}

TEST_MAIN
