#include "base/fixed.h"

#include <stdio.h>

#include "../test.h"

TEST(parses_what_clients_send)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        { "0", 0 },
        { "1", FIXED_ONE },
        { "-0.10", -10000000 },
        { "10000.0", 10000 * FIXED_ONE },
        { "1e-07", 10 },
        { "1e-8", 1 },
        { "4E-7", 40 },
        { "+5", 5 * FIXED_ONE },
        { ".5", 50000000 },
        { "5.", 5 * FIXED_ONE },
        { "0.000000014", 1 },
        { "0.000000015", 2 },
        { "-0.000000005", -1 },
        { "0.0000000049", 0 },
        { "92233720368.54775807", INT64_MAX },
        { "1.5e3", 1500 * FIXED_ONE },
        { "00012", 12 * FIXED_ONE },
        { "0e99", 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = -77;

        if (!fixed_parse(slice_of(rows[i].text), &value) || value != rows[i].value)
            fail_msg("%s gave %lld", rows[i].text, (long long)value);
    }
}

TEST(refuses_what_is_no_number_or_too_large)
{
    static const char *const rows[] = {
        "", "-", ".", "e5", "1e", "1e+", "abc", "1.2.3", "1 ", " 1", "0x10", "NaN", "Infinity",
        "1,5", "92233720368.54775808", "1e11", "1e999", "--1", "1e-5x",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = -77;

        if (fixed_parse(slice_of(rows[i]), &value) || value != -77)
            fail_msg("accepted \"%s\" as %lld", rows[i], (long long)value);
    }
}

TEST(formats_as_a_javascript_client_prints)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {
        { 0, "0" },
        { 1, "1e-8" },
        { 10, "1e-7" },
        { 15, "1.5e-7" },
        { -99, "-9.9e-7" },
        { 100, "0.000001" },
        { FIXED_ONE, "1" },
        { -10000000, "-0.1" },
        { 123456789012, "1234.56789012" },
        { INT64_MAX, "92233720368.54775807" },
        { INT64_MIN, "-92233720368.54775808" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[FIXED_TEXT_SIZE];
        size_t size = fixed_format(rows[i].value, text);

        assert_string_equal(text, rows[i].text);
        assert_int_equal(size, strlen(text));
    }
}

TEST(what_is_formatted_parses_back)
{
    for (int64_t value = -1000000007; value < 1000000007; value += 7919) {
        char text[FIXED_TEXT_SIZE];
        int64_t back = 0;
        size_t size = fixed_format(value, text);

        assert_true(fixed_parse((struct slice){ text, size }, &back));
        assert_int_equal(back, value);
    }
}

TEST(multiplies_in_128_bits_and_rounds_as_told)
{
    int64_t product;

    assert_true(fixed_multiply(3, 50000000, false, &product));
    assert_int_equal(product, 1);
    assert_true(fixed_multiply(3, 50000000, true, &product));
    assert_int_equal(product, 2);
    assert_true(fixed_multiply(-3, 50000000, true, &product));
    assert_int_equal(product, -2);
    assert_false(fixed_multiply(INT64_MAX, INT64_MAX, false, &product));
}

TEST_MAIN
