#include "audit/checkpoint.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

enum {
    ALGORITHM_ED25519 = 1,
    SIGNATURE_SIZE = 64,
    /* Key id and signature, as they stand in a signature line. */
    SIGNED_SIZE = 4 + SIGNATURE_SIZE,
};
static const struct slice SIGNATURE_START = { "\xE2\x80\x94 ", 4 }; /* an em dash and a space */

static void base64_format(const void *bytes, size_t size, char *text, size_t text_size)
{
    sodium_bin2base64(text, text_size, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

/* Exactly `size` bytes, padded, no stray bits, so that one value has one text. */
static bool base64_parse(struct slice text, void *bytes, size_t size)
{
    char again[128];
    size_t got;

    if (text.size != sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL) - 1 ||
        text.size >= sizeof again)
        return false;
    if (sodium_base642bin(bytes, size, text.at, text.size, NULL, &got, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        got != size)
        return false;
    base64_format(bytes, size, again, sizeof again);
    return memcmp(again, text.at, text.size) == 0;
}

static bool name_is_fine(struct slice name)
{
    if (name.size == 0 || name.size > NOTE_NAME_MOST)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] <= ' ' || (unsigned char)name.at[i] >= 0x7F ||
            name.at[i] == '+')
            return false;
    return true;
}

static void note_key_identify(struct note_key *key)
{
    static const uint8_t between[2] = { '\n', ALGORITHM_ED25519 };
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)key->name, strlen(key->name));
    crypto_hash_sha256_update(&state, between, sizeof between);
    crypto_hash_sha256_update(&state, key->public_key, sizeof key->public_key);
    crypto_hash_sha256_final(&state, hash);
    memcpy(key->id, hash, sizeof key->id);
}

enum err note_key_init(struct note_key *key, struct slice name, const uint8_t seed[NOTE_SEED_SIZE])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];

    *key = (struct note_key){ 0 };
    if (!name_is_fine(name))
        return ERR_MALFORMED;
    memcpy(key->name, name.at, name.size);
    crypto_sign_seed_keypair(key->public_key, secret, seed);
    sodium_memzero(secret, sizeof secret);
    note_key_identify(key);
    return OK;
}

size_t note_key_format(const struct note_key *key, char text[NOTE_KEY_TEXT_SIZE])
{
    uint8_t typed[1 + sizeof key->public_key] = { ALGORITHM_ED25519 };
    char id[2 * sizeof key->id + 1], base64[48];

    memcpy(typed + 1, key->public_key, sizeof key->public_key);
    hex_format(key->id, sizeof key->id, id);
    base64_format(typed, sizeof typed, base64, sizeof base64);
    return (size_t)snprintf(text, NOTE_KEY_TEXT_SIZE, "%s+%s+%s", key->name, id, base64);
}

bool note_key_parse(struct slice text, struct note_key *key)
{
    const char *plus = text.size == 0 ? NULL : memchr(text.at, '+', text.size);
    uint8_t typed[1 + sizeof key->public_key];
    char again[NOTE_KEY_TEXT_SIZE];
    struct slice name, rest;

    if (plus == NULL)
        return false;
    name = (struct slice){ text.at, (size_t)(plus - text.at) };
    rest = slice_from(text, name.size + 1);
    if (!name_is_fine(name) || rest.size < 9 ||
        !base64_parse(slice_from(rest, 9), typed, sizeof typed) || typed[0] != ALGORITHM_ED25519)
        return false;
    *key = (struct note_key){ 0 };
    memcpy(key->name, name.at, name.size);
    memcpy(key->public_key, typed + 1, sizeof key->public_key);
    note_key_identify(key);
    return slice_is(text, (struct slice){ again, note_key_format(key, again) });
}

void merkle_root_format(const struct merkle_hash *root, char text[MERKLE_ROOT_TEXT_SIZE])
{
    base64_format(root->bytes, MERKLE_HASH_SIZE, text, MERKLE_ROOT_TEXT_SIZE);
}

size_t checkpoint_format(const struct checkpoint *checkpoint, const struct note_key *key,
                         const uint8_t seed[NOTE_SEED_SIZE], char text[CHECKPOINT_TEXT_MOST])
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    uint8_t signed_by[SIGNED_SIZE];
    char root[MERKLE_ROOT_TEXT_SIZE], base64[96];
    int body, whole;

    merkle_root_format(&checkpoint->root, root);
    body = snprintf(text, CHECKPOINT_TEXT_MOST, "%s\n%" PRIu64 "\n%s\n", checkpoint->origin,
                    checkpoint->size, root);
    memcpy(signed_by, key->id, sizeof key->id);
    crypto_sign_seed_keypair(public_key, secret, seed);
    crypto_sign_detached(signed_by + sizeof key->id, NULL, (const uint8_t *)text,
                         (unsigned long long)body, secret);
    sodium_memzero(secret, sizeof secret);
    base64_format(signed_by, sizeof signed_by, base64, sizeof base64);
    whole = snprintf(text + body, CHECKPOINT_TEXT_MOST - (size_t)body, "\n%s%s %s\n",
                     SIGNATURE_START.at, key->name, base64);
    return (size_t)(body + whole);
}

/* Takes the next line without its newline; false when there is no whole line left. */
static bool line_take(struct slice *rest, struct slice *line)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, '\n', rest->size);

    if (end == NULL)
        return false;
    *line = (struct slice){ rest->at, (size_t)(end - rest->at) };
    *rest = slice_from(*rest, line->size + 1);
    return true;
}

static bool size_parse(struct slice text, uint64_t *size)
{
    uint64_t value = 0;

    if (text.size == 0 || text.size > 15 || (text.size > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    *size = value;
    return true;
}

/* The three lines; extension lines, which the specification allows after them, are passed over. */
static bool body_parse(struct slice *rest, struct checkpoint *checkpoint)
{
    struct slice origin, size, root, line;

    *checkpoint = (struct checkpoint){ 0 };
    if (!line_take(rest, &origin) || !line_take(rest, &size) || !line_take(rest, &root) ||
        !name_is_fine(origin) || !size_parse(size, &checkpoint->size) ||
        !base64_parse(root, checkpoint->root.bytes, MERKLE_HASH_SIZE))
        return false;
    memcpy(checkpoint->origin, origin.at, origin.size);
    do {
        if (!line_take(rest, &line))
            return false;
    } while (line.size > 0);
    return true;
}

/* "— name base64" by any key.  `mine` says whether it names `key` and has its id. */
static bool signature_parse(struct slice line, const struct note_key *key,
                            uint8_t signed_by[SIGNED_SIZE], bool *mine)
{
    struct slice name, base64;
    const char *space;

    if (!slice_starts(line, SIGNATURE_START))
        return false;
    line = slice_from(line, SIGNATURE_START.size);
    space = line.size == 0 ? NULL : memchr(line.at, ' ', line.size);
    if (space == NULL)
        return false;
    name = (struct slice){ line.at, (size_t)(space - line.at) };
    base64 = slice_from(line, name.size + 1);
    if (!name_is_fine(name) || base64.size == 0)
        return false;
    *mine = slice_is(name, slice_of(key->name)) && base64_parse(base64, signed_by, SIGNED_SIZE) &&
            memcmp(signed_by, key->id, sizeof key->id) == 0;
    return true;
}

enum checkpoint_answer checkpoint_parse(struct slice text, const struct note_key *key,
                                        struct checkpoint *checkpoint)
{
    struct slice rest = text, line, body;
    bool verified = false, any = false;

    if (text.size > CHECKPOINT_TEXT_MOST || !body_parse(&rest, checkpoint))
        return CHECKPOINT_MALFORMED;
    /* What is signed ends before the blank line. */
    body = (struct slice){ text.at, (size_t)(rest.at - text.at) - 1 };
    while (rest.size > 0) {
        uint8_t signed_by[SIGNED_SIZE];
        bool mine;

        if (!line_take(&rest, &line) || !signature_parse(line, key, signed_by, &mine))
            return CHECKPOINT_MALFORMED;
        any = true;
        if (!mine)
            continue;
        if (crypto_sign_verify_detached(signed_by + sizeof key->id, (const uint8_t *)body.at,
                                        body.size, key->public_key) != 0)
            return CHECKPOINT_FORGED;
        verified = true;
    }
    if (!any)
        return CHECKPOINT_MALFORMED;
    return verified && strcmp(checkpoint->origin, key->name) == 0 ? CHECKPOINT_SIGNED
                                                                  : CHECKPOINT_FORGED;
}
