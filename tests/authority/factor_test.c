#include "test.h"

#include "authenticator.h"
#include "authority/factor.h"
#include "fixture.h"
#include "store/events.h"

static const uint8_t removal[OPERATION_SIZE] = "a removal";

static char session_id[SESSION_ID_SIZE]; /* of the session that began last */

/* A call of an owner who has just logged in with the password. */
static struct factor_call call_in_session(struct house *h, uint64_t account)
{
    const struct visitor visitor = { .address = SLICE("192.0.2.7"), .agent = SLICE("test") };
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(session_open(&h->a, tx, account, SESSION_PASSWORD, &visitor, token), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(session_find(&h->a, slice_of(token), &session), OK);
    memcpy(session_id, session.id, sizeof session_id);
    return (struct factor_call){ .who = "account 1001", .account = account,
                                 .session = session_id, .address = "192.0.2.7" };
}

static struct factor_call call_with_code(uint64_t account, struct slice code)
{
    struct factor_call call = { .who = "account 1001", .account = account,
                                .session = session_id };

    call.proof = (struct proof){ .kind = PROOF_CODE, .code = code };
    return call;
}

static struct factor_gain totp_added(struct house *h, const struct factor_call *call,
                                        struct phone *p)
{
    struct totp_grant grant;
    struct factor_gain gain;

    refusal_init(&h->r);
    assert_int_equal(factor_totp_draw(&h->a, call, &grant, &h->r), OK);
    assert_false(refusal_is(&h->r));
    *p = phone_of(grant.secret);
    assert_int_equal(factor_totp_confirm(&h->a, call, phone_code(p, 0), &gain, &h->r), OK);
    assert_false(refusal_is(&h->r));
    test_now_ns += 30 * NS_PER_S;
    return gain;
}

static bool passkey_added(struct house *h, const struct factor_call *call, struct authenticator *a,
                          struct store_passkey *passkey, struct factor_gain *gain)
{
    json_t *options, *answer;

    refusal_init(&h->r);
    assert_int_equal(factor_passkey_offer(&h->a, call, &options, &h->r), OK);
    if (options == NULL)
        return false;
    answer = registration_of(a, options);
    assert_int_equal(factor_passkey_add(&h->a, call, SLICE_EMPTY, answer, passkey, gain, &h->r),
                     OK);
    json_decref(options);
    json_decref(answer);
    return !refusal_is(&h->r);
}

/* Asks the passkey to confirm `call`, and puts its answer into it. */
static json_t *signed_for(struct house *h, struct factor_call *call, struct authenticator *a)
{
    json_t *options, *answer;

    refusal_init(&h->r);
    assert_int_equal(factor_challenge(&h->a, call, &options, &h->r), OK);
    assert_non_null(options);
    answer = assertion_of(a, options);
    call->proof = (struct proof){ .kind = PROOF_ASSERTION, .assertion = answer };
    json_decref(options);
    return answer;
}

TEST(the_first_factor_needs_no_proof_and_brings_recovery_codes)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual"), unread;
    struct factor_call call = call_in_session(h, ada);
    struct factor_view *view = calloc(1, sizeof *view);
    struct phone p;
    struct factor_gain gain = totp_added(h, &call, &p);
    struct session session;
    struct store_tx *tx;

    assert_non_null(view);
    assert_true(gain.first);
    assert_int_equal(gain.codes.count, RECOVERY_CODE_COUNT);
    assert_int_equal(session_find(&h->a, slice_of(gain.token), &session), OK);
    assert_int_equal(session.level, SESSION_FULL);
    assert_int_equal(factor_view_get(&h->a, ada, view), OK);
    assert_int_equal(view->totp, TOTP_ENROLLED);
    assert_int_equal(view->totp_enrolled_at_ns, SOME_MONDAY_NS);
    assert_int_equal(view->recovery_codes, RECOVERY_CODE_COUNT);
    assert_int_equal(view->passkey_count, 0);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_notices_unread_count(tx, ada, 10, &unread), OK);
    assert_int_equal(unread, 1);
    store_rollback(&tx);
    free(view);
    free(p.seed);
    house_close(h);
}

TEST(the_second_factor_needs_the_first_and_brings_no_codes)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct factor_call call = call_in_session(h, ada);
    struct authenticator a = authenticator_new(ES256);
    struct store_passkey passkey;
    struct factor_gain gain;
    struct phone p;

    totp_added(h, &call, &p);
    assert_false(passkey_added(h, &call, &a, &passkey, &gain));
    assert_true(refused(h, "proof-missing", "second factor"));
    call = call_with_code(ada, phone_code(&p, 70));
    assert_false(passkey_added(h, &call, &a, &passkey, &gain));
    assert_true(refused(h, "totp-wrong", ""));
    call = call_with_code(ada, phone_code(&p, 0));
    assert_true(passkey_added(h, &call, &a, &passkey, &gain));
    assert_false(gain.first);
    assert_string_equal(passkey.name, "Passkey");
    free(p.seed);
    authenticator_free(&a);
    house_close(h);
}

TEST(an_authenticator_drawn_before_the_first_passkey_is_void)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct factor_call call = call_in_session(h, ada);
    struct authenticator a = authenticator_new(ES256);
    struct store_passkey passkey;
    struct factor_gain gain;
    struct totp_grant grant;
    struct phone p;

    assert_int_equal(factor_totp_draw(&h->a, &call, &grant, &h->r), OK);
    p = phone_of(grant.secret);
    assert_true(passkey_added(h, &call, &a, &passkey, &gain));
    assert_true(gain.first);
    assert_int_equal(factor_totp_confirm(&h->a, &call, phone_code(&p, 0), &gain, &h->r), OK);
    assert_true(refused(h, "totp-none", "enrol one first"));
    free(p.seed);
    authenticator_free(&a);
    house_close(h);
}

TEST(the_last_factor_stays_while_there_are_usable_keys)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t ada = account_ready(h, "ada@example.com", &p);
    struct key_grant key = key_made(h, &p, batch_of(ada, "live", "bot", "192.0.2.1"));
    struct authenticator a = authenticator_new(ES256);
    struct store_passkey passkey;
    struct factor_gain gain;
    struct factor_call call;
    json_t *answer;

    test_now_ns += 30 * NS_PER_S;
    call_in_session(h, ada);
    call = call_with_code(ada, phone_code(&p, 0));
    assert_int_equal(factor_totp_remove(&h->a, &call, &h->r), OK);
    assert_true(refused(h, "factor-last", "1 usable keys"));
    /* The code was not spent in vain. */
    assert_true(passkey_added(h, &call, &a, &passkey, &gain));
    memcpy(call.operation, removal, sizeof removal);
    answer = signed_for(h, &call, &a);
    assert_int_equal(factor_totp_remove(&h->a, &call, &h->r), OK);
    assert_false(refusal_is(&h->r));
    json_decref(answer);
    answer = signed_for(h, &call, &a);
    assert_int_equal(factor_passkey_remove(&h->a, &call, slice_of(passkey.id), &h->r), OK);
    assert_true(refused(h, "factor-last", "revoke the keys"));
    json_decref(answer);
    refusal_init(&h->r);
    assert_int_equal(key_revoke(&h->a, "tester", key.id.random, SLICE("done"), &h->r), OK);
    answer = signed_for(h, &call, &a);
    assert_int_equal(factor_passkey_remove(&h->a, &call, SLICE("0123"), &h->r), OK);
    assert_true(refused(h, "passkey-missing", "0123"));
    refusal_init(&h->r);
    assert_int_equal(factor_passkey_remove(&h->a, &call, slice_of(passkey.id), &h->r), OK);
    assert_false(refusal_is(&h->r));
    json_decref(answer);
    free(p.seed);
    authenticator_free(&a);
    house_close(h);
}

TEST(recovery_codes_are_drawn_anew_with_a_proof_and_go_with_the_last_factor)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct factor_view *view = calloc(1, sizeof *view);
    struct factor_call call = call_in_session(h, ada);
    struct recovery_codes codes, first;
    struct phone p;

    assert_non_null(view);
    first = totp_added(h, &call, &p).codes;
    assert_int_equal(factor_recovery_draw(&h->a, &call, &codes, &h->r), OK);
    assert_true(refused(h, "proof-missing", ""));
    assert_int_equal(codes.count, 0);
    call.proof = (struct proof){ .kind = PROOF_RECOVERY, .code = slice_of(first.text[0]) };
    refusal_init(&h->r);
    assert_int_equal(factor_recovery_draw(&h->a, &call, &codes, &h->r), OK);
    assert_true(refused(h, "recovery-login-only", ""));
    call = call_with_code(ada, phone_code(&p, 0));
    refusal_init(&h->r);
    assert_int_equal(factor_recovery_draw(&h->a, &call, &codes, &h->r), OK);
    assert_int_equal(codes.count, RECOVERY_CODE_COUNT);
    assert_string_not_equal(codes.text[0], first.text[0]);
    test_now_ns += 30 * NS_PER_S;
    call = call_with_code(ada, phone_code(&p, 0));
    assert_int_equal(factor_totp_remove(&h->a, &call, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(factor_view_get(&h->a, ada, view), OK);
    assert_int_equal(view->totp, TOTP_NONE);
    assert_int_equal(view->recovery_codes, 0);
    assert_int_equal(factor_totp_remove(&h->a, &call, &h->r), OK);
    assert_int_equal(h->r.kind, REFUSAL_MISSING);
    free(view);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
