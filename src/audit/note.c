#include "audit/note.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

enum { ID_SIZE = 4, SIGNED_MOST = 72 };
static const struct slice LINE_START = { "\xE2\x80\x94 ", 4 }; /* an em dash and a space */

void note_base64_format(const void *bytes, size_t size, char *text)
{
    sodium_bin2base64(text, NOTE_BASE64_SIZE(size), bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

/* libsodium takes neither stray bits nor a wrong padding, but byte 0xAF for a slash: with plain
 * ASCII only, one value has one text. */
bool note_base64_parse_some(struct slice text, void *bytes, size_t room, size_t *size)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] >= 0x7F)
            return false;
    return text.size > 0 && sodium_base642bin(bytes, room, text.at, text.size, NULL, size, NULL,
                                              sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool note_base64_parse(struct slice text, void *bytes, size_t size)
{
    size_t got;

    return text.size == NOTE_BASE64_SIZE(size) - 1 &&
           note_base64_parse_some(text, bytes, size, &got) && got == size;
}

bool note_name_is_fine(struct slice name)
{
    if (name.size == 0 || name.size > NOTE_NAME_MOST)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] <= ' ' || (unsigned char)name.at[i] >= 0x7F ||
            name.at[i] == '+')
            return false;
    return true;
}

static void key_identify(struct note_key *key)
{
    const uint8_t between[2] = { '\n', (uint8_t)key->type };
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)key->name, strlen(key->name));
    crypto_hash_sha256_update(&state, between, sizeof between);
    crypto_hash_sha256_update(&state, key->public_key, sizeof key->public_key);
    crypto_hash_sha256_final(&state, hash);
    memcpy(key->id, hash, sizeof key->id);
}

enum err note_key_init(struct note_key *key, enum note_key_type type, struct slice name,
                       const uint8_t seed[NOTE_SEED_SIZE])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];

    *key = (struct note_key){ .type = type };
    if (!note_name_is_fine(name))
        return ERR_MALFORMED;
    memcpy(key->name, name.at, name.size);
    crypto_sign_seed_keypair(key->public_key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    key_identify(key);
    return OK;
}

size_t note_key_format(const struct note_key *key, char text[NOTE_KEY_TEXT_SIZE])
{
    uint8_t typed[1 + sizeof key->public_key] = { (uint8_t)key->type };
    char id[2 * ID_SIZE + 1], base64[NOTE_BASE64_SIZE(sizeof typed)];

    memcpy(typed + 1, key->public_key, sizeof key->public_key);
    hex_format(key->id, sizeof key->id, id);
    note_base64_format(typed, sizeof typed, base64);
    return (size_t)snprintf(text, NOTE_KEY_TEXT_SIZE, "%s+%s+%s", key->name, id, base64);
}

bool note_key_parse(struct slice text, enum note_key_type type, struct note_key *key)
{
    const char *plus = text.size == 0 ? NULL : memchr(text.at, '+', text.size);
    uint8_t typed[1 + sizeof key->public_key];
    char again[NOTE_KEY_TEXT_SIZE];
    struct slice name, rest;

    if (plus == NULL)
        return false;
    name = (struct slice){ text.at, (size_t)(plus - text.at) };
    rest = slice_from(text, name.size + 1);
    if (!note_name_is_fine(name) || rest.size < 9 ||
        !note_base64_parse(slice_from(rest, 9), typed, sizeof typed) || typed[0] != type)
        return false;
    *key = (struct note_key){ .type = type };
    memcpy(key->name, name.at, name.size);
    memcpy(key->public_key, typed + 1, sizeof key->public_key);
    key_identify(key);
    return slice_is(text, (struct slice){ again, note_key_format(key, again) });
}

void note_sign(struct slice text, const uint8_t seed[NOTE_SEED_SIZE],
               uint8_t signature[NOTE_SIGNATURE_SIZE])
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];

    crypto_sign_seed_keypair(public_key, secret, seed);
    crypto_sign_detached(signature, NULL, (const uint8_t *)text.at, text.size, secret);
    sodium_memzero(secret, sizeof secret);
}

bool note_signature_is_right(struct slice text, const struct note_key *key,
                             const uint8_t signature[NOTE_SIGNATURE_SIZE])
{
    return crypto_sign_verify_detached(signature, (const uint8_t *)text.at, text.size,
                                       key->public_key) == 0;
}

size_t note_line_format(const struct note_key *key, const uint8_t *bytes, size_t size, char *text,
                        size_t room)
{
    uint8_t with_id[ID_SIZE + SIGNED_MOST];
    char base64[NOTE_BASE64_SIZE(sizeof with_id)];
    int written;

    memcpy(with_id, key->id, ID_SIZE);
    memcpy(with_id + ID_SIZE, bytes, size);
    note_base64_format(with_id, ID_SIZE + size, base64);
    written = snprintf(text, room, "%s%s %s\n", LINE_START.at, key->name, base64);
    return (size_t)written < room ? (size_t)written : 0;
}

bool note_take(struct slice *rest, struct slice *line)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, '\n', rest->size);

    if (end == NULL)
        return false;
    *line = (struct slice){ rest->at, (size_t)(end - rest->at) };
    *rest = slice_from(*rest, line->size + 1);
    return true;
}

bool note_line_parse(struct slice *rest, const struct note_key *key, uint8_t *bytes, size_t size,
                     bool *mine)
{
    uint8_t with_id[ID_SIZE + SIGNED_MOST];
    struct slice line, name, base64;
    const char *space;

    if (!note_take(rest, &line) || !slice_starts(line, LINE_START))
        return false;
    line = slice_from(line, LINE_START.size);
    space = line.size == 0 ? NULL : memchr(line.at, ' ', line.size);
    if (space == NULL)
        return false;
    name = (struct slice){ line.at, (size_t)(space - line.at) };
    base64 = slice_from(line, name.size + 1);
    if (!note_name_is_fine(name) || base64.size == 0)
        return false;
    *mine = slice_is(name, slice_of(key->name)) &&
            note_base64_parse(base64, with_id, ID_SIZE + size) &&
            memcmp(with_id, key->id, ID_SIZE) == 0;
    if (*mine)
        memcpy(bytes, with_id + ID_SIZE, size);
    return true;
}

bool note_number_parse(struct slice text, uint64_t *number)
{
    uint64_t value = 0;

    if (text.size == 0 || text.size > 15 || (text.size > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    *number = value;
    return true;
}
