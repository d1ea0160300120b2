/* tests/authority/authenticator.h: a passkey in software, with its browser
 *
 * Real keys and signatures of OpenSSL, real CBOR of libcbor, JSON as browsers give it.  What it
 * does wrong is said in its fields.  It shares no code with what it tests.
 */
#ifndef TESTS_AUTHORITY_AUTHENTICATOR_H
#define TESTS_AUTHORITY_AUTHENTICATOR_H

#include <cbor.h>
#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ES256 = -7, EDDSA = -8, ES384 = -35, RS256 = -257 };
enum { PRESENT = 0x01, VERIFIED = 0x04, CREDENTIAL = 0x40 };

struct authenticator {
    EVP_PKEY *key;
    int algorithm;
    uint8_t id[32];
    uint8_t handle[64];
    size_t handle_size;
    uint32_t counter; /* of the next answer */
    uint8_t flags;
    const char *rp_id, *origin;
    const char *type;   /* of the client data; NULL: the right one */
    const char *format; /* of the attestation: "none", or "packed" by itself */
    bool framed, wrong_signature;
    size_t cut; /* bytes that are missing at the end of the attestation object */
};

struct octets {
    uint8_t at[2048];
    size_t size;
};

static inline void octets_add(struct octets *o, const void *bytes, size_t size)
{
    assert_true(o->size + size <= sizeof o->at);
    memcpy(o->at + o->size, bytes, size);
    o->size += size;
}

static inline struct authenticator authenticator_new(int algorithm)
{
    struct authenticator a = { .algorithm = algorithm, .rp_id = "localhost",
                               .origin = "https://localhost:8443", .format = "none",
                               .flags = PRESENT | VERIFIED };

    switch (algorithm) {
    case ES256:
        a.key = EVP_EC_gen("P-256");
        break;
    case ES384:
        a.key = EVP_EC_gen("P-384");
        break;
    case RS256:
        a.key = EVP_RSA_gen(2048);
        break;
    default:
        a.key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    }
    assert_non_null(a.key);
    assert_int_equal(RAND_bytes(a.id, sizeof a.id), 1);
    return a;
}

static inline void authenticator_free(struct authenticator *a)
{
    EVP_PKEY_free(a->key);
    a->key = NULL;
}

static inline struct octets signature_make(struct authenticator *a, const struct octets *data)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    struct octets signature;
    const EVP_MD *hash = a->algorithm == EDDSA   ? NULL
                         : a->algorithm == ES384 ? EVP_sha384()
                                                 : EVP_sha256();

    signature.size = sizeof signature.at;
    assert_non_null(context);
    assert_int_equal(EVP_DigestSignInit(context, NULL, hash, NULL, a->key), 1);
    assert_int_equal(
        EVP_DigestSign(context, signature.at, &signature.size, data->at, data->size), 1);
    EVP_MD_CTX_free(context);
    if (a->wrong_signature)
        signature.at[signature.size / 2] ^= 1;
    return signature;
}

static inline json_t *base64url_of(const void *bytes, size_t size)
{
    char text[6000];

    assert_true(sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING) <=
                sizeof text);
    sodium_bin2base64(text, sizeof text, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return json_string(text);
}

static inline void member_add(cbor_item_t *map, cbor_item_t *name, cbor_item_t *value)
{
    assert_true(cbor_map_add(map, (struct cbor_pair){ cbor_move(name), cbor_move(value) }));
}

/* In its shortest form, as CTAP's canonical CBOR wants it. */
static inline cbor_item_t *integer_of(int value)
{
    if (value >= 0)
        return cbor_build_uint8((uint8_t)value);
    return value >= -256 ? cbor_build_negint8((uint8_t)(-1 - value))
                         : cbor_build_negint16((uint16_t)(-1 - value));
}

static inline void number_add(cbor_item_t *map, int label, EVP_PKEY *key, const char *parameter,
                              int size)
{
    BIGNUM *number = NULL;
    uint8_t bytes[512];

    assert_int_equal(EVP_PKEY_get_bn_param(key, parameter, &number), 1);
    assert_int_equal(BN_bn2binpad(number, bytes, size), size);
    member_add(map, integer_of(label), cbor_build_bytestring(bytes, (size_t)size));
    BN_free(number);
}

static inline void octets_add_cbor(struct octets *o, cbor_item_t *item)
{
    unsigned char *bytes = NULL;
    size_t room, size = cbor_serialize_alloc(item, &bytes, &room);

    assert_true(size > 0);
    octets_add(o, bytes, size);
    free(bytes);
    cbor_decref(&item);
}

/* RFC 9053 and RFC 8230. */
static inline void cose_key_add(struct octets *o, struct authenticator *a)
{
    bool rsa = a->algorithm == RS256, edwards = a->algorithm == EDDSA;
    int size = a->algorithm == ES384 ? 48 : 32;
    cbor_item_t *map = cbor_new_definite_map(rsa || edwards ? 4 : 5);
    uint8_t raw[32];
    size_t raw_size = sizeof raw;

    member_add(map, integer_of(1), integer_of(rsa ? 3 : edwards ? 1 : 2));
    member_add(map, integer_of(3), integer_of(a->algorithm));
    if (rsa) {
        number_add(map, -1, a->key, "n", 256);
        number_add(map, -2, a->key, "e", 3);
    } else if (edwards) {
        assert_int_equal(EVP_PKEY_get_raw_public_key(a->key, raw, &raw_size), 1);
        member_add(map, integer_of(-1), integer_of(6));
        member_add(map, integer_of(-2), cbor_build_bytestring(raw, raw_size));
    } else {
        member_add(map, integer_of(-1), integer_of(a->algorithm == ES384 ? 2 : 1));
        number_add(map, -2, a->key, "qx", size);
        number_add(map, -3, a->key, "qy", size);
    }
    octets_add_cbor(o, map);
}

static inline struct octets data_make(struct authenticator *a, bool create)
{
    uint8_t hash[SHA256_DIGEST_LENGTH], flags = a->flags | (create ? CREDENTIAL : 0);
    uint8_t counter[4] = { (uint8_t)(a->counter >> 24), (uint8_t)(a->counter >> 16),
                           (uint8_t)(a->counter >> 8), (uint8_t)a->counter };
    static const uint8_t nobody[16], id_size[2] = { 0, sizeof a->id };
    struct octets data = { .size = 0 };

    SHA256((const uint8_t *)a->rp_id, strlen(a->rp_id), hash);
    octets_add(&data, hash, sizeof hash);
    octets_add(&data, &flags, 1);
    octets_add(&data, counter, sizeof counter);
    if (create) {
        octets_add(&data, nobody, sizeof nobody);
        octets_add(&data, id_size, sizeof id_size);
        octets_add(&data, a->id, sizeof a->id);
        cose_key_add(&data, a);
    }
    return data;
}

static inline char *client_data_make(const struct authenticator *a, const json_t *options,
                                     bool create)
{
    const char *type = a->type != NULL ? a->type : create ? "webauthn.create" : "webauthn.get";
    json_t *data = json_pack("{s:s, s:O, s:s, s:b}", "type", type, "challenge",
                             json_object_get(options, "challenge"), "origin", a->origin,
                             "crossOrigin", a->framed);
    char *text = json_dumps(data, JSON_COMPACT);

    assert_non_null(text);
    json_decref(data);
    return text;
}

/* Authenticator data followed by the hash of the client data: what is signed. */
static inline struct octets signed_bytes(const struct octets *data, const char *client_data)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    struct octets all = *data;

    SHA256((const uint8_t *)client_data, strlen(client_data), hash);
    octets_add(&all, hash, sizeof hash);
    return all;
}

static inline struct octets object_make(struct authenticator *a, const struct octets *data,
                                        const char *client_data)
{
    cbor_item_t *map = cbor_new_definite_map(3), *statement = cbor_new_definite_map(3);
    struct octets object = { .size = 0 };

    if (strcmp(a->format, "none") != 0) {
        struct octets all = signed_bytes(data, client_data), signature = signature_make(a, &all);

        member_add(statement, cbor_build_string("alg"), integer_of(a->algorithm));
        member_add(statement, cbor_build_string("sig"),
                   cbor_build_bytestring(signature.at, signature.size));
    }
    member_add(map, cbor_build_string("fmt"), cbor_build_string(a->format));
    member_add(map, cbor_build_string("attStmt"), statement);
    member_add(map, cbor_build_string("authData"), cbor_build_bytestring(data->at, data->size));
    octets_add_cbor(&object, map);
    object.size -= a->cut;
    return object;
}

/* navigator.credentials.create() */
static inline json_t *registration_of(struct authenticator *a, const json_t *options)
{
    const char *handle =
        json_string_value(json_object_get(json_object_get(options, "user"), "id"));
    char *client_data = client_data_make(a, options, true);
    struct octets data = data_make(a, true), object = object_make(a, &data, client_data);
    json_t *answer;

    assert_int_equal(sodium_base642bin(a->handle, sizeof a->handle, handle, strlen(handle), NULL,
                                       &a->handle_size, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    answer = json_pack("{s:o, s:o, s:s, s:{}, s:{s:o, s:o, s:[s,s]}}", "id",
                       base64url_of(a->id, sizeof a->id), "rawId",
                       base64url_of(a->id, sizeof a->id), "type", "public-key",
                       "clientExtensionResults", "response", "clientDataJSON",
                       base64url_of(client_data, strlen(client_data)), "attestationObject",
                       base64url_of(object.at, object.size), "transports", "internal", "hybrid");
    assert_non_null(answer);
    free(client_data);
    return answer;
}

/* navigator.credentials.get() */
static inline json_t *assertion_of(struct authenticator *a, const json_t *options)
{
    char *client_data = client_data_make(a, options, false);
    struct octets data = data_make(a, false), all = signed_bytes(&data, client_data),
                  signature = signature_make(a, &all);
    json_t *answer =
        json_pack("{s:o, s:o, s:s, s:{}, s:{s:o, s:o, s:o, s:o}}", "id",
                  base64url_of(a->id, sizeof a->id), "rawId", base64url_of(a->id, sizeof a->id),
                  "type", "public-key", "clientExtensionResults", "response", "clientDataJSON",
                  base64url_of(client_data, strlen(client_data)), "authenticatorData",
                  base64url_of(data.at, data.size), "signature",
                  base64url_of(signature.at, signature.size), "userHandle",
                  base64url_of(a->handle, a->handle_size));

    assert_non_null(answer);
    free(client_data);
    return answer;
}

#endif
