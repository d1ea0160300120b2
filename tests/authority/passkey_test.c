#include "test.h"

#include "authenticator.h"
#include "authority/passkey.h"
#include "authority/proof.h"
#include "fixture.h"
#include "store/events.h"

static const uint8_t operation[CHALLENGE_OPERATION_SIZE] = "the key with these scopes";
static const uint8_t other_operation[CHALLENGE_OPERATION_SIZE] = "a key with all scopes";

static json_t *offered(struct house *h, uint64_t account, const char *session)
{
    json_t *options = NULL;
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(passkey_offer(&h->a, tx, account, session, &options, &h->r), OK);
    assert_int_equal(store_commit(&tx), OK);
    return options;
}

/* Registers with an answer, which it frees. */
static bool registered(struct house *h, uint64_t account, const char *session, json_t *answer)
{
    struct store_passkey passkey;
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(passkey_register(&h->a, tx, account, session, SLICE("yellow"), answer,
                                      &passkey, &h->r),
                     OK);
    assert_int_equal(store_commit(&tx), OK);
    json_decref(answer);
    return !refusal_is(&h->r);
}

static bool added(struct house *h, uint64_t account, struct authenticator *a)
{
    json_t *options = offered(h, account, "morning");
    bool fine = registered(h, account, "morning", registration_of(a, options));

    json_decref(options);
    return fine;
}

static json_t *asked(struct house *h, uint64_t account, const char *session)
{
    json_t *options = NULL;
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(passkey_ask(&h->a, tx, account, session, operation, &options, &h->r), OK);
    assert_int_equal(store_commit(&tx), OK);
    return options;
}

/* Spends an answer to a question put to ada in the morning. */
static bool spent(struct house *h, uint64_t account, const char *session, const uint8_t *meant,
                  const json_t *answer)
{
    struct proof proof = { .kind = PROOF_ASSERTION, .assertion = answer };
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(proof_spend(&h->a, tx, account, session, meant, &proof, &h->r), OK);
    assert_int_equal(store_commit(&tx), OK);
    return !refusal_is(&h->r);
}

static bool confirmed(struct house *h, uint64_t account, struct authenticator *a)
{
    json_t *options = asked(h, account, "morning"), *answer = assertion_of(a, options);
    bool fine = spent(h, account, "morning", operation, answer);

    json_decref(options);
    json_decref(answer);
    return fine;
}

TEST(an_offer_is_complete_and_does_not_tell_who_it_is)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct authenticator a = authenticator_new(ES256);
    json_t *first = offered(h, ada, "morning"), *second, *selection;
    const char *handle = json_string_value(json_object_get(json_object_get(first, "user"), "id"));

    assert_int_equal(strlen(handle), 43);
    selection = json_object_get(first, "authenticatorSelection");
    assert_string_equal(json_string_value(json_object_get(selection, "residentKey")), "preferred");
    assert_string_equal(json_string_value(json_object_get(selection, "userVerification")),
                        "required");
    assert_string_equal(json_string_value(json_object_get(first, "attestation")), "none");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(first, "rp"), "id")), "localhost");
    assert_int_equal(json_array_size(json_object_get(first, "pubKeyCredParams")), 3);
    assert_int_equal(json_array_size(json_object_get(first, "excludeCredentials")), 0);
    assert_true(registered(h, ada, "morning", registration_of(&a, first)));
    second = offered(h, ada, "morning");
    assert_string_equal(json_string_value(json_object_get(json_object_get(second, "user"), "id")),
                        handle);
    assert_int_equal(json_array_size(json_object_get(second, "excludeCredentials")), 1);
    assert_string_not_equal(json_string_value(json_object_get(first, "challenge")),
                            json_string_value(json_object_get(second, "challenge")));
    json_decref(first);
    json_decref(second);
    authenticator_free(&a);
    house_close(h);
}

TEST(a_registration_answers_its_own_offer_only)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint64_t bob = account_opened(h, "bob@example.com", "individual");
    struct authenticator a = authenticator_new(ES256);
    json_t *options = offered(h, ada, "morning"), *answer = registration_of(&a, options);

    assert_false(registered(h, ada, "evening", json_incref(answer)));
    assert_true(refused(h, "challenge-foreign", "another session"));
    assert_false(registered(h, ada, "morning", json_incref(answer)));
    assert_true(refused(h, "challenge-unknown", ""));
    json_decref(options);
    json_decref(answer);
    options = offered(h, ada, "morning");
    answer = registration_of(&a, options);
    assert_false(registered(h, bob, "morning", json_incref(answer)));
    assert_true(refused(h, "challenge-foreign", ""));
    json_decref(options);
    json_decref(answer);
    assert_true(added(h, ada, &a));
    assert_false(added(h, ada, &a));
    assert_true(refused(h, "passkey-exists", "another authenticator"));
    assert_false(added(h, bob, &a));
    assert_true(refused(h, "passkey-exists", ""));
    assert_false(registered(h, ada, "morning", json_object()));
    assert_true(refused(h, "passkey-malformed", ""));
    authenticator_free(&a);
    house_close(h);
}

TEST(an_offer_to_whoever_had_no_factor_is_void_once_there_is_one)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct authenticator thief = authenticator_new(ES256), own = authenticator_new(ES256);
    json_t *early = offered(h, ada, "night");

    assert_true(added(h, ada, &own));
    assert_false(registered(h, ada, "night", registration_of(&thief, early)));
    assert_true(refused(h, "challenge-operation", ""));
    json_decref(early);
    authenticator_free(&thief);
    authenticator_free(&own);
    house_close(h);
}

TEST(a_signature_confirms_its_operation_once)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint64_t bob = account_opened(h, "bob@example.com", "individual");
    struct authenticator a = authenticator_new(EDDSA), stranger = authenticator_new(EDDSA);
    json_t *options, *answer;

    assert_null(asked(h, ada, "morning"));
    assert_true(refused(h, "passkey-none", "code of the authenticator"));
    assert_true(added(h, ada, &a));
    options = asked(h, ada, "morning");
    answer = assertion_of(&a, options);
    assert_true(spent(h, ada, "morning", operation, answer));
    assert_false(spent(h, ada, "morning", operation, answer));
    assert_true(refused(h, "challenge-unknown", ""));
    json_decref(answer);
    json_decref(options);

    options = asked(h, ada, "morning");
    answer = assertion_of(&a, options);
    assert_false(spent(h, ada, "morning", other_operation, answer));
    assert_true(refused(h, "challenge-operation", "something else"));
    json_decref(answer);
    json_decref(options);

    options = asked(h, ada, "morning");
    answer = assertion_of(&a, options);
    assert_false(spent(h, bob, "morning", operation, answer));
    assert_true(refused(h, "challenge-foreign", ""));
    assert_false(spent(h, ada, NULL, operation, answer)); /* over the operator's socket */
    assert_true(refused(h, "proof-missing", ""));
    json_decref(answer);
    json_decref(options);

    memcpy(stranger.handle, a.handle, stranger.handle_size = a.handle_size);
    assert_false(confirmed(h, ada, &stranger));
    assert_true(refused(h, "passkey-unknown", ""));
    memcpy(stranger.id, a.id, sizeof a.id);
    assert_false(confirmed(h, ada, &stranger));
    assert_true(refused(h, "passkey-signature", ""));
    a.handle[0] ^= 1;
    assert_false(confirmed(h, ada, &a));
    assert_true(refused(h, "passkey-unknown", ""));
    authenticator_free(&a);
    authenticator_free(&stranger);
    house_close(h);
}

TEST(faults_of_the_browser_and_of_the_authenticator_are_refused)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct authenticator a = authenticator_new(ES256), spoilt;

    assert_true(added(h, ada, &a));
    spoilt = a;
    spoilt.origin = "https://evil.example";
    assert_false(confirmed(h, ada, &spoilt));
    assert_true(refused(h, "passkey-origin", "another site"));
    spoilt = a;
    spoilt.rp_id = "evil.example";
    assert_false(confirmed(h, ada, &spoilt));
    assert_true(refused(h, "passkey-rp", "another site"));
    spoilt = a;
    spoilt.flags = PRESENT;
    assert_false(confirmed(h, ada, &spoilt));
    assert_true(refused(h, "passkey-unverified", "PIN"));
    assert_true(confirmed(h, ada, &a));
    authenticator_free(&a);
    house_close(h);
}

TEST(a_counter_that_does_not_rise_blocks_the_passkey_and_tells_the_owner)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual"), count;
    struct authenticator a = authenticator_new(ES256);
    struct store_tx *tx;

    a.counter = 5;
    assert_true(added(h, ada, &a));
    a.counter = 6;
    assert_true(confirmed(h, ada, &a));
    assert_false(confirmed(h, ada, &a)); /* 6 again */
    assert_true(refused(h, "passkey-suspicious", "a copy of it seems to exist"));
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_passkeys_count(tx, ada, &count), OK);
    assert_int_equal(count, 0);
    assert_int_equal(store_notices_unread_count(tx, ada, 10, &count), OK);
    assert_int_equal(count, 1);
    store_rollback(&tx);
    assert_null(asked(h, ada, "morning"));
    assert_true(refused(h, "passkey-none", ""));
    authenticator_free(&a);
    house_close(h);
}

TEST(an_authenticator_that_never_counts_is_fine)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct authenticator a = authenticator_new(RS256);

    assert_true(added(h, ada, &a));
    assert_true(confirmed(h, ada, &a));
    assert_true(confirmed(h, ada, &a));
    authenticator_free(&a);
    house_close(h);
}

TEST_MAIN
