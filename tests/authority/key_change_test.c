#include "test.h"

#include "authority/key_change.h"
#include "owner.h"

static void renamed(struct owner *o, const char *label)
{
    refusal_init(&o->house->r);
    assert_int_equal(key_rename(&o->house->a, &o->asker, o->key.id.random, slice_of(label),
                                &o->house->r),
                     OK);
}

static void tightened(struct owner *o, const struct key_wish *wish)
{
    refusal_init(&o->house->r);
    assert_int_equal(key_tighten(&o->house->a, &o->asker, o->key.id.random, wish, &o->house->r),
                     OK);
}

static bool check_tightens(struct owner *o, const struct key_wish *wish)
{
    bool tightens;

    refusal_init(&o->house->r);
    assert_int_equal(key_change_check(&o->house->a, &o->asker, o->key.id.random, wish, &tightens,
                                      &o->house->r),
                     OK);
    return tightens;
}

static void loosened(struct owner *o, const struct key_wish *wish)
{
    owner_prove(o);
    assert_int_equal(key_loosen(&o->house->a, &o->asker, o->key.id.random, wish, &o->house->r),
                     OK);
}

static struct key_wish scopes_wish(const char *first, const char *second, const char *third)
{
    struct key_wish wish = { .scopes_given = true };

    wish.ask.scopes[wish.ask.scope_count++] = slice_of(first);
    if (second != NULL)
        wish.ask.scopes[wish.ask.scope_count++] = slice_of(second);
    if (third != NULL)
        wish.ask.scopes[wish.ask.scope_count++] = slice_of(third);
    return wish;
}

static struct key_wish rules_wish(const char *rule)
{
    struct key_wish wish = { .ip_rules_given = true };

    wish.ask.ip_rules[wish.ask.ip_rule_count++] = slice_of(rule);
    return wish;
}

TEST(a_key_gets_another_name_unless_it_is_taken)
{
    struct owner o;

    owner_begin(&o, "live", NULL);
    renamed(&o, "Market Maker");
    assert_false(refusal_is(&o.house->r));
    assert_string_equal(key_stored(o.house, o.key.id.random).label, "Market Maker");
    key_made(o.house, &o.phone, batch_of(o.account, "live", "bot", "198.51.100.1"));
    renamed(&o, "BOT");
    assert_true(refused(o.house, "label-clash", "choose another"));
    renamed(&o, "market maker"); /* its own, in other letters */
    assert_false(refusal_is(&o.house->r));
    renamed(&o, "market maker");
    assert_true(refused(o.house, "change-nothing", ""));
    renamed(&o, " ");
    assert_true(refused(o.house, "label-length", ""));
    owner_end(&o);
}

TEST(tightening_takes_away_at_once)
{
    struct key_wish wish = scopes_wish("wallets:read", NULL, NULL);
    struct owner o;
    struct gate_key fixed;

    wish.ip_rules_given = true;
    wish.ask.ip_rules[wish.ask.ip_rule_count++] = SLICE("192.0.2.7");
    wish.public_per_s = 3;
    wish.ends_at_ns = SOME_MONDAY_NS + 10 * DAY_NS;
    owner_begin(&o, "live", NULL);
    tightened(&o, &wish);
    assert_false(refusal_is(&o.house->r));
    fixed = fixed_of(o.house, &o.key);
    assert_int_equal(fixed.scopes, SCOPE_BIT(SCOPE_WALLETS_READ));
    assert_int_equal(fixed.ip_rules[0].prefix, 128);
    assert_int_equal(fixed.public_per_s, 3);
    assert_int_equal(fixed.private_per_s, KEY_PRIVATE_PER_S);
    assert_int_equal(fixed.ends_at_ns, SOME_MONDAY_NS + 10 * DAY_NS);
    owner_end(&o);
}

TEST(tightening_lets_in_nothing_new)
{
    static const struct row {
        struct key_wish wish;
        const char *code;
    } rows[] = {
        { { .public_per_s = KEY_PUBLIC_PER_S + 1 }, "rate-higher" },
        { { .private_per_s = 100000 }, "rate-higher" },
        { { .ends_at_ns = SOME_MONDAY_NS }, "end-past" },
        { { .public_per_s = KEY_PUBLIC_PER_S }, "change-nothing" },
        { { .ip_rules_given = true }, "ip-rule" },
        { { .scopes_given = true }, "scope-none" },
    };
    struct key_wish more = scopes_wish("wallets:read", "orders:write", "orders:read");
    struct key_wish elevated = scopes_wish("positions:read", NULL, NULL);
    struct key_wish elsewhere = rules_wish("198.51.100.0/24"), wider = rules_wish("192.0.2.0/23");
    struct key_wish end = { .ends_at_ns = SOME_MONDAY_NS + 9 * DAY_NS };
    struct owner o;
    struct gate_key before, after;

    owner_begin(&o, "live", NULL);
    before = fixed_of(o.house, &o.key);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tightened(&o, &rows[i].wish);
        assert_true(refused(o.house, rows[i].code, ""));
    }
    tightened(&o, &more);
    assert_true(refused(o.house, "scope-added", "second factor"));
    tightened(&o, &elevated);
    assert_true(refused(o.house, "scope-elevated", ""));
    tightened(&o, &elsewhere);
    assert_true(refused(o.house, "ip-rules-wider", "second factor"));
    tightened(&o, &wider);
    assert_true(refused(o.house, "ip-rules-wider", ""));
    after = fixed_of(o.house, &o.key);
    assert_int_equal(after.ip_rule_count, before.ip_rule_count);
    assert_memory_equal(after.ip_rules, before.ip_rules,
                        before.ip_rule_count * sizeof *before.ip_rules);
    tightened(&o, &end);
    assert_false(refusal_is(&o.house->r));
    end.ends_at_ns += DAY_NS;
    tightened(&o, &end);
    assert_true(refused(o.house, "end-later", ""));
    owner_end(&o);
}

TEST(a_check_tells_what_only_takes_away)
{
    static const struct row {
        const char *rule;
        bool is_good, tightens;
    } rows[] = {
        { "192.0.2.7", true, true },     { "192.0.2.0/25", true, true },
        { "192.0.2.0/23", true, false }, { "198.51.100.1", true, false },
        { "0.0.0.0/0", false, true },    { "192.0.2.", false, true },
    };
    struct key_wish more = scopes_wish("wallets:read", "orders:write", "orders:read");
    struct owner o;

    owner_begin(&o, "live", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct key_wish wish = rules_wish(rows[i].rule);

        assert_int_equal(check_tightens(&o, &wish), rows[i].tightens);
        assert_int_equal(refusal_is(&o.house->r), !rows[i].is_good);
    }
    assert_false(check_tightens(&o, &more));
    assert_false(refusal_is(&o.house->r)); /* groups are confirmed by what follows */
    owner_end(&o);
}

TEST(tightened_rules_may_not_clash)
{
    struct key_wish wish = rules_wish("192.0.2.7");
    struct owner o;

    owner_begin(&o, "live", NULL);
    key_made(o.house, &o.phone, batch_of(o.account, "live", "other", "192.0.2.7"));
    tightened(&o, &wish);
    assert_true(refused(o.house, "ip-rules-clash", "other"));
    owner_end(&o);
}

TEST(loosening_takes_a_good_code)
{
    struct key_wish wish = rules_wish("198.51.100.0/24");
    struct owner o;

    owner_begin(&o, "live", NULL);
    owner_prove(&o);
    o.asker.proof.code = SLICE("000000");
    assert_int_equal(
        key_loosen(&o.house->a, &o.asker, o.key.id.random, &wish, &o.house->r), OK);
    assert_true(refusal_is(&o.house->r));
    assert_string_equal(key_stored(o.house, o.key.id.random).ip_rules, "192.0.2.0/24");
    loosened(&o, &wish);
    assert_false(refusal_is(&o.house->r));
    assert_string_equal(key_stored(o.house, o.key.id.random).ip_rules, "198.51.100.0/24");
    owner_end(&o);
}

TEST(added_scopes_are_confirmed_and_wait_as_with_a_new_key)
{
    struct key_wish wish = scopes_wish("orders:write", "wallets:read", "withdraw:write");
    char token[LINK_TOKEN_SIZE];
    struct owner o;
    struct store_key key;

    owner_begin(&o, "live", NULL);
    mail_token(o.house, "withdrawal", token);
    assert_string_equal(token, "");
    loosened(&o, &wish);
    assert_true(refused(o.house, "group-unconfirmed", "wallet"));
    wish.ask.confirmed_groups[wish.ask.confirmed_count++] = SLICE("wallet");
    loosened(&o, &wish);
    assert_false(refusal_is(&o.house->r));
    key = key_stored(o.house, o.key.id.random);
    assert_int_equal(key.scopes_waiting, SCOPE_BIT(SCOPE_WITHDRAW_WRITE));
    assert_true((key.scopes & SCOPE_BIT(SCOPE_ORDERS_WRITE)) != 0);
    mail_token(o.house, "withdrawal", token);
    assert_int_equal(strlen(token), LINK_TOKEN_SIZE - 1);
    owner_end(&o);
}

TEST(orders_that_are_added_cool_from_then_on)
{
    struct key_wish read = scopes_wish("wallets:read", NULL, NULL);
    struct key_wish trade = scopes_wish("wallets:read", "orders:write", NULL);
    struct key_wish more = scopes_wish("wallets:read", "orders:write", "account:write");
    uint64_t cooled_at_ns;
    struct owner o;

    trade.ask.confirmed_groups[trade.ask.confirmed_count++] = SLICE("trade");
    more.ask.confirmed_groups[more.ask.confirmed_count++] = SLICE("trade");
    owner_begin(&o, "live", NULL);
    tightened(&o, &read);
    test_now_ns += 10 * DAY_NS;
    loosened(&o, &trade);
    assert_false(refusal_is(&o.house->r));
    cooled_at_ns = test_now_ns + KEY_COOLING_NS;
    assert_int_equal(fixed_of(o.house, &o.key).cooling_until_ns, cooled_at_ns);
    test_now_ns += DAY_NS;
    loosened(&o, &more);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &o.key).cooling_until_ns, cooled_at_ns);
    owner_end(&o);
}

TEST(a_key_loosened_from_nowhere_known_waits_for_the_venue)
{
    struct key_wish wish = rules_wish("198.51.100.0/24");
    struct owner o;

    owner_begin(&o, "live", NULL);
    o.house->settings->country.unknown = COUNTRY_UNKNOWN_REVIEW;
    loosened(&o, &wish);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_SUSPENDED);
    assert_int_equal(fixed_of(o.house, &o.key).reason, KEY_REASON_LOCATION);
    owner_end(&o);
}

TEST(somebody_elses_key_is_not_there)
{
    struct key_wish wish = rules_wish("192.0.2.7");
    struct owner o;

    owner_begin(&o, "live", NULL);
    o.asker.account = account_opened(o.house, "eve@example.com", "individual");
    assert_int_equal(
        key_rename(&o.house->a, &o.asker, o.key.id.random, SLICE("mine"), &o.house->r),
        ERR_MISSING);
    assert_int_equal(
        key_tighten(&o.house->a, &o.asker, o.key.id.random, &wish, &o.house->r), ERR_MISSING);
    assert_int_equal(
        key_loosen(&o.house->a, &o.asker, o.key.id.random, &wish, &o.house->r), ERR_MISSING);
    owner_end(&o);
}

TEST_MAIN
