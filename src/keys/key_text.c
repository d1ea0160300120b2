#include "keys/key_text.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

enum {
    CHECKSUM_SIZE = 6, /* 62^6 > 2^32 */
};

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Indexed by kind of text, then by environment. */
static const char prefixes[2][ENVIRONMENT_COUNT][KEY_PREFIX_SIZE + 1] = {
    { "lki_live_", "lki_test_" },
    { "lks_live_", "lks_test_" },
};
enum text_kind { TEXT_ID, TEXT_SECRET };

/* Value of a digit plus one; 0 for anything else.  A table, because a branch on each random
 * character would be guessed wrong too often for the gateway's hot path. */
static const uint8_t values[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7,
    ['7'] = 8, ['8'] = 9, ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14,
    ['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['I'] = 19, ['J'] = 20, ['K'] = 21,
    ['L'] = 22, ['M'] = 23, ['N'] = 24, ['O'] = 25, ['P'] = 26, ['Q'] = 27, ['R'] = 28,
    ['S'] = 29, ['T'] = 30, ['U'] = 31, ['V'] = 32, ['W'] = 33, ['X'] = 34, ['Y'] = 35,
    ['Z'] = 36, ['a'] = 37, ['b'] = 38, ['c'] = 39, ['d'] = 40, ['e'] = 41, ['f'] = 42,
    ['g'] = 43, ['h'] = 44, ['i'] = 45, ['j'] = 46, ['k'] = 47, ['l'] = 48, ['m'] = 49,
    ['n'] = 50, ['o'] = 51, ['p'] = 52, ['q'] = 53, ['r'] = 54, ['s'] = 55, ['t'] = 56,
    ['u'] = 57, ['v'] = 58, ['w'] = 59, ['x'] = 60, ['y'] = 61, ['z'] = 62,
};

static unsigned digit_value(char c)
{
    return values[(uint8_t)c] - 1U; /* UINT_MAX for no digit */
}

static uint32_t checksum(const char *text, size_t size)
{
    return (uint32_t)crc32(0, (const Bytef *)text, (uInt)size);
}

static void checksum_append(char *text, size_t size)
{
    uint32_t rest = checksum(text, size);

    for (size_t i = CHECKSUM_SIZE; i-- > 0; rest /= 62)
        text[size + i] = digits[rest % 62];
}

/* Numbers are compared, not texts: six digits could also write values above 2^32. */
static bool checksum_is(const char *text, size_t size)
{
    uint64_t value = 0;
    bool wrong = false;

    for (size_t i = 0; i < CHECKSUM_SIZE; i++) {
        unsigned digit = digit_value(text[size + i]);

        wrong |= digit > 61;
        value = value * 62 + digit;
    }
    return !wrong && value == checksum(text, size);
}

/* Checks prefix, alphabet and checksum of a text of `random_size` random characters. */
static bool text_is(struct slice text, enum text_kind kind, size_t random_size,
                    enum environment *environment)
{
    bool wrong = false;
    int found = -1;

    if (text.size != KEY_PREFIX_SIZE + random_size + CHECKSUM_SIZE)
        return false;
    for (int i = 0; i < ENVIRONMENT_COUNT; i++) {
        if (slice_starts(text, (struct slice){ prefixes[kind][i], KEY_PREFIX_SIZE }))
            found = i;
    }
    if (found < 0)
        return false;
    for (size_t i = 0; i < random_size; i++)
        wrong |= digit_value(text.at[KEY_PREFIX_SIZE + i]) > 61;
    if (wrong || !checksum_is(text.at, KEY_PREFIX_SIZE + random_size))
        return false;
    *environment = (enum environment)found;
    return true;
}

static void draw(char *text, size_t size, random_fill *fill)
{
    uint8_t bytes[64];
    size_t used = sizeof bytes;

    for (size_t i = 0; i < size;) {
        if (used == sizeof bytes) {
            fill(bytes, sizeof bytes);
            used = 0;
        }
        /* 248 = 4 x 62: bytes above it would make the first eight digits likelier. */
        if (bytes[used] < 248)
            text[i++] = digits[bytes[used] % 62];
        used++;
    }
    secret_wipe_bytes(bytes, sizeof bytes);
}

void key_id_draw(struct key_id *id, enum environment environment, random_fill *fill)
{
    id->environment = environment;
    draw(id->random, KEY_RANDOM_SIZE, fill);
}

void key_id_format(const struct key_id *id, char text[KEY_ID_TEXT_SIZE])
{
    memcpy(text, prefixes[TEXT_ID][id->environment], KEY_PREFIX_SIZE);
    memcpy(text + KEY_PREFIX_SIZE, id->random, KEY_RANDOM_SIZE);
    checksum_append(text, KEY_PREFIX_SIZE + KEY_RANDOM_SIZE);
    text[KEY_ID_SIZE] = '\0';
}

bool key_id_parse(struct slice text, struct key_id *id)
{
    enum environment environment;

    if (!text_is(text, TEXT_ID, KEY_RANDOM_SIZE, &environment))
        return false;
    id->environment = environment;
    memcpy(id->random, text.at + KEY_PREFIX_SIZE, KEY_RANDOM_SIZE);
    return true;
}

void secret_draw(struct secret *secret, enum environment environment, random_fill *fill)
{
    char *text = (char *)secret->bytes;

    static_assert(SECRET_TEXT_SIZE == KEY_PREFIX_SIZE + SECRET_RANDOM_SIZE + CHECKSUM_SIZE, "");
    static_assert(KEY_ID_SIZE == KEY_PREFIX_SIZE + KEY_RANDOM_SIZE + CHECKSUM_SIZE, "");
    memset(secret, 0, sizeof *secret);
    memcpy(text, prefixes[TEXT_SECRET][environment], KEY_PREFIX_SIZE);
    draw(text + KEY_PREFIX_SIZE, SECRET_RANDOM_SIZE, fill);
    checksum_append(text, KEY_PREFIX_SIZE + SECRET_RANDOM_SIZE);
    secret->size = SECRET_TEXT_SIZE;
}

bool secret_parse(struct slice text, enum environment *environment, struct secret *secret)
{
    if (!text_is(text, TEXT_SECRET, SECRET_RANDOM_SIZE, environment))
        return false;
    memset(secret, 0, sizeof *secret);
    memcpy(secret->bytes, text.at, text.size);
    secret->size = text.size;
    return true;
}
