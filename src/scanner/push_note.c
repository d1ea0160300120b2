#include "scanner/push_note.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "base/hex.h"

static const char scheme[] = "sha256=";

bool push_signature_is_right(const char *header, struct slice secret, struct slice body)
{
    uint8_t given[crypto_auth_hmacsha256_BYTES], mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    struct slice text = header == NULL ? SLICE_EMPTY : slice_of(header);

    if (secret.size == 0 || !slice_starts(text, slice_of(scheme)) ||
        !hex_parse(slice_from(text, strlen(scheme)), given, sizeof given))
        return false;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret.at, secret.size);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)body.at, body.size);
    crypto_auth_hmacsha256_final(&state, mac);
    return sodium_memcmp(given, mac, sizeof mac) == 0;
}

/* By their hashes, so that the time does not tell how long the secret is. */
bool push_token_is_right(const char *header, struct slice secret)
{
    uint8_t given[crypto_hash_sha256_BYTES], wanted[crypto_hash_sha256_BYTES];

    if (header == NULL || secret.size == 0)
        return false;
    crypto_hash_sha256(given, (const uint8_t *)header, strlen(header));
    crypto_hash_sha256(wanted, (const uint8_t *)secret.at, secret.size);
    return sodium_memcmp(given, wanted, sizeof wanted) == 0;
}

static bool is_id(const char *text)
{
    uint8_t id[(PUSH_ID_SIZE - 1) / 2];
    size_t size = text == NULL ? 0 : strlen(text);

    return (size == 40 || size == PUSH_ID_SIZE - 1) &&
           hex_parse((struct slice){ text, size }, id, size / 2) && !sodium_is_zero(id, size / 2);
}

bool push_before(struct slice body, char before[PUSH_ID_SIZE])
{
    json_t *object = json_loadb(body.at == NULL ? "" : body.at, body.size, 0, NULL);
    const char *text = json_string_value(json_object_get(object, "before"));
    bool is_object = json_is_object(object);
    uint8_t id[(PUSH_ID_SIZE - 1) / 2];

    before[0] = '\0';
    if (is_id(text) && hex_parse(slice_of(text), id, strlen(text) / 2))
        hex_format(id, strlen(text) / 2, before);
    json_decref(object);
    return is_object;
}
