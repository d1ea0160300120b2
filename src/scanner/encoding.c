#include "scanner/encoding.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word, *words;
} rows[ENCODING_COUNT] = {
#define ENCODING(name, word, words) { word, words },
#include "scanner/encoding.def"
#undef ENCODING
};

enum { DIGITS_MOST = 4 };

/* Escapes: what stands before and behind the digits of a character, in which base, and how many
 * digits there are (0: up to DIGITS_MOST, leading zeros allowed). */
struct escape {
    const char *before, *behind;
    unsigned base, digits;
};

static const struct escape escapes[ENCODING_COUNT] = {
    [ENCODING_HEX] = { "", "", 16, 2 },
    [ENCODING_PERCENT] = { "%", "", 16, 2 },
    [ENCODING_BACKSLASH_U] = { "\\u", "", 16, 4 },
    [ENCODING_BACKSLASH_X] = { "\\x", "", 16, 2 },
    [ENCODING_HTML_HEX] = { "&#x", ";", 16, 0 },
    [ENCODING_HTML_DECIMAL] = { "&#", ";", 10, 0 },
};

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *encoding_word(enum encoding encoding)
{
    return rows[encoding].word;
}

const char *encoding_words(enum encoding encoding)
{
    return rows[encoding].words;
}

static bool is_base64(enum encoding encoding)
{
    return encoding >= ENCODING_BASE64_0 && encoding <= ENCODING_BASE64_2;
}

/* ---- What the matcher looks for ---- */

static void base64_pattern(unsigned offset, struct slice prefix, char *pattern)
{
    size_t size = 0, first = (8 * offset + 5) / 6, end = 8 * (offset + prefix.size) / 6;

    /* Only digits all of whose bits are the prefix's own. */
    for (size_t digit = first; digit < end; digit++) {
        unsigned value = 0;

        for (size_t bit = 6 * digit - 8 * offset; bit < 6 * (digit + 1) - 8 * offset; bit++)
            value = value << 1 | (((unsigned)(uint8_t)prefix.at[bit / 8] >> (7 - bit % 8)) & 1u);
        size += (size_t)snprintf(pattern + size, ENCODING_PATTERN_SIZE - size, "%s%s%c",
                                 digit == first ? "" : "(?:\\r?\\n)?", value >= 62 ? "\\" : "",
                                 base64_digits[value]);
        assert(size < ENCODING_PATTERN_SIZE);
    }
}

static void escape_pattern(const struct escape *escape, struct slice prefix, char *pattern)
{
    size_t size = 0;

    for (size_t i = 0; i < prefix.size; i++) {
        unsigned c = (uint8_t)prefix.at[i];

        size += (size_t)snprintf(pattern + size, ENCODING_PATTERN_SIZE - size, "%s%s",
                                 escape->before[0] == '\\' ? "\\" : "", escape->before);
        if (escape->digits == 0)
            size += (size_t)snprintf(pattern + size, ENCODING_PATTERN_SIZE - size, "0{0,2}");
        size += (size_t)snprintf(pattern + size, ENCODING_PATTERN_SIZE - size,
                                 escape->base == 10    ? "%u%s"
                                 : escape->digits == 4 ? "%04x%s"
                                                       : "%02x%s",
                                 c, escape->behind);
        assert(size < ENCODING_PATTERN_SIZE);
    }
}

void encoding_pattern(enum encoding encoding, struct slice prefix,
                      char pattern[ENCODING_PATTERN_SIZE], bool *any_case)
{
    size_t size = 0;

    *any_case = escapes[encoding].base == 16;
    if (is_base64(encoding)) {
        base64_pattern((unsigned)(encoding - ENCODING_BASE64_0), prefix, pattern);
        return;
    }
    if (escapes[encoding].base != 0) {
        escape_pattern(&escapes[encoding], prefix, pattern);
        return;
    }
    for (size_t i = 0; i < prefix.size; i++)
        size += (size_t)snprintf(pattern + size, ENCODING_PATTERN_SIZE - size, "%s%c%s",
                                 encoding == ENCODING_UTF16_BE ? "\\x00" : "", prefix.at[i],
                                 encoding == ENCODING_UTF16_LE ? "\\x00" : "");
}

/* ---- And how it reads on ---- */

static int digit_value(char c, unsigned base)
{
    int value = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : 16;

    return value < (int)base ? value : -1;
}

/* One character; 0: it is none, or not all there. */
static size_t escape_read(const struct escape *escape, struct slice input, char *c)
{
    size_t before = strlen(escape->before), at = before, digits = 0;
    unsigned value = 0;

    if (!slice_starts(input, slice_of(escape->before)) &&
        !(escape->before[0] == '&' && slice_starts(input, SLICE("&#X")) && escape->base == 16))
        return 0;
    for (; at < input.size && digits < (escape->digits == 0 ? DIGITS_MOST : escape->digits);
         at++, digits++) {
        int digit = digit_value(input.at[at], escape->base);

        if (digit < 0)
            break;
        value = value * escape->base + (unsigned)digit;
        if (value > 0x7f)
            return 0;
    }
    if (digits == 0 || (escape->digits != 0 && digits != escape->digits) ||
        !slice_starts(slice_from(input, at), slice_of(escape->behind)))
        return 0;
    *c = (char)value;
    return at + strlen(escape->behind);
}

static int base64_value(char c)
{
    const char *found = c == '\0' ? NULL : strchr(base64_digits, c);

    if (c == '-' || c == '_') /* the alphabet for URLs */
        return c == '-' ? 62 : 63;
    return found == NULL ? -1 : (int)(found - base64_digits);
}

/* `first`: the first character, some bits of which may stand in a digit before the match. */
static size_t base64_decode(unsigned offset, char first, struct slice input, char *text,
                            size_t most, size_t *used)
{
    unsigned known = (6 - 8 * offset % 6) % 6, bits = known; /* 0, 4 and 2 */
    uint32_t held = (uint32_t)(uint8_t)first >> (8 - known);
    size_t count = 0, at = 0;

    while (count < most && at < input.size) {
        int value = base64_value(input.at[at]);

        if (value < 0 && (input.at[at] == '\r' || input.at[at] == '\n')) {
            at++;
            continue;
        }
        if (value < 0)
            break;
        held = held << 6 | (uint32_t)value;
        bits += 6;
        at++;
        if (bits >= 8) {
            bits -= 8;
            text[count++] = (char)(held >> bits & 0xff);
        }
    }
    *used = at;
    return count;
}

size_t encoding_decode(enum encoding encoding, char first, struct slice input, char *text,
                       size_t most, size_t *used)
{
    size_t count = 0, at = 0;

    if (is_base64(encoding))
        return base64_decode((unsigned)(encoding - ENCODING_BASE64_0), first, input, text, most,
                             used);
    while (count < most) {
        struct slice rest = slice_from(input, at);
        size_t step = 0;

        switch (encoding) {
        case ENCODING_PLAIN:
            step = rest.size >= 1 ? 1 : 0;
            text[count] = step == 0 ? '\0' : rest.at[0];
            break;
        case ENCODING_UTF16_LE:
        case ENCODING_UTF16_BE: {
            size_t low = encoding == ENCODING_UTF16_LE ? 0 : 1;

            step = rest.size >= 2 && rest.at[1 - low] == '\0' ? 2 : 0;
            text[count] = step == 0 ? '\0' : rest.at[low];
            break;
        }
        default:
            step = escape_read(&escapes[encoding], rest, &text[count]);
            break;
        }
        if (step == 0)
            break;
        at += step;
        count++;
    }
    *used = at;
    return count;
}
