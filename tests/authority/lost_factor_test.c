#include "test.h"

#include "authority/decision.h"
#include "authority/login.h"
#include "authority/lost_factor.h"
#include "authority/proof.h"
#include "authority/recovery.h"
#include "authority/session.h"
#include "authority/settings.h"
#include "fixture.h"
#include "store/passkeys.h"

static void removed(struct house *h, const char *who, uint64_t account, const char *factor,
                    const char *reason)
{
    const struct lost_factor lost = { .who = who, .account = account, .factor = slice_of(factor),
                                      .reason = slice_of(reason) };

    refusal_init(&h->r);
    assert_int_equal(lost_factor_remove(&h->a, &lost, &h->r), OK);
}

static struct factors factors_of(struct house *h, uint64_t account)
{
    struct factors factors;
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(factors_count(tx, account, &factors), OK);
    store_rollback(&tx);
    return factors;
}

/* Recovery codes, a passkey of that id and a session, beside the app of account_ready. */
static void furnished(struct house *h, uint64_t account, const char *id,
                      char token[SESSION_TOKEN_SIZE])
{
    const struct visitor visitor = { .address = SLICE("192.0.2.7"), .agent = SLICE("test") };
    struct store_passkey passkey = { .account = account, .name = "blue one", .created_at_ns = 1,
                                     .algorithm = -7, .credential_size = 1, .public_key_size = 1 };
    struct recovery_codes codes;
    struct store_tx *tx;

    snprintf(passkey.id, sizeof passkey.id, "%s", id);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(recovery_draw(tx, account, &codes), OK);
    assert_int_equal(store_passkey_insert(tx, &passkey), OK);
    assert_int_equal(session_open(&h->a, tx, account, SESSION_FULL, &visitor, token), OK);
    assert_int_equal(store_commit(&tx), OK);
}

static const char passkey_id[] = "0123456789abcdef";

TEST(a_lost_factor_goes_and_all_sessions_end_with_it)
{
    struct house *h = house_open();
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    struct phone p;
    uint64_t ada = account_ready(h, "ada@example.com", &p);

    furnished(h, ada, passkey_id, token);
    assert_int_equal(session_find(&h->a, slice_of(token), &session), OK);
    removed(h, "operator 1003", ada, "totp", "came with a passport");
    assert_false(refusal_is(&h->r));
    assert_int_equal(factors_of(h, ada).totp, TOTP_NONE);
    assert_int_equal(factors_of(h, ada).passkeys, 1);
    assert_int_equal(factors_of(h, ada).recovery_codes, RECOVERY_CODE_COUNT);
    assert_int_equal(session_find(&h->a, slice_of(token), &session), ERR_MISSING);
    removed(h, "operator 1003", ada, "totp", "again");
    assert_true(refused(h, "factor-missing", "has no factor \"totp\""));
    removed(h, "operator 1003", ada, passkey_id, "the bag was stolen");
    assert_false(refusal_is(&h->r));
    assert_int_equal(factors_of(h, ada).passkeys, 0);
    assert_int_equal(factors_of(h, ada).recovery_codes, 0);
    free(p.seed);
    house_close(h);
}

TEST(it_needs_a_reason_another_account_and_a_factor)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t ada = account_ready(h, "ada@example.com", &p);
    const struct lost_factor nobody = { .who = "operator 1003", .account = 999999,
                                        .factor = SLICE("totp"), .reason = SLICE("x") };
    char own[48];

    snprintf(own, sizeof own, "operator %llu", (unsigned long long)ada);
    removed(h, "operator 1003", ada, "totp", "");
    assert_true(refused(h, "reason-missing", "how you know"));
    removed(h, own, ada, "totp", "mine");
    assert_true(refused(h, "review-own", ""));
    removed(h, "operator 1003", ada, passkey_id, "lost");
    assert_true(refused(h, "factor-missing", ""));
    refusal_init(&h->r);
    assert_int_equal(lost_factor_remove(&h->a, &nobody, &h->r), ERR_MISSING);
    assert_int_equal(factors_of(h, ada).totp, TOTP_ENROLLED);
    free(p.seed);
    house_close(h);
}

TEST(two_operators_are_needed_when_the_settings_say_so)
{
    const struct decision reject = { "operator 1004", 1004, SLICE("rejected"), SLICE("not her") };
    struct house *h = house_open();
    char token[SESSION_TOKEN_SIZE];
    struct phone p;
    uint64_t ada = account_ready(h, "ada@example.com", &p);

    furnished(h, ada, passkey_id, token);
    h->settings->two_person = true;
    removed(h, "operator 1003", ada, "totp", "called");
    assert_false(refusal_is(&h->r));
    assert_int_equal(factors_of(h, ada).totp, TOTP_ENROLLED);
    removed(h, "operator 1003", ada, "totp", "called again");
    assert_true(refused(h, "review-seconding", ""));
    removed(h, "operator 1004", ada, passkey_id, "the other one");
    assert_true(refused(h, "proposal-waiting", ""));
    refusal_init(&h->r);
    assert_int_equal(review_decide(&h->a, 1, &reject, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(factors_of(h, ada).totp, TOTP_ENROLLED);
    removed(h, "operator 1003", ada, "totp", "came in person");
    removed(h, "operator 1004", ada, "totp", "I saw her, too");
    assert_false(refusal_is(&h->r));
    assert_int_equal(factors_of(h, ada).totp, TOTP_NONE);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
