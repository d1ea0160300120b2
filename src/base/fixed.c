#include "base/fixed.h"

#include <stdio.h>

enum { DECIMALS = 8, DIGITS_MOST = 60, EXPONENT_MOST = 100 };

struct decimal {
    uint8_t digits[DIGITS_MOST]; /* significant digits, most significant first */
    int count;
    int point; /* the decimal point stands after this many digits */
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool exponent_read(struct slice text, size_t *i, int *exponent)
{
    bool negative = false;
    size_t start;

    *exponent = 0;
    if (*i == text.size || (text.at[*i] != 'e' && text.at[*i] != 'E'))
        return true;
    (*i)++;
    if (*i < text.size && (text.at[*i] == '-' || text.at[*i] == '+'))
        negative = text.at[(*i)++] == '-';
    for (start = *i; *i < text.size && is_digit(text.at[*i]); (*i)++) {
        *exponent = *exponent * 10 + (text.at[*i] - '0');
        if (*exponent > EXPONENT_MOST)
            return false;
    }
    if (negative)
        *exponent = -*exponent;
    return *i > start;
}

static bool decimal_read(struct slice text, struct decimal *d)
{
    size_t i = 0, seen = 0;
    bool fraction = false;
    int exponent;

    *d = (struct decimal){ 0 };
    if (i < text.size && (text.at[i] == '-' || text.at[i] == '+'))
        d->negative = text.at[i++] == '-';
    for (; i < text.size; i++) {
        if (text.at[i] == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (!is_digit(text.at[i]))
            break;
        seen++;
        if (d->count == 0 && text.at[i] == '0') {
            if (fraction)
                d->point--;
            continue;
        }
        if (d->count == DIGITS_MOST)
            return false;
        d->digits[d->count++] = (uint8_t)(text.at[i] - '0');
        if (!fraction)
            d->point++;
    }
    if (seen == 0 || !exponent_read(text, &i, &exponent) || i != text.size)
        return false;
    d->point += exponent;
    return true;
}

bool fixed_parse(struct slice text, int64_t *value)
{
    struct decimal d;
    uint64_t sum = 0;
    int wanted;

    if (!decimal_read(text, &d))
        return false;
    wanted = d.point + DECIMALS;
    for (int i = 0; i < wanted && d.count > 0; i++) {
        uint64_t digit = i < d.count ? d.digits[i] : 0;

        if (__builtin_mul_overflow(sum, (uint64_t)10, &sum) ||
            __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    if (wanted >= 0 && wanted < d.count && d.digits[wanted] >= 5)
        sum++;
    if (sum > INT64_MAX)
        return false;
    *value = d.negative ? -(int64_t)sum : (int64_t)sum;
    return true;
}

/* Below 10^-6 JavaScript changes to one digit before the point and an exponent. */
static size_t format_tiny(uint64_t magnitude, bool negative, char *text)
{
    const char *sign = negative ? "-" : "";

    if (magnitude < 10)
        return (size_t)snprintf(text, FIXED_TEXT_SIZE, "%s%ue-8", sign, (unsigned)magnitude);
    if (magnitude % 10 == 0)
        return (size_t)snprintf(text, FIXED_TEXT_SIZE, "%s%ue-7", sign, (unsigned)magnitude / 10);
    return (size_t)snprintf(text, FIXED_TEXT_SIZE, "%s%u.%ue-7", sign, (unsigned)magnitude / 10,
                            (unsigned)magnitude % 10);
}

size_t fixed_format(int64_t value, char text[FIXED_TEXT_SIZE])
{
    bool negative = value < 0;
    uint64_t magnitude = negative ? -(uint64_t)value : (uint64_t)value;
    uint64_t whole = magnitude / (uint64_t)FIXED_ONE, rest = magnitude % (uint64_t)FIXED_ONE;
    size_t size;

    if (magnitude > 0 && magnitude < 100)
        return format_tiny(magnitude, negative, text);
    if (rest == 0)
        return (size_t)snprintf(text, FIXED_TEXT_SIZE, "%s%llu", negative ? "-" : "",
                                (unsigned long long)whole);
    size = (size_t)snprintf(text, FIXED_TEXT_SIZE, "%s%llu.%08llu", negative ? "-" : "",
                            (unsigned long long)whole, (unsigned long long)rest);
    while (text[size - 1] == '0')
        text[--size] = '\0';
    return size;
}

bool fixed_multiply(int64_t a, int64_t b, bool up, int64_t *product)
{
    __int128 exact = (__int128)a * b;
    __int128 result = exact / FIXED_ONE;

    if (up && exact % FIXED_ONE != 0)
        result += exact > 0 ? 1 : -1;
    if (result > INT64_MAX || result < INT64_MIN)
        return false;
    *product = (int64_t)result;
    return true;
}
