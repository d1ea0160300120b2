#include "../test.h"

#include <sodium.h>
#include <string.h>

#include "authority/alert_signature.h"

/* GitHub's published vector: "Secret scanning partner program", signature verification. */
#define SIGNER                                                           \
    "-----BEGIN PUBLIC KEY-----\n"                                       \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\n" \
    "HzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==\n"     \
    "-----END PUBLIC KEY-----\n"
#define SIGNATURE                                                                 \
    "MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ" \
    "+L2y8oQ9A2T9GGJo6WJY="
#define BODY                                                                  \
    "[{\"token\":\"some_token\",\"type\":\"some_type\",\"url\":\"some_url\"," \
    "\"source\":\"some_source\"}]"

/* The same page of a later year; one of its integers has only 31 bytes. */
#define LATER_SIGNER                                                     \
    "-----BEGIN PUBLIC KEY-----\n"                                       \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\n" \
    "AjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n"     \
    "-----END PUBLIC KEY-----\n"
#define LATER_SIGNATURE                                                           \
    "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY" \
    "66YcAdjxji410VQV4xg=="
#define LATER_BODY                                                             \
    "[{\"source\":\"commit\",\"token\":\"some_token\",\"type\":\"some_type\"," \
    "\"url\":\"https://example.com/base-repo-url/\"}]"

TEST(the_published_vectors_hold)
{
    assert_true(alert_signature_holds(SLICE(SIGNER), SLICE(BODY), SLICE(SIGNATURE)));
    assert_true(
        alert_signature_holds(SLICE(LATER_SIGNER), SLICE(LATER_BODY), SLICE(LATER_SIGNATURE)));
}

TEST(anything_else_does_not)
{
    static const char *const signatures[] = {
        "", "=", "AAAA", "MEUCIQ==", LATER_SIGNATURE, SIGNATURE "=", SIGNATURE "\n", "MAYCAQACAQA=",
    };
    char body[sizeof BODY];

    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        assert_false(alert_signature_holds(SLICE(SIGNER), SLICE(BODY), slice_of(signatures[i])));
    for (size_t i = 0; i < sizeof BODY - 1; i++) {
        memcpy(body, BODY, sizeof BODY);
        body[i] ^= 1;
        assert_false(alert_signature_holds(SLICE(SIGNER), slice_of(body), SLICE(SIGNATURE)));
    }
    assert_false(alert_signature_holds(SLICE(SIGNER), SLICE(BODY "\n"), SLICE(SIGNATURE)));
    assert_false(alert_signature_holds(SLICE(LATER_SIGNER), SLICE(BODY), SLICE(SIGNATURE)));
    assert_false(alert_signature_holds(SLICE("no key"), SLICE(BODY), SLICE(SIGNATURE)));
    assert_false(alert_signature_holds(SLICE_EMPTY, SLICE(BODY), SLICE(SIGNATURE)));
}

static bool der_holds(const uint8_t *der, size_t size)
{
    char text[256];

    sodium_bin2base64(text, sizeof text, der, size, sodium_base64_VARIANT_ORIGINAL);
    return alert_signature_holds(SLICE(SIGNER), SLICE(BODY), slice_of(text));
}

/* Tags, lengths and signs among them; and what is cut off, or has something behind it. */
TEST(a_signature_whose_der_is_not_exactly_that_does_not_hold)
{
    uint8_t der[160];
    size_t size;

    assert_int_equal(sodium_base642bin(der, sizeof der, SIGNATURE, sizeof SIGNATURE - 1, NULL,
                                       &size, NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_true(der_holds(der, size));
    for (size_t i = 0; i < size; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            der[i] ^= (uint8_t)(1U << bit);
            assert_false(der_holds(der, size));
            der[i] ^= (uint8_t)(1U << bit);
        }
    for (size_t less = 0; less < size; less++)
        assert_false(der_holds(der, less));
    memset(der + size, 0, sizeof der - size);
    for (size_t more = 1; more < 80; more++)
        assert_false(der_holds(der, size + more));
    assert_true(der_holds(der, size));
}

TEST_MAIN
