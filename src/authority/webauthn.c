#include "authority/webauthn.h"

#include <assert.h>
#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdlib.h>

/* Authenticator data (6.1): 32 bytes SHA-256 of the RP id, flags, counter of 4 bytes; then, in a
 * registration, 16 bytes AAGUID, 2 bytes size of the id, the id, the key (CBOR); then extensions.
 */
enum {
    FLAGS_AT = 32,
    DATA_LEAST = 37,
    ID_SIZE_AT = 53,
    ID_AT = 55,
    FLAG_PRESENT = 0x01,
    FLAG_VERIFIED = 0x04,
    FLAG_CREDENTIAL = 0x40,
};

static_assert(WEBAUTHN_HASH_SIZE == SHA256_DIGEST_LENGTH, "said in the header");

const int webauthn_algorithms[] = { COSE_ES256, COSE_EDDSA, COSE_RS256, 0 };

static const struct {
    const char *code, *words;
} answers[] = {
#define WEBAUTHN(name, code, words) [WEBAUTHN_##name] = { code, words },
#include "authority/webauthn.def"
#undef WEBAUTHN
};

const char *webauthn_code(enum webauthn_answer answer)
{
    return answers[answer].code;
}

const char *webauthn_words(enum webauthn_answer answer)
{
    return answers[answer].words;
}

static enum webauthn_answer client_judge(const json_t *data, enum webauthn_ceremony ceremony,
                                         const char *origin, struct webauthn_client *client)
{
    const json_t *crossed = json_object_get(data, "crossOrigin");
    const json_t *challenge = json_object_get(data, "challenge");
    const char *type = json_string_value(json_object_get(data, "type"));
    const char *from = json_string_value(json_object_get(data, "origin"));
    size_t size;

    if (type == NULL || from == NULL || challenge == NULL || !json_is_string(challenge) ||
        sodium_base642bin(client->challenge, sizeof client->challenge, json_string_value(challenge),
                          json_string_length(challenge), NULL, &size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        size != sizeof client->challenge)
        return WEBAUTHN_MALFORMED;
    if (strcmp(type, ceremony == WEBAUTHN_CREATE ? "webauthn.create" : "webauthn.get") != 0)
        return WEBAUTHN_TYPE;
    if (strcmp(from, origin) != 0)
        return WEBAUTHN_ORIGIN;
    if ((crossed != NULL && !json_is_false(crossed)) || json_object_get(data, "topOrigin") != NULL)
        return WEBAUTHN_FRAMED;
    return WEBAUTHN_FINE;
}

enum webauthn_answer webauthn_client_read(struct slice text, enum webauthn_ceremony ceremony,
                                          const char *origin, struct webauthn_client *client)
{
    enum webauthn_answer answer = WEBAUTHN_MALFORMED;
    json_t *data = NULL;

    if (text.size <= WEBAUTHN_CLIENT_DATA_MOST)
        data = json_loadb(text.at, text.size, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(data))
        answer = client_judge(data, ceremony, origin, client);
    json_decref(data);
    if (answer == WEBAUTHN_FINE)
        SHA256((const uint8_t *)text.at, text.size, client->sha256);
    return answer;
}

/* What a walk over CBOR has seen. */
struct walk {
    size_t left; /* bytes from the present item on */
    bool modest;
};

static void claim_judge(void *context, size_t count)
{
    struct walk *walk = context;

    if (count > walk->left)
        walk->modest = false;
}

static void nothing_opens(void *context)
{
    struct walk *walk = context;

    walk->modest = false;
}

/* Whether the bytes are CBOR items whose arrays and maps claim no more members than there are
 * bytes.  libcbor allocates what is claimed before it has seen any of it, so a few bytes could ask
 * for gigabytes.  Items of indefinite length have no place in CTAP's canonical form. */
static bool cbor_is_modest(struct slice bytes)
{
    struct cbor_callbacks callbacks = cbor_empty_callbacks;
    struct walk walk = { .modest = true };

    callbacks.array_start = callbacks.map_start = claim_judge;
    callbacks.indef_array_start = callbacks.indef_map_start = nothing_opens;
    callbacks.byte_string_start = callbacks.string_start = nothing_opens;
    for (size_t offset = 0; offset < bytes.size && walk.modest;) {
        struct cbor_decoder_result one;

        walk.left = bytes.size - offset;
        one = cbor_stream_decode((const uint8_t *)bytes.at + offset, walk.left, &callbacks, &walk);
        if (one.status != CBOR_DECODER_FINISHED)
            return false;
        offset += one.read;
    }
    return walk.modest;
}

static enum webauthn_answer data_judge(const char *rp_id, struct slice data)
{
    uint8_t expected[SHA256_DIGEST_LENGTH], flags;

    if (data.size < DATA_LEAST || data.size > WEBAUTHN_OBJECT_MOST)
        return WEBAUTHN_MALFORMED;
    SHA256((const uint8_t *)rp_id, strlen(rp_id), expected);
    if (memcmp(data.at, expected, sizeof expected) != 0)
        return WEBAUTHN_RP;
    flags = (uint8_t)data.at[FLAGS_AT];
    if ((flags & FLAG_PRESENT) == 0)
        return WEBAUTHN_ABSENT;
    return (flags & FLAG_VERIFIED) == 0 ? WEBAUTHN_UNVERIFIED : WEBAUTHN_FINE;
}

static cbor_item_t *member_get(const cbor_item_t *map, const char *name)
{
    const struct cbor_pair *pairs = cbor_map_handle(map);

    for (size_t i = 0; i < cbor_map_size(map); i++)
        if (cbor_isa_string(pairs[i].key) && cbor_string_is_definite(pairs[i].key) &&
            slice_is((struct slice){ (const char *)cbor_string_handle(pairs[i].key),
                                     cbor_string_length(pairs[i].key) },
                     slice_of(name)))
            return pairs[i].value; /* borrowed */
    return NULL;
}

/* libfido2 wants to know the algorithm before it reads the key; so each is tried. */
static fido_cred_t *credential_read(struct slice data)
{
    for (const int *algorithm = webauthn_algorithms; *algorithm != 0; algorithm++) {
        fido_cred_t *cred = fido_cred_new();

        if (cred != NULL && fido_cred_set_type(cred, *algorithm) == FIDO_OK &&
            fido_cred_set_authdata_raw(cred, (const uint8_t *)data.at, data.size) == FIDO_OK)
            return cred;
        fido_cred_free(&cred);
    }
    return NULL;
}

static enum webauthn_answer self_judge(const char *rp_id, const struct webauthn_client *client,
                                       const cbor_item_t *statement, fido_cred_t *cred)
{
    unsigned char *bytes = NULL;
    size_t room, size = cbor_serialize_alloc(statement, &bytes, &room);
    bool fine =
        size != 0 && fido_cred_set_rp(cred, rp_id, NULL) == FIDO_OK &&
        fido_cred_set_fmt(cred, "packed") == FIDO_OK &&
        fido_cred_set_clientdata_hash(cred, client->sha256, sizeof client->sha256) == FIDO_OK &&
        fido_cred_set_attstmt(cred, bytes, size) == FIDO_OK &&
        fido_cred_verify_self(cred) == FIDO_OK;

    free(bytes);
    return fine ? WEBAUTHN_FINE : WEBAUTHN_SIGNATURE;
}

static enum webauthn_answer statement_judge(const char *rp_id, const struct webauthn_client *client,
                                            const cbor_item_t *object, fido_cred_t *cred)
{
    const cbor_item_t *format = member_get(object, "fmt");
    const cbor_item_t *statement = member_get(object, "attStmt");
    struct slice name;

    if (format == NULL || !cbor_isa_string(format) || !cbor_string_is_definite(format) ||
        statement == NULL || !cbor_isa_map(statement))
        return WEBAUTHN_MALFORMED;
    name = (struct slice){ (const char *)cbor_string_handle(format), cbor_string_length(format) };
    if (slice_is(name, SLICE("none")))
        return cbor_map_size(statement) == 0 ? WEBAUTHN_FINE : WEBAUTHN_MALFORMED;
    if (slice_is(name, SLICE("packed")) && member_get(statement, "x5c") == NULL)
        return self_judge(rp_id, client, statement, cred);
    return WEBAUTHN_ATTESTATION;
}

static enum webauthn_answer credential_take(const fido_cred_t *cred,
                                            struct webauthn_credential *credential)
{
    size_t id_size = fido_cred_id_len(cred), key_size = fido_cred_pubkey_len(cred);

    if (id_size == 0 || id_size > sizeof credential->id || key_size == 0 ||
        key_size > sizeof credential->key)
        return WEBAUTHN_MALFORMED;
    memcpy(credential->id, fido_cred_id_ptr(cred), id_size);
    credential->id_size = id_size;
    memcpy(credential->key, fido_cred_pubkey_ptr(cred), key_size);
    credential->key_size = key_size;
    credential->algorithm = fido_cred_type(cred);
    credential->counter = fido_cred_sigcount(cred);
    return WEBAUTHN_FINE;
}

/* The data name a credential, whose id and key lie within them. */
static bool data_is_whole(struct slice data)
{
    size_t id_size;

    if (data.size < ID_AT || ((uint8_t)data.at[FLAGS_AT] & FLAG_CREDENTIAL) == 0)
        return false;
    id_size = (size_t)(uint8_t)data.at[ID_SIZE_AT] << 8 | (uint8_t)data.at[ID_SIZE_AT + 1];
    return id_size > 0 && id_size <= WEBAUTHN_ID_MOST && id_size < data.size - ID_AT &&
           cbor_is_modest(slice_from(data, ID_AT + id_size));
}

static enum webauthn_answer object_judge(const char *rp_id, const struct webauthn_client *client,
                                         const cbor_item_t *object,
                                         struct webauthn_credential *credential)
{
    const cbor_item_t *item = cbor_isa_map(object) ? member_get(object, "authData") : NULL;
    enum webauthn_answer answer = WEBAUTHN_MALFORMED;
    fido_cred_t *cred = NULL;
    struct slice data;

    if (item == NULL || !cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item))
        goto out;
    data =
        (struct slice){ (const char *)cbor_bytestring_handle(item), cbor_bytestring_length(item) };
    answer = data_judge(rp_id, data);
    if (answer != WEBAUTHN_FINE)
        goto out;
    if (!data_is_whole(data)) {
        answer = WEBAUTHN_MALFORMED;
        goto out;
    }
    cred = credential_read(data);
    answer = cred == NULL ? WEBAUTHN_ALGORITHM : statement_judge(rp_id, client, object, cred);
    if (answer == WEBAUTHN_FINE)
        answer = credential_take(cred, credential);
out:
    fido_cred_free(&cred);
    return answer;
}

enum webauthn_answer webauthn_attestation_verify(const char *rp_id,
                                                 const struct webauthn_client *client,
                                                 struct slice object,
                                                 struct webauthn_credential *credential)
{
    enum webauthn_answer answer = WEBAUTHN_MALFORMED;
    struct cbor_load_result result;
    cbor_item_t *item;

    if (object.size == 0 || object.size > WEBAUTHN_OBJECT_MOST || !cbor_is_modest(object))
        return WEBAUTHN_MALFORMED;
    item = cbor_load((const uint8_t *)object.at, object.size, &result);
    if (item == NULL)
        return WEBAUTHN_MALFORMED;
    if (result.read == object.size)
        answer = object_judge(rp_id, client, item, credential);
    cbor_decref(&item);
    return answer;
}

/* The key in the form that fido_assert_verify wants for its algorithm. */
union public_key {
    es256_pk_t *es256;
    eddsa_pk_t *eddsa;
    rs256_pk_t *rs256;
    void *any;
};

static void public_key_free(union public_key *key, int algorithm)
{
    switch (algorithm) {
    case COSE_ES256:
        es256_pk_free(&key->es256);
        break;
    case COSE_EDDSA:
        eddsa_pk_free(&key->eddsa);
        break;
    case COSE_RS256:
        rs256_pk_free(&key->rs256);
        break;
    }
}

static bool public_key_read(union public_key *key, const struct webauthn_credential *credential)
{
    const uint8_t *at = credential->key;
    size_t size = credential->key_size;

    switch (credential->algorithm) {
    case COSE_ES256:
        key->es256 = es256_pk_new();
        return key->es256 != NULL && es256_pk_from_ptr(key->es256, at, size) == FIDO_OK;
    case COSE_EDDSA:
        key->eddsa = eddsa_pk_new();
        return key->eddsa != NULL && eddsa_pk_from_ptr(key->eddsa, at, size) == FIDO_OK;
    case COSE_RS256:
        key->rs256 = rs256_pk_new();
        return key->rs256 != NULL && rs256_pk_from_ptr(key->rs256, at, size) == FIDO_OK;
    default:
        return false;
    }
}

enum webauthn_answer
webauthn_assertion_verify(const char *rp_id, const struct webauthn_client *client,
                          struct slice authenticator_data, struct slice signature,
                          const struct webauthn_credential *credential, uint32_t *counter)
{
    enum webauthn_answer answer = data_judge(rp_id, authenticator_data);
    fido_assert_t *assertion = NULL;
    union public_key key = { .any = NULL };

    if (answer != WEBAUTHN_FINE)
        goto out;
    answer = WEBAUTHN_MALFORMED;
    assertion = fido_assert_new();
    if (assertion == NULL || !cbor_is_modest(slice_from(authenticator_data, DATA_LEAST)) ||
        signature.size == 0 || fido_assert_set_count(assertion, 1) != FIDO_OK ||
        fido_assert_set_rp(assertion, rp_id) != FIDO_OK ||
        fido_assert_set_up(assertion, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_uv(assertion, FIDO_OPT_TRUE) != FIDO_OK ||
        fido_assert_set_clientdata_hash(assertion, client->sha256, sizeof client->sha256) !=
            FIDO_OK ||
        fido_assert_set_authdata_raw(assertion, 0, (const uint8_t *)authenticator_data.at,
                                     authenticator_data.size) != FIDO_OK ||
        fido_assert_set_sig(assertion, 0, (const uint8_t *)signature.at, signature.size) != FIDO_OK)
        goto out;
    answer = WEBAUTHN_SIGNATURE;
    if (!public_key_read(&key, credential) ||
        fido_assert_verify(assertion, 0, credential->algorithm, key.any) != FIDO_OK)
        goto out;
    *counter = fido_assert_sigcount(assertion, 0);
    answer = WEBAUTHN_FINE;
out:
    public_key_free(&key, credential->algorithm);
    fido_assert_free(&assertion);
    return answer;
}
