#include "test.h"

#include "authority/proof.h"
#include "authority/recovery.h"
#include "fixture.h"
#include "store/events.h"

static void hashed(const char *method, const char *path, json_t *body,
                   uint8_t operation[OPERATION_SIZE])
{
    assert_non_null(body);
    assert_int_equal(operation_hash(method, slice_of(path), body, operation), OK);
    json_decref(body);
}

TEST(an_operation_is_method_path_and_body_without_its_proof)
{
    uint8_t one[OPERATION_SIZE], two[OPERATION_SIZE];

    hashed("POST", "/keys", json_pack("{s:s, s:i}", "label", "bot", "a", 1), one);
    hashed("POST", "/keys", json_pack("{s:i, s:s, s:{}}", "a", 1, "label", "bot", "proof"), two);
    assert_memory_equal(one, two, sizeof one);
    hashed("POST", "/keys", json_pack("{s:s, s:i}", "label", "bot", "a", 2), two);
    assert_memory_not_equal(one, two, sizeof one);
    hashed("POST", "/key", json_pack("{s:s, s:i}", "label", "bot", "a", 1), two);
    assert_memory_not_equal(one, two, sizeof one);
    hashed("PUT", "/keys", json_pack("{s:s, s:i}", "label", "bot", "a", 1), two);
    assert_memory_not_equal(one, two, sizeof one);
}

TEST(no_proof_is_refused_and_a_code_is_spent)
{
    static const uint8_t operation[OPERATION_SIZE];
    struct house *h = house_open();
    struct proof proof = { .kind = PROOF_NONE };
    struct factors factors;
    struct store_tx *tx;
    struct phone p;
    uint64_t ada = account_ready(h, "ada@example.com", &p);

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(proof_spend(&h->a, tx, ada, NULL, operation, &proof, &h->r), OK);
    assert_true(refused(h, "proof-missing", "second factor"));
    proof = (struct proof){ .kind = PROOF_CODE, .code = phone_code(&p, 0) };
    refusal_init(&h->r);
    assert_int_equal(proof_spend(&h->a, tx, ada, NULL, operation, &proof, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(proof_spend(&h->a, tx, ada, NULL, operation, &proof, &h->r), OK);
    assert_true(refused(h, "totp-replayed", ""));
    assert_int_equal(factors_count(tx, ada, &factors), OK);
    assert_int_equal(factors.totp, TOTP_ENROLLED);
    assert_int_equal(factors.passkeys, 0);
    assert_true(factors_has(&factors));
    store_rollback(&tx);
    free(p.seed);
    house_close(h);
}

static enum refusal_kind recovered(struct house *h, struct store_tx *tx, uint64_t account,
                                   const char *path, json_t *body, const char *code)
{
    struct proof proof = { .kind = PROOF_RECOVERY, .code = slice_of(code) };
    uint8_t operation[OPERATION_SIZE];

    hashed("POST", path, body, operation);
    refusal_init(&h->r);
    assert_int_equal(proof_spend(&h->a, tx, account, "morning", operation, &proof, &h->r), OK);
    return h->r.kind;
}

TEST(a_recovery_code_logs_in_and_adds_a_factor_and_confirms_nothing_else)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual"), unread;
    struct recovery_codes codes;
    struct factors factors;
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(recovery_draw(tx, ada, &codes), OK);
    assert_int_equal(recovered(h, tx, ada, "/keys", json_object(), codes.text[0]), REFUSAL_RULE);
    assert_true(refused(h, "recovery-login-only", "logging in"));
    assert_int_equal(
        recovered(h, tx, ada, "/factors/totp/remove", json_object(), codes.text[0]), REFUSAL_RULE);
    assert_int_equal(recovered(h, tx, ada, "/login/factor", json_pack("{s:i}", "label", 1),
                               codes.text[0]),
                     REFUSAL_RULE);
    assert_int_equal(recovered(h, tx, ada, "/login/factor", json_object(), codes.text[0]),
                     REFUSAL_NONE);
    assert_int_equal(recovered(h, tx, ada, "/factors/passkeys/options", json_object(),
                               codes.text[1]),
                     REFUSAL_NONE);
    assert_int_equal(recovered(h, tx, ada, "/factors/totp", json_object(), codes.text[1]),
                     REFUSAL_RULE); /* used */
    assert_int_equal(factors_count(tx, ada, &factors), OK);
    assert_int_equal(factors.recovery_codes, RECOVERY_CODE_COUNT - 2);
    assert_false(factors_has(&factors)); /* codes alone are no factor */
    assert_int_equal(store_notices_unread_count(tx, ada, 10, &unread), OK);
    assert_int_equal(unread, 2);
    store_rollback(&tx);
    house_close(h);
}

TEST_MAIN
