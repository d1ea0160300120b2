#include "keys/key_text.h"

#include <stdio.h>
#include <string.h>

#include "../test.h"

static uint64_t state_ = 88172645463325252;

/* Xorshift: repeatable, and good enough to look at frequencies. */
static void fill(void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        ((uint8_t *)bytes)[i] = (uint8_t)(state_ >> 32);
    }
}

TEST(ids_survive_the_round_trip)
{
    for (int i = 0; i < 1000; i++) {
        struct key_id id, back;
        char text[KEY_ID_TEXT_SIZE];

        key_id_draw(&id, i % 2 == 0 ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX, fill);
        key_id_format(&id, text);
        assert_int_equal(strlen(text), KEY_ID_SIZE);
        assert_true(slice_starts(slice_of(text), slice_of(i % 2 == 0 ? "lki_live_" : "lki_test_")));
        assert_true(key_id_parse(slice_of(text), &back));
        assert_int_equal(back.environment, id.environment);
        assert_memory_equal(back.random, id.random, KEY_RANDOM_SIZE);
    }
}

TEST(checksums_with_leading_zeros_are_padded)
{
    enum environment environment;
    struct secret secret;

    assert_true(secret_parse(SLICE("lks_test_"
                                   "00000000000000000000000000000000000000"
                                   "4e004qz0"),
                             &environment, &secret));
    assert_int_equal(environment, ENVIRONMENT_SANDBOX);
    assert_int_equal(secret.size, SECRET_TEXT_SIZE);
    assert_true(secret_parse(SLICE("lks_live_"
                                   "000000000000000000000000000000000000000"
                                   "T00GLWQ"),
                             &environment, &secret));
    assert_int_equal(environment, ENVIRONMENT_LIVE);
}

TEST(any_single_changed_character_is_noticed)
{
    static const char others[] = "0zA_";
    struct key_id id;
    char text[KEY_ID_TEXT_SIZE];

    key_id_draw(&id, ENVIRONMENT_LIVE, fill);
    key_id_format(&id, text);
    for (size_t i = 0; i < KEY_ID_SIZE; i++) {
        for (size_t j = 0; others[j] != '\0'; j++) {
            struct key_id back;
            char was = text[i];

            if (was == others[j])
                continue;
            text[i] = others[j];
            assert_false(key_id_parse(slice_of(text), &back));
            text[i] = was;
        }
    }
}

TEST(live_turned_into_test_and_a_secret_dressed_up_as_an_id_fail)
{
    struct key_id id;
    struct secret secret;
    enum environment environment;
    char text[KEY_ID_TEXT_SIZE];

    key_id_draw(&id, ENVIRONMENT_LIVE, fill);
    key_id_format(&id, text);
    memcpy(text, "lki_test_", 9);
    assert_false(key_id_parse(slice_of(text), &id));
    secret_draw(&secret, ENVIRONMENT_LIVE, fill);
    assert_true(secret_parse((struct slice){ (char *)secret.bytes, secret.size }, &environment,
                             &secret));
    secret.bytes[2] = 'i';
    assert_false(secret_parse((struct slice){ (char *)secret.bytes, secret.size }, &environment,
                              &secret));
}

TEST(a_checksum_above_32_bits_is_refused_even_if_it_wraps_to_the_right_one)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct key_id id, back;
    char text[KEY_ID_TEXT_SIZE];
    uint64_t value = 0;

    key_id_draw(&id, ENVIRONMENT_LIVE, fill);
    key_id_format(&id, text);
    for (size_t i = 25; i < KEY_ID_SIZE; i++)
        value = value * 62 + (uint64_t)(strchr(digits, text[i]) - digits);
    value += UINT64_C(1) << 32;
    for (size_t i = KEY_ID_SIZE; i-- > 25; value /= 62)
        text[i] = digits[value % 62];
    assert_false(key_id_parse(slice_of(text), &back));
}

TEST(refuses_other_lengths)
{
    struct key_id id;

    assert_false(key_id_parse(SLICE_EMPTY, &id));
    assert_false(key_id_parse(SLICE("lki_live_"), &id));
    assert_false(key_id_parse(SLICE("lki_live_00000000000000000000000"), &id));
}

TEST(every_character_is_equally_likely)
{
    unsigned seen[256] = { 0 };
    unsigned least = UINT32_MAX, most = 0;

    for (int i = 0; i < 20000; i++) {
        struct secret secret;

        secret_draw(&secret, ENVIRONMENT_LIVE, fill);
        for (size_t j = 0; j < SECRET_RANDOM_SIZE; j++)
            seen[secret.bytes[9 + j]]++;
    }
    for (unsigned c = 0; c < 256; c++) {
        if (seen[c] == 0)
            continue;
        least = seen[c] < least ? seen[c] : least;
        most = seen[c] > most ? seen[c] : most;
    }
    /* 800000 / 62 = 12903, standard deviation 113; modulo bias would make eight of them 16129. */
    assert_true(least > 12903 - 600);
    assert_true(most < 12903 + 600);
}

TEST_MAIN
