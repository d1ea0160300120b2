#include "test.h"

#include "authority/key_confirm.h"
#include "owner.h"

static void followed(struct owner *o, const char *token)
{
    char id[KEY_RANDOM_SIZE];

    refusal_init(&o->house->r);
    assert_int_equal(key_confirm(&o->house->a, &o->asker, slice_of(token), id, &o->house->r), OK);
    if (!refusal_is(&o->house->r))
        assert_memory_equal(id, o->key.id.random, sizeof id);
}

TEST(withdrawals_wait_for_the_mailed_link_which_works_once)
{
    struct owner o;
    char token[LINK_TOKEN_SIZE];
    struct store_key key;

    owner_begin(&o, "live", "withdraw:write");
    key = key_stored(o.house, o.key.id.random);
    assert_int_equal(key.scopes & SCOPE_BIT(SCOPE_WITHDRAW_WRITE), 0);
    assert_int_equal(key.scopes_waiting, SCOPE_BIT(SCOPE_WITHDRAW_WRITE));
    mail_token(o.house, "withdrawal", token);
    assert_int_equal(strlen(token), LINK_TOKEN_SIZE - 1);

    followed(&o, token);
    assert_false(refusal_is(&o.house->r));
    assert_true((fixed_of(o.house, &o.key).scopes & SCOPE_BIT(SCOPE_WITHDRAW_WRITE)) != 0);
    assert_int_equal(fixed_of(o.house, &o.key).scopes_waiting, 0);
    followed(&o, token);
    assert_true(refused(o.house, "link-used", ""));
    owner_end(&o);
}

TEST(another_account_cannot_follow_it_and_leaves_it_unspent)
{
    struct owner o;
    char token[LINK_TOKEN_SIZE];
    uint64_t ada;

    owner_begin(&o, "live", "withdraw:write");
    mail_token(o.house, "withdrawal", token);
    ada = o.asker.account;
    o.asker.account = account_opened(o.house, "eve@example.com", "individual");
    followed(&o, token);
    assert_true(refused(o.house, "link-foreign", ""));
    assert_int_equal(key_stored(o.house, o.key.id.random).scopes_waiting,
                     SCOPE_BIT(SCOPE_WITHDRAW_WRITE));
    o.asker.account = ada;
    followed(&o, token);
    assert_false(refusal_is(&o.house->r));
    owner_end(&o);
}

TEST(the_link_expires_after_a_day_and_another_mail_helps)
{
    struct owner o;
    char token[LINK_TOKEN_SIZE], newer[LINK_TOKEN_SIZE];

    owner_begin(&o, "live", "withdraw:write");
    mail_token(o.house, "withdrawal", token);
    test_now_ns += DAY_NS;
    followed(&o, token);
    assert_true(refused(o.house, "link-expired", ""));
    refusal_init(&o.house->r);
    assert_int_equal(
        key_confirm_ask_again(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
    mail_token(o.house, "withdrawal", newer);
    followed(&o, newer);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(
        key_confirm_ask_again(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
    assert_true(refused(o.house, "nothing-waits", ""));
    owner_end(&o);
}

TEST(the_mail_is_sent_again_a_few_times_and_then_later)
{
    struct owner o;

    owner_begin(&o, "live", "withdraw:write");
    for (int i = 0; i < 5; i++) {
        refusal_init(&o.house->r);
        assert_int_equal(
            key_confirm_ask_again(&o.house->a, &o.asker, o.key.id.random, &o.house->r), OK);
        assert_int_equal(refusal_is(&o.house->r), i == 4);
    }
    assert_true(refused(o.house, "mail-throttled", "unwanted"));
    assert_in_range(o.house->r.retry_s, 1, 61);
    test_now_ns += 61 * NS_PER_S;
    refusal_init(&o.house->r);
    assert_int_equal(key_confirm_ask_again(&o.house->a, &o.asker, o.key.id.random, &o.house->r),
                     OK);
    assert_false(refusal_is(&o.house->r));
    owner_end(&o);
}

TEST(a_revoked_key_is_confirmed_by_nobody)
{
    struct owner o;
    char token[LINK_TOKEN_SIZE];

    owner_begin(&o, "live", "withdraw:write");
    mail_token(o.house, "withdrawal", token);
    assert_int_equal(key_end(&o.house->a, "tester", o.key.id.random, KEY_REVOKED,
                             KEY_REASON_OWNER, SLICE("")),
                     OK);
    followed(&o, token);
    assert_true(refused(o.house, "key-ended", "revoked"));
    owner_end(&o);
}

TEST_MAIN
