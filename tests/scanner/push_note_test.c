#include "../test.h"

#include "scanner/push_note.h"

/* The example of GitHub's documents, "Validating webhook deliveries". */
TEST(githubs_own_vector_is_right_and_nothing_near_it)
{
    const struct slice secret = SLICE("It's a Secret to Everybody"), body = SLICE("Hello, World!");
    static const char good[] =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    char other[sizeof good];

    assert_true(push_signature_is_right(good, secret, body));
    assert_false(push_signature_is_right(good, secret, SLICE("Hello, World!\n")));
    assert_false(push_signature_is_right(good, SLICE("it's a Secret to Everybody"), body));
    assert_false(push_signature_is_right(good, SLICE_EMPTY, body));
    assert_false(push_signature_is_right(good + 7, secret, body));
    assert_false(push_signature_is_right(NULL, secret, body));
    assert_false(push_signature_is_right("sha256=", secret, body));
    memcpy(other, good, sizeof good);
    other[sizeof good - 2] = '8';
    assert_false(push_signature_is_right(other, secret, body));
    other[sizeof good - 2] = '\0';
    assert_false(push_signature_is_right(other, secret, body));
}

TEST(gitlabs_token_is_the_secret_itself)
{
    const struct slice secret = SLICE("0123456789abcdef");

    assert_true(push_token_is_right("0123456789abcdef", secret));
    assert_false(push_token_is_right("0123456789abcde", secret));
    assert_false(push_token_is_right("0123456789abcdef ", secret));
    assert_false(push_token_is_right("", secret));
    assert_false(push_token_is_right(NULL, secret));
    assert_false(push_token_is_right("", SLICE_EMPTY));
}

TEST(before_is_an_id_or_nothing)
{
    static const struct {
        const char *body, *before;
    } rows[] = {
        { "{\"before\":\"6113728F27AE82C7B1A177C8D03F9E96E0ADF246\"}",
          "6113728f27ae82c7b1a177c8d03f9e96e0adf246" },
        { "{\"before\":\"0000000000000000000000000000000000000000\"}", "" }, /* a new branch */
        { "{\"before\":\"6113728f27ae82c7b1a177c8d03f9e96e0adf24\"}", "" },
        { "{\"before\":\"--upload-pack=touch /tmp/x 000000000000000\"}", "" },
        { "{\"before\":7}", "" },
        { "{}", "" },
    };
    char before[PUSH_ID_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(push_before(slice_of(rows[i].body), before));
        assert_string_equal(before, rows[i].before);
    }
    assert_false(push_before(SLICE("[]"), before));
    assert_false(push_before(SLICE(""), before));
    assert_false(push_before(SLICE("{\"before\":"), before));
}

TEST_MAIN
