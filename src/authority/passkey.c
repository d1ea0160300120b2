#include "authority/passkey.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/change.h"
#include "authority/event.h"
#include "authority/proof.h"
#include "authority/settings.h"
#include "authority/webauthn.h"
#include "base/hex.h"
#include "store/accounts.h"
#include "store/factors.h"

static_assert((int)CHALLENGE_SIZE == (int)WEBAUTHN_CHALLENGE_SIZE, "one number, two modules");
static_assert((int)WEBAUTHN_KEY_MOST <= (int)STORE_PASSKEY_KEY_MOST, "the row holds the key");
static_assert((int)WEBAUTHN_ID_MOST <= (int)STORE_PASSKEY_CREDENTIAL_MOST, "the row holds the id");

enum { HANDLE_SIZE = 32 };

/* What a challenge for a new passkey is for, in place of the hash of an operation: one for the
 * first factor needed no proof, so it is good only as long as there is no other factor. */
static enum err registration_get(struct store_tx *tx, uint64_t account,
                                 uint8_t operation[CHALLENGE_OPERATION_SIZE])
{
    struct factors factors;
    enum err e = factors_count(tx, account, &factors);

    memset(operation, 0, CHALLENGE_OPERATION_SIZE);
    if (e == OK)
        snprintf((char *)operation, CHALLENGE_OPERATION_SIZE, "a %s passkey",
                 factors_has(&factors) ? "further" : "first");
    return e;
}

static json_t *base64url_json(const void *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = malloc(room);
    json_t *value = NULL;

    if (text != NULL) {
        sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        value = json_string(text);
    }
    free(text);
    return value;
}

/* The member's bytes, at most `room`; 0 when it is absent, empty, longer or no base64url. */
static size_t base64url_read(const json_t *object, const char *name, void *bytes, size_t room)
{
    const json_t *value = json_object_get(object, name);
    size_t size;

    if (!json_is_string(value) ||
        sodium_base642bin(bytes, room, json_string_value(value), json_string_length(value), NULL,
                          &size, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return 0;
    return size;
}

static void answer_refuse(enum webauthn_answer answer, struct refusal *refusal)
{
    if (answer != WEBAUTHN_FINE)
        refusal_add(refusal, answer == WEBAUTHN_MALFORMED ? REFUSAL_INVALID : REFUSAL_RULE,
                    webauthn_code(answer), "the passkey is not accepted: %s",
                    webauthn_words(answer));
}

static json_t *transports_json(const char *transports)
{
    json_t *list = json_array();

    while (*transports != '\0') {
        size_t size = strcspn(transports, " ");

        json_array_append_new(list, json_stringn(transports, size));
        transports += size + (transports[size] == ' ');
    }
    return list;
}

/* The account's passkeys as PublicKeyCredentialDescriptorJSON; `trusted`: only those that may
 * confirm. */
static enum err descriptors_read(struct store_tx *tx, uint64_t account, bool trusted, json_t *list)
{
    struct store_passkey *passkeys = calloc(STORE_PASSKEYS_MOST, sizeof *passkeys);
    size_t count = 0;
    enum err e = ERR_MEMORY;

    if (passkeys == NULL)
        goto out;
    TRY(store_passkeys_list(tx, account, passkeys, &count));
    for (size_t i = 0; i < count; i++)
        if (!trusted || passkeys[i].suspicious_at_ns == 0)
            json_array_append_new(
                list, json_pack("{s:o, s:s, s:o}", "id",
                                base64url_json(passkeys[i].credential, passkeys[i].credential_size),
                                "type", "public-key", "transports",
                                transports_json(passkeys[i].transports)));
out:
    free(passkeys);
    return e;
}

static enum err handle_get(struct store_tx *tx, uint64_t account, struct store_factors *factors)
{
    enum err e;

    TRY(store_factors_get(tx, account, factors));
    if (factors->handle_size == 0) {
        randombytes_buf(factors->handle, HANDLE_SIZE);
        factors->handle_size = HANDLE_SIZE;
        e = store_factors_set(tx, factors);
    }
out:
    return e;
}

enum err passkey_offer(struct authority *a, struct store_tx *tx, uint64_t account,
                       const char *session, json_t **options, struct refusal *refusal)
{
    json_t *exclude = json_array(), *algorithms = json_array();
    uint8_t operation[CHALLENGE_OPERATION_SIZE], challenge[CHALLENGE_SIZE];
    struct store_factors factors;
    struct store_account owner;
    enum err e;

    TRY(store_account_get(tx, account, &owner));
    TRY(descriptors_read(tx, account, false, exclude));
    if (json_array_size(exclude) >= STORE_PASSKEYS_MOST) {
        refusal_add(refusal, REFUSAL_RULE, "passkeys-many",
                    "an account has at most %d passkeys: remove one first", STORE_PASSKEYS_MOST);
        goto out;
    }
    TRY(handle_get(tx, account, &factors));
    TRY(registration_get(tx, account, operation));
    TRY(challenge_make(a, tx, account, session, operation, challenge));
    for (const int *algorithm = webauthn_algorithms; *algorithm != 0; algorithm++)
        json_array_append_new(algorithms,
                              json_pack("{s:s, s:i}", "type", "public-key", "alg", *algorithm));
    *options = json_pack(
        "{s:{s:s, s:s}, s:{s:o, s:s, s:s}, s:o, s:O, s:i, s:O, s:{s:s, s:b, s:s}, s:s}", "rp", "id",
        a->settings->rp_id, "name", "Latchkey", "user", "id",
        base64url_json(factors.handle, factors.handle_size), "name", owner.email, "displayName",
        owner.email, "challenge", base64url_json(challenge, sizeof challenge), "pubKeyCredParams",
        algorithms, "timeout", CHALLENGE_LIVES_S * 1000, "excludeCredentials", exclude,
        "authenticatorSelection", "residentKey", "preferred", "requireResidentKey", 0,
        "userVerification", "required", "attestation", "none");
    if (*options == NULL)
        e = ERR_MEMORY;
out:
    json_decref(exclude);
    json_decref(algorithms);
    return e;
}

/* The browser's words for how it reaches the authenticator; others than words are left out. */
static void transports_read(const json_t *response, char text[STORE_PASSKEY_TRANSPORTS_SIZE])
{
    const json_t *list = json_object_get(response, "transports"), *value;
    size_t index, size = 0;

    text[0] = '\0';
    json_array_foreach(list, index, value)
    {
        struct slice word = { json_string_value(value), json_string_length(value) };
        bool plain = word.size > 0;

        for (size_t i = 0; i < word.size; i++)
            plain = plain && (word.at[i] == '-' || (word.at[i] >= 'a' && word.at[i] <= 'z'));
        if (plain && size + word.size + 1 < STORE_PASSKEY_TRANSPORTS_SIZE)
            size += (size_t)snprintf(text + size, STORE_PASSKEY_TRANSPORTS_SIZE - size, "%s%s",
                                     size == 0 ? "" : " ", word.at);
    }
}

static bool name_read(struct slice name, char text[STORE_PASSKEY_NAME_SIZE],
                      struct refusal *refusal)
{
    bool fine = name.size < STORE_PASSKEY_NAME_SIZE;

    if (name.size == 0)
        name = SLICE("Passkey");
    for (size_t i = 0; fine && i < name.size; i++)
        fine = (unsigned char)name.at[i] >= ' ' && name.at[i] != 0x7f;
    if (fine)
        snprintf(text, STORE_PASSKEY_NAME_SIZE, "%.*s", (int)name.size, name.at);
    else
        refusal_add(refusal, REFUSAL_INVALID, "passkey-name",
                    "the name of a passkey has at most %d bytes and no control characters",
                    STORE_PASSKEY_NAME_SIZE - 1);
    return fine;
}

/* Reads clientDataJSON and spends the challenge in it. */
static enum err client_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                             const char *session, const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                             enum webauthn_ceremony ceremony, const json_t *response,
                             struct webauthn_client *client, struct refusal *refusal)
{
    char text[WEBAUTHN_CLIENT_DATA_MOST];
    size_t size = base64url_read(response, "clientDataJSON", text, sizeof text);

    answer_refuse(webauthn_client_read((struct slice){ text, size }, ceremony,
                                       a->settings->public_url, client),
                  refusal);
    if (refusal_is(refusal))
        return OK;
    return challenge_spend(a, tx, account, session, operation, client->challenge, refusal);
}

static void passkey_fill(struct store_passkey *passkey, uint64_t account, uint64_t now_ns,
                         const struct webauthn_credential *credential)
{
    uint8_t id[(STORE_PASSKEY_ID_SIZE - 1) / 2];

    randombytes_buf(id, sizeof id);
    hex_format(id, sizeof id, passkey->id);
    passkey->account = account;
    passkey->created_at_ns = now_ns;
    passkey->algorithm = credential->algorithm;
    passkey->counter = credential->counter;
    passkey->credential_size = credential->id_size;
    memcpy(passkey->credential, credential->id, credential->id_size);
    passkey->public_key_size = credential->key_size;
    memcpy(passkey->public_key, credential->key, credential->key_size);
}

enum err passkey_register(struct authority *a, struct store_tx *tx, uint64_t account,
                          const char *session, struct slice name, const json_t *registration,
                          struct store_passkey *passkey, struct refusal *refusal)
{
    const json_t *response = json_object_get(registration, "response");
    uint8_t object[WEBAUTHN_OBJECT_MOST];
    struct webauthn_credential credential = { .id_size = 0 };
    uint8_t operation[CHALLENGE_OPERATION_SIZE];
    struct webauthn_client client;
    struct store_passkey other;
    bool present;
    size_t size;
    enum err e = OK;

    *passkey = (struct store_passkey){ .account = account };
    if (!name_read(name, passkey->name, refusal))
        goto out;
    TRY(registration_get(tx, account, operation));
    TRY(client_spend(a, tx, account, session, operation, WEBAUTHN_CREATE, response, &client,
                     refusal));
    if (refusal_is(refusal))
        goto out;
    size = base64url_read(response, "attestationObject", object, sizeof object);
    answer_refuse(webauthn_attestation_verify(a->settings->rp_id, &client,
                                              (struct slice){ (const char *)object, size },
                                              &credential),
                  refusal);
    if (refusal_is(refusal))
        goto out;
    TRY(store_passkey_find(tx, 0, (struct slice){ (const char *)credential.id, credential.id_size },
                           &other, &present));
    if (present) {
        refusal_add(refusal, REFUSAL_CLASH, "passkey-exists",
                    "this passkey is registered already: use another authenticator");
        goto out;
    }
    passkey_fill(passkey, account, a->now_ns(), &credential);
    transports_read(response, passkey->transports);
    e = store_passkey_insert(tx, passkey);
out:
    return e;
}

enum err passkey_ask(struct authority *a, struct store_tx *tx, uint64_t account,
                     const char *session, const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                     json_t **options, struct refusal *refusal)
{
    json_t *allow = json_array();
    uint8_t challenge[CHALLENGE_SIZE];
    enum err e;

    TRY(descriptors_read(tx, account, true, allow));
    if (json_array_size(allow) == 0) {
        refusal_add(refusal, REFUSAL_RULE, "passkey-none",
                    "the account has no passkey: confirm with a code of the authenticator");
        goto out;
    }
    TRY(challenge_make(a, tx, account, session, operation, challenge));
    *options = json_pack("{s:o, s:s, s:i, s:O, s:s}", "challenge",
                         base64url_json(challenge, sizeof challenge), "rpId", a->settings->rp_id,
                         "timeout", CHALLENGE_LIVES_S * 1000, "allowCredentials", allow,
                         "userVerification", "required");
    if (*options == NULL)
        e = ERR_MEMORY;
out:
    json_decref(allow);
    return e;
}

/* The passkey that the answer names, one that may confirm; and the user handle, if it is said. */
static enum err passkey_of_answer(struct store_tx *tx, uint64_t account, const json_t *assertion,
                                  struct store_passkey *passkey, struct refusal *refusal)
{
    const json_t *response = json_object_get(assertion, "response");
    const json_t *handle = json_object_get(response, "userHandle");
    uint8_t id[STORE_PASSKEY_CREDENTIAL_MOST], said[FACTORS_HANDLE_MOST];
    size_t size = base64url_read(assertion, "rawId", id, sizeof id), said_size;
    struct store_factors factors;
    bool present;
    enum err e;

    TRY(store_passkey_find(tx, account, (struct slice){ (const char *)id, size }, passkey,
                           &present));
    if (!present) {
        refusal_add(refusal, REFUSAL_RULE, "passkey-unknown", "this is no passkey of the account");
        goto out;
    }
    if (passkey->suspicious_at_ns != 0)
        refusal_add(refusal, REFUSAL_RULE, "passkey-suspicious",
                    "passkey \"%s\" is not used any more, because a copy of it seems to exist: "
                    "remove it and register another one",
                    passkey->name);
    if (!json_is_string(handle) || json_string_length(handle) == 0)
        goto out;
    said_size = base64url_read(response, "userHandle", said, sizeof said);
    TRY(store_factors_get(tx, account, &factors));
    if (!slice_is((struct slice){ (const char *)said, said_size },
                  (struct slice){ (const char *)factors.handle, factors.handle_size }))
        refusal_add(refusal, REFUSAL_RULE, "passkey-unknown", "this is no passkey of the account");
out:
    return e;
}

static enum err suspicion_write(struct authority *a, struct store_tx *tx,
                                struct store_passkey *passkey, uint32_t counter,
                                struct refusal *refusal)
{
    enum err e;

    passkey->suspicious_at_ns = a->now_ns();
    TRY(store_passkey_update(tx, passkey));
    TRY(change_write(tx,
                     (struct change){ .who = "authority",
                                      .what = "passkey suspicious",
                                      .account = passkey->account,
                                      .at_ns = passkey->suspicious_at_ns,
                                      .before = json_pack("{s:s, s:I}", "passkey", passkey->id,
                                                          "counter", (json_int_t)passkey->counter),
                                      .after = json_pack("{s:s, s:I}", "passkey", passkey->id,
                                                         "counter", (json_int_t)counter) }));
    TRY(event_write(
        a, tx,
        &(struct event){ .kind = EVENT_FACTOR_CHANGED,
                         .account = passkey->account,
                         .data = json_pack("{s:s++}", "what", "passkey “", passkey->name,
                                           "” is blocked: a copy of it seems to exist") }));
    refusal_add(refusal, REFUSAL_RULE, "passkey-suspicious",
                "passkey \"%s\" is not used any more: it says to have signed less than before, so "
                "a copy of it seems to exist; remove it and register another one",
                passkey->name);
out:
    return e;
}

enum err passkey_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                       const char *session, const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                       const json_t *assertion, struct refusal *refusal)
{
    const json_t *response = json_object_get(assertion, "response");
    uint8_t data[WEBAUTHN_CLIENT_DATA_MOST], signature[WEBAUTHN_KEY_MOST];
    struct webauthn_credential credential = { .id_size = 0 };
    struct store_passkey passkey;
    struct webauthn_client client;
    size_t data_size, signature_size;
    uint32_t counter = 0;
    enum err e;

    TRY(client_spend(a, tx, account, session, operation, WEBAUTHN_GET, response, &client, refusal));
    if (!refusal_is(refusal))
        TRY(passkey_of_answer(tx, account, assertion, &passkey, refusal));
    if (refusal_is(refusal))
        goto out;
    credential.algorithm = passkey.algorithm;
    credential.key_size = passkey.public_key_size;
    if (passkey.public_key_size > sizeof credential.key) {
        e = ERR_CORRUPT;
        goto out;
    }
    memcpy(credential.key, passkey.public_key, passkey.public_key_size);
    data_size = base64url_read(response, "authenticatorData", data, sizeof data);
    signature_size = base64url_read(response, "signature", signature, sizeof signature);
    answer_refuse(webauthn_assertion_verify(
                      a->settings->rp_id, &client, (struct slice){ (const char *)data, data_size },
                      (struct slice){ (const char *)signature, signature_size }, &credential,
                      &counter),
                  refusal);
    if (refusal_is(refusal))
        goto out;
    if ((counter != 0 || passkey.counter != 0) && counter <= passkey.counter) {
        e = suspicion_write(a, tx, &passkey, counter, refusal);
        goto out;
    }
    passkey.counter = counter;
    passkey.last_used_at_ns = a->now_ns();
    e = store_passkey_update(tx, &passkey);
out:
    return e;
}
