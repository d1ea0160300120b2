#include "test.h"

#include "authenticator.h"
#include "authority/webauthn.h"

static const char challenge_text[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static json_t *options_of(void)
{
    return json_pack("{s:s, s:{s:s}}", "challenge", challenge_text, "user", "id", "c29tZWJvZHk");
}

static size_t member_decode(const json_t *answer, const char *name, void *bytes, size_t room)
{
    const json_t *response = json_object_get(answer, "response");
    const char *text = json_string_value(json_object_get(response, name));
    size_t size;

    assert_int_equal(sodium_base642bin(bytes, room, text, strlen(text), NULL, &size, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    return size;
}

/* What a relying party at localhost makes of the authenticator's registration. */
static enum webauthn_answer registered(struct authenticator *a, struct webauthn_credential *made)
{
    json_t *options = options_of(), *answer = registration_of(a, options);
    char text[WEBAUTHN_CLIENT_DATA_MOST];
    uint8_t object[4096];
    size_t size = member_decode(answer, "clientDataJSON", text, sizeof text);
    struct webauthn_client client;
    enum webauthn_answer judged = webauthn_client_read(
        (struct slice){ text, size }, WEBAUTHN_CREATE, "https://localhost:8443", &client);

    if (judged == WEBAUTHN_FINE) {
        size = member_decode(answer, "attestationObject", object, sizeof object);
        judged = webauthn_attestation_verify(
            "localhost", &client, (struct slice){ (const char *)object, size }, made);
    }
    json_decref(options);
    json_decref(answer);
    return judged;
}

static enum webauthn_answer asserted(struct authenticator *a,
                                     const struct webauthn_credential *credential,
                                     uint32_t *counter)
{
    json_t *options = options_of(), *answer = assertion_of(a, options);
    char text[WEBAUTHN_CLIENT_DATA_MOST];
    uint8_t data[512], signature[512];
    size_t size = member_decode(answer, "clientDataJSON", text, sizeof text), signature_size;
    struct webauthn_client client;
    enum webauthn_answer judged = webauthn_client_read(
        (struct slice){ text, size }, WEBAUTHN_GET, "https://localhost:8443", &client);

    if (judged == WEBAUTHN_FINE) {
        size = member_decode(answer, "authenticatorData", data, sizeof data);
        signature_size = member_decode(answer, "signature", signature, sizeof signature);
        judged = webauthn_assertion_verify(
            "localhost", &client, (struct slice){ (const char *)data, size },
            (struct slice){ (const char *)signature, signature_size }, credential, counter);
    }
    json_decref(options);
    json_decref(answer);
    return judged;
}

TEST(each_algorithm_registers_and_signs_and_none_signs_for_another)
{
    static const int algorithms[] = { ES256, EDDSA, RS256 };

    for (size_t i = 0; i < 3; i++) {
        struct authenticator a = authenticator_new(algorithms[i]);
        struct authenticator other = authenticator_new(algorithms[i]);
        struct webauthn_credential credential;
        uint32_t counter = 0;

        a.counter = 1;
        assert_int_equal(registered(&a, &credential), WEBAUTHN_FINE);
        assert_int_equal(credential.algorithm, algorithms[i]);
        assert_int_equal(credential.counter, 1);
        assert_int_equal(credential.id_size, sizeof a.id);
        assert_memory_equal(credential.id, a.id, sizeof a.id);
        a.counter = 0x01020304;
        assert_int_equal(asserted(&a, &credential, &counter), WEBAUTHN_FINE);
        assert_int_equal(counter, 0x01020304);
        assert_int_equal(asserted(&other, &credential, &counter), WEBAUTHN_SIGNATURE);
        authenticator_free(&a);
        authenticator_free(&other);
    }
}

static void elsewhere(struct authenticator *a) { a->origin = "https://localhost.evil.example"; }
static void other_port(struct authenticator *a) { a->origin = "https://localhost"; }
static void other_rp(struct authenticator *a) { a->rp_id = "evil.example"; }
static void swapped(struct authenticator *a) { a->type = "webauthn.get"; }
static void payment(struct authenticator *a) { a->type = "payment.get"; }
static void framed(struct authenticator *a) { a->framed = true; }
static void untouched(struct authenticator *a) { a->flags = VERIFIED; }
static void unverified(struct authenticator *a) { a->flags = PRESENT; }
static void cut(struct authenticator *a) { a->cut = 1; }
static void cut_more(struct authenticator *a) { a->cut = 60; }
static void branded(struct authenticator *a) { a->format = "fido-u2f"; }
static void forged(struct authenticator *a) { a->format = "packed", a->wrong_signature = true; }

TEST(each_fault_of_a_registration_has_its_answer)
{
    static const struct row {
        void (*spoil)(struct authenticator *a);
        enum webauthn_answer answer;
    } rows[] = {
        { elsewhere, WEBAUTHN_ORIGIN },  { other_port, WEBAUTHN_ORIGIN },
        { other_rp, WEBAUTHN_RP },       { swapped, WEBAUTHN_TYPE },
        { payment, WEBAUTHN_TYPE },      { framed, WEBAUTHN_FRAMED },
        { untouched, WEBAUTHN_ABSENT },  { unverified, WEBAUTHN_UNVERIFIED },
        { cut, WEBAUTHN_MALFORMED },     { cut_more, WEBAUTHN_MALFORMED },
        { branded, WEBAUTHN_ATTESTATION }, { forged, WEBAUTHN_SIGNATURE },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct authenticator a = authenticator_new(ES256);
        struct webauthn_credential credential;

        rows[i].spoil(&a);
        assert_int_equal(registered(&a, &credential), rows[i].answer);
        authenticator_free(&a);
    }
}

TEST(a_statement_of_the_passkey_about_itself_passes_and_an_unknown_algorithm_does_not)
{
    struct authenticator self = authenticator_new(ES256), odd = authenticator_new(ES384);
    struct webauthn_credential credential;

    self.format = "packed";
    assert_int_equal(registered(&self, &credential), WEBAUTHN_FINE);
    assert_int_equal(registered(&odd, &credential), WEBAUTHN_ALGORITHM);
    authenticator_free(&self);
    authenticator_free(&odd);
}

static void get_swapped(struct authenticator *a) { a->type = "webauthn.create"; }
static void wrong(struct authenticator *a) { a->wrong_signature = true; }

TEST(each_fault_of_an_assertion_has_its_answer)
{
    static const struct row {
        void (*spoil)(struct authenticator *a);
        enum webauthn_answer answer;
    } rows[] = {
        { elsewhere, WEBAUTHN_ORIGIN },     { other_rp, WEBAUTHN_RP },
        { get_swapped, WEBAUTHN_TYPE },     { framed, WEBAUTHN_FRAMED },
        { untouched, WEBAUTHN_ABSENT },     { unverified, WEBAUTHN_UNVERIFIED },
        { wrong, WEBAUTHN_SIGNATURE },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct authenticator a = authenticator_new(ES256);
        struct webauthn_credential credential;
        uint32_t counter = 7;

        assert_int_equal(registered(&a, &credential), WEBAUTHN_FINE);
        rows[i].spoil(&a);
        assert_int_equal(asserted(&a, &credential, &counter), rows[i].answer);
        assert_int_equal(counter, 7);
        authenticator_free(&a);
    }
}

TEST(client_data_that_say_less_or_otherwise_are_malformed)
{
    static const char *const texts[] = {
        "", "{", "[]", "\"webauthn.get\"",
        "{\"type\":\"webauthn.get\",\"origin\":\"https://localhost:8443\"}",
        "{\"type\":\"webauthn.get\",\"origin\":\"https://localhost:8443\",\"challenge\":7}",
        "{\"type\":\"webauthn.get\",\"origin\":\"https://localhost:8443\",\"challenge\":\"AAAA\"}",
        "{\"type\":\"webauthn.get\",\"challenge\":"
        "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"type\":\"webauthn.get\",\"type\":\"webauthn.get\","
        "\"origin\":\"https://localhost:8443\","
        "\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
    };
    struct webauthn_client client;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(webauthn_client_read(slice_of(texts[i]), WEBAUTHN_GET,
                                              "https://localhost:8443", &client),
                         WEBAUTHN_MALFORMED);
}

TEST(arrays_that_claim_gigabytes_are_refused_unallocated)
{
    static const char claims[] = "\x9b\x00\x00\x00\x0f\xff\xff\xff\xff";
    static const char endless[] = "\xbf\x63" "fmt\x64" "none\xff";
    struct webauthn_credential credential;
    struct webauthn_client client = { .challenge = { 0 } };

    assert_int_equal(webauthn_attestation_verify("localhost", &client, SLICE_EMPTY, &credential),
                     WEBAUTHN_MALFORMED);
    assert_int_equal(webauthn_attestation_verify("localhost", &client,
                                                 (struct slice){ claims, sizeof claims - 1 },
                                                 &credential),
                     WEBAUTHN_MALFORMED);
    assert_int_equal(webauthn_attestation_verify("localhost", &client,
                                                 (struct slice){ endless, sizeof endless - 1 },
                                                 &credential),
                     WEBAUTHN_MALFORMED);
}

TEST(each_answer_has_a_code_and_words)
{
    for (enum webauthn_answer a = WEBAUTHN_FINE; a <= WEBAUTHN_SIGNATURE; a++) {
        assert_true(webauthn_code(a)[0] != '\0');
        assert_true(webauthn_words(a)[0] != '\0');
    }
}

TEST_MAIN
