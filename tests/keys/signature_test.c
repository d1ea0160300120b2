#include "keys/signature.h"

#include <string.h>

#include "base/hex.h"

#include "../test.h"

static void assert_signed(const char *key, const char *text, const char *expected)
{
    struct secret secret = { .size = strlen(key) };
    struct midstate midstate;
    uint8_t signature[SIGNATURE_SIZE], wanted[SIGNATURE_SIZE];
    char hex[SIGNATURE_TEXT_SIZE + 1];
    struct slice whole = slice_of(text);

    memcpy(secret.bytes, key, secret.size);
    midstate_init(&midstate, &secret);
    signature_compute(&midstate, &whole, 1, signature);
    hex_format(signature, sizeof signature, hex);
    assert_string_equal(hex, expected);
    assert_true(signature_parse(slice_of(expected), wanted));

    /* However the text is cut. */
    for (size_t cut = 0; cut <= whole.size; cut++) {
        struct slice parts[] = { { whole.at, cut }, SLICE_EMPTY, slice_from(whole, cut) };

        signature_compute(&midstate, parts, 3, signature);
        assert_true(signature_equal(signature, wanted));
    }
    signature[47] ^= 1;
    assert_false(signature_equal(signature, wanted));
}

TEST(signs_as_rfc_4231_says)
{
    assert_signed("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
                  "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
                  "Hi There",
                  "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
                  "faea9ea9076ede7f4af152e8b2fa9cb6");
    assert_signed("Jefe", "what do ya want for nothing?",
                  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                  "8e2240ca5e69e2c78b3239ecfab21649");
}

TEST(signs_as_the_clients_of_the_venue_do)
{
    assert_signed("testsecret", "/api/v2/auth/r/wallets1700000000000000{}",
                  "3a623df8fa689b8fbb0ac3071e467eabb9421d31a9c03576f44b684450eca0e6"
                  "6df9bae3bac08562e858fab05d40a8a7");
    assert_signed("testsecret", "/api/v2/auth/r/wallets1700000000000000",
                  "d66affd16a4f66bf996224b2ea1cc9ad62897dc7c36019f941e524ca42f0452c"
                  "1b5b9966fa294dbc054ff82bef7938ec");
    assert_signed("testsecret",
                  "/api/v2/auth/w/order/submit1700000000000001{\"type\":\"EXCHANGE LIMIT\","
                  "\"symbol\":\"tBTCUSD\",\"amount\":\"0.1\",\"price\":\"10000\"}",
                  "03610ef4dacd3a95fb9136ef6804f58da0be8250145a26b7ea0d12ec656a2f30"
                  "8662d19b5773ab7b5e811172fb40e85a");
    assert_signed("testsecret", "/api/v2/auth/r/order/tBTCF0:USTF0:5/trades1700000000000002{}",
                  "cd5c6a305aea6d90731c4933f0a7ce1d879ed6fc32546812b7082b29d0cd579a"
                  "0eca4ee6698196f9e6bc2f75aedb1ea3");
    assert_signed("testsecret", "AUTH1700000000000003",
                  "b4073eb5ac959f4422d34dfa8705c3717c558582919bf0b58a88b7222a04a42e"
                  "eaa582d1c6e8fb0573697a3f9ca4d661");
}

TEST(a_signature_is_exactly_96_hexadecimal_digits)
{
    uint8_t signature[SIGNATURE_SIZE];
    char text[98];

    memset(text, 'a', sizeof text);
    assert_true(signature_parse((struct slice){ text, 96 }, signature));
    assert_false(signature_parse((struct slice){ text, 95 }, signature));
    assert_false(signature_parse((struct slice){ text, 97 }, signature));
    text[95] = 'g';
    assert_false(signature_parse((struct slice){ text, 96 }, signature));
    text[95] = ' ';
    assert_false(signature_parse((struct slice){ text, 96 }, signature));
    assert_false(signature_parse(SLICE_EMPTY, signature));
}

TEST_MAIN
