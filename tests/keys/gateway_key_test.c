#include "keys/gateway_key.h"

#include <sodium.h>
#include <stdio.h>

#include "../test.h"

/* The key of RFC 9421, appendix B.1.4, as it stands there. */
static const char test_key[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
                               "-----END PRIVATE KEY-----\n";

TEST(a_file_is_read_and_written_as_the_rfc_has_it)
{
    char text[GATEWAY_KEY_FILE_SIZE], jwk[GATEWAY_KEY_JWK_SIZE];
    struct gateway_key key;

    assert_true(gateway_key_parse(slice_of(test_key), &key));
    assert_int_equal(gateway_key_format(&key, text), sizeof test_key - 1);
    assert_string_equal(text, test_key);
    gateway_key_jwk_format(&key, jwk);
    assert_string_equal(jwk, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                             "\"kid\":\"poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U\","
                             "\"x\":\"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs\","
                             "\"use\":\"sig\"}");
}

/* RFC 8037, appendix A.1 to A.3. */
TEST(the_thumbprint_is_that_of_rfc_8037)
{
    uint8_t seed[GATEWAY_KEY_SEED_SIZE];
    struct gateway_key key;

    assert_int_equal(sodium_base642bin(seed, sizeof seed,
                                       "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", 43, NULL,
                                       NULL, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
    gateway_key_init(&key, seed);
    assert_string_equal(key.id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/* RFC 8032, section 7.1, test 2. */
TEST(a_signature_is_that_of_rfc_8032)
{
    uint8_t seed[GATEWAY_KEY_SEED_SIZE], signature[GATEWAY_KEY_SIGNATURE_SIZE], message = 0x72;
    uint8_t expected[GATEWAY_KEY_SIGNATURE_SIZE];
    struct gateway_key key;

    sodium_hex2bin(seed, sizeof seed,
                   "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", 64, NULL,
                   NULL, NULL);
    sodium_hex2bin(expected, sizeof expected,
                   "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                   "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
                   128, NULL, NULL, NULL);
    gateway_key_init(&key, seed);
    gateway_key_sign(&key, (struct slice){ (const char *)&message, 1 }, signature);
    assert_memory_equal(signature, expected, sizeof expected);
}

TEST(every_seed_comes_back_from_its_file)
{
    char text[GATEWAY_KEY_FILE_SIZE];
    struct gateway_key key, again;
    uint8_t seed[GATEWAY_KEY_SEED_SIZE];

    for (int i = 0; i < 100; i++) {
        randombytes_buf(seed, sizeof seed);
        gateway_key_init(&key, seed);
        gateway_key_format(&key, text);
        assert_true(gateway_key_parse(slice_of(text), &again));
        assert_memory_equal(&again, &key, sizeof key);
        text[strlen(text) - 1] = '\0'; /* an editor took the last newline */
        assert_true(gateway_key_parse(slice_of(text), &again));
    }
}

TEST(anything_else_is_refused)
{
    static const char ec_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                 "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUpuF81l+kOxbjf7T"
                                 "\n-----END PRIVATE KEY-----\n";
    struct gateway_key key;
    char text[sizeof test_key + 1];

    assert_false(gateway_key_parse(SLICE_EMPTY, &key));
    assert_false(gateway_key_parse(slice_of(ec_key), &key));
    /* 32 bare bytes, as master.key and audit.key are. */
    assert_false(gateway_key_parse((struct slice){ test_key, 32 }, &key));
    for (size_t cut = 0; cut < sizeof test_key - 2; cut++)
        assert_false(gateway_key_parse((struct slice){ test_key, cut }, &key));
    snprintf(text, sizeof text, "%s\n", test_key);
    assert_false(gateway_key_parse(slice_of(text), &key));
    /* The fuzzer found that libsodium's decoder takes bytes above 0x7f for digits. */
    for (size_t i = 0; i < 2 * (sizeof test_key - 2); i++) {
        snprintf(text, sizeof text, "%s", test_key);
        text[i / 2] = i % 2 == 0 ? '*' : '\xff';
        assert_false(gateway_key_parse(slice_of(text), &key));
    }
}

TEST_MAIN
