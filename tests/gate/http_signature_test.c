#include "gate/http_signature.h"

#include <stdio.h>

#include "../test.h"

static const struct gateway_key *test_key(void)
{
    static struct gateway_key key;

    assert_true(gateway_key_parse(
        SLICE("-----BEGIN PRIVATE KEY-----\n"
              "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
              "-----END PRIVATE KEY-----\n"),
        &key));
    return &key;
}

/* RFC 9421, appendix B.2.6: Signing a Request Using ed25519. */
TEST(the_rfc_s_own_signature_comes_out)
{
    static const struct http_component components[] = {
        { "\"date\"", { "Tue, 20 Apr 2021 02:07:55 GMT", 29 } },
        { "\"@method\"", { "POST", 4 } },
        { "\"@path\"", { "/foo", 4 } },
        { "\"@authority\"", { "example.com", 11 } },
        { "\"content-type\"", { "application/json", 16 } },
        { "\"content-length\"", { "18", 2 } },
    };
    const struct http_signature signature = { .label = "sig-b26", .components = components,
                                              .component_count = 6, .created_s = 1618884473,
                                              .keyid = "test-key-ed25519" };
    char input[HTTP_SIGNATURE_INPUT_SIZE], text[HTTP_SIGNATURE_TEXT_SIZE];
    char base[HTTP_SIGNATURE_BASE_SIZE];

    assert_true(http_signature_make(&signature, test_key(), input, text));
    assert_string_equal(input,
                        "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" "
                        "\"content-length\");created=1618884473;keyid=\"test-key-ed25519\"");
    assert_true(http_signature_base_format(&signature, input, base) > 0);
    assert_string_equal(base,
                        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
                        "\"@method\": POST\n"
                        "\"@path\": /foo\n"
                        "\"@authority\": example.com\n"
                        "\"content-type\": application/json\n"
                        "\"content-length\": 18\n"
                        "\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" "
                        "\"content-type\" \"content-length\");created=1618884473"
                        ";keyid=\"test-key-ed25519\"");
    assert_string_equal(text, "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9"
                              "EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:");
}

/* RFC 9421, appendix B.2.4: the base of a signed response. */
TEST(the_base_of_a_response_is_the_rfc_s)
{
    static const struct http_component components[] = {
        { "\"@status\"", { "200", 3 } },
        { "\"content-type\"", { "application/json", 16 } },
        { "\"content-digest\"",
          { "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq"
            "4l5aGgfLQ==:", 98 } },
        { "\"content-length\"", { "23", 2 } },
    };
    const struct http_signature signature = { .label = "sig-b24", .components = components,
                                              .component_count = 4, .created_s = 1618884473,
                                              .keyid = "test-key-ecc-p256" };
    char input[HTTP_SIGNATURE_INPUT_SIZE], base[HTTP_SIGNATURE_BASE_SIZE];

    assert_true(http_signature_input_format(&signature, input) > 0);
    assert_true(http_signature_base_format(&signature, input, base) > 0);
    assert_string_equal(base,
                        "\"@status\": 200\n"
                        "\"content-type\": application/json\n"
                        "\"content-digest\": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJ"
                        "c4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:\n"
                        "\"content-length\": 23\n"
                        "\"@signature-params\": (\"@status\" \"content-type\" \"content-digest\" "
                        "\"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"");
}

/* RFC 9530, section 2 and appendix B.1. */
TEST(a_digest_is_that_of_rfc_9530)
{
    char text[CONTENT_DIGEST_SIZE];

    content_digest_format(SLICE("{\"hello\": \"world\"}\n"), text);
    assert_string_equal(text, "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    content_digest_format(SLICE_EMPTY, text);
    assert_string_equal(text, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    assert_int_equal(strlen(text), CONTENT_DIGEST_SIZE - 1);
}

/* A row: what a client sent as its nonce, what the parameter says. */
TEST(a_nonce_is_a_string_whatever_the_client_sent)
{
    static const struct {
        struct slice sent;
        const char *said;
    } rows[] = {
        { { "1795391999999000", 16 }, "1795391999999000" },
        { { "", 0 }, "" },
        { { "a b", 3 }, "a b" },
        { { "\";keyid=\"x", 10 }, "\\\";keyid=\\\"x" },
        { { "\\\\", 2 }, "\\\\\\\\" },
        { { "\xc3\xa9\t\x7f\n\0x", 7 }, "??????x" },
        { { "0123456789abcdef0123456789abcdefX", 33 }, "0123456789abcdef0123456789abcdef" },
        { { "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"", 32 },
          "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\""
          "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct http_signature signature = { .label = "latchkey", .nonce = rows[i].sent,
                                                  .created_s = 7, .keyid = "k", .alg = "ed25519" };
        char input[HTTP_SIGNATURE_INPUT_SIZE], expected[HTTP_SIGNATURE_INPUT_SIZE];

        snprintf(expected, sizeof expected,
                 "latchkey=();created=7;nonce=\"%s\";keyid=\"k\";alg=\"ed25519\"", rows[i].said);
        assert_int_equal(http_signature_input_format(&signature, input), strlen(expected));
        assert_string_equal(input, expected);
    }
}

TEST(parameters_stand_only_where_they_are_given)
{
    const struct http_signature signature = { .label = "binding0", .created_s = 7,
                                              .expires_s = 67, .keyid = "k",
                                              .tag = "http-message-signatures-directory" };
    char input[HTTP_SIGNATURE_INPUT_SIZE];

    http_signature_input_format(&signature, input);
    assert_string_equal(input, "binding0=();created=7;expires=67;keyid=\"k\""
                               ";tag=\"http-message-signatures-directory\"");
}

TEST(what_does_not_fit_is_not_signed)
{
    char value[HTTP_SIGNATURE_BASE_SIZE];
    char input[HTTP_SIGNATURE_INPUT_SIZE], text[HTTP_SIGNATURE_TEXT_SIZE];
    struct http_component component = { "\"@authority\";req", { value, 255 } };
    const struct http_signature signature = { .label = "l", .components = &component,
                                              .component_count = 1, .keyid = "k" };

    memset(value, 'a', sizeof value);
    assert_true(http_signature_make(&signature, test_key(), input, text));
    component.value.size = sizeof value;
    assert_false(http_signature_make(&signature, test_key(), input, text));
}

TEST_MAIN
