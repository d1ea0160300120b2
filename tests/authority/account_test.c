#include "test.h"

#include "fixture.h"

TEST(an_account_is_opened_once_per_mailbox_however_it_is_spelled)
{
    const struct account_application again = { .email = SLICE("ADA@example.com "),
                                               .kind = SLICE("corporate"),
                                               .jurisdiction = SLICE("de"),
                                               .password = SLICE("another horse") };
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "Ada@Example.com", "individual"), found, other;
    struct account_view view;

    assert_int_equal(account_open(&h->a, "tester", &again, &other, &h->r), OK);
    assert_true(refused(h, "email-taken", "ada@example.com"));
    assert_int_equal(account_find(&h->a, SLICE("aDa@example.com"), &found), OK);
    assert_int_equal(found, ada);
    assert_int_equal(account_find(&h->a, SLICE("1001"), &found), OK);
    assert_int_equal(found, ada);
    assert_int_equal(account_find(&h->a, SLICE("1002"), &found), ERR_MISSING);
    assert_int_equal(account_find(&h->a, SLICE("99999999999999999999"), &found), ERR_MISSING);
    assert_int_equal(account_view_get(&h->a, ada, &view), OK);
    assert_string_equal(view.account.jurisdiction, "CH");
    assert_int_equal(view.factors.totp, TOTP_NONE);
    house_close(h);
}

TEST(an_application_is_told_all_its_faults_at_once)
{
    const struct account_application ask = { .email = SLICE("ada"),
                                             .kind = SLICE("person"),
                                             .jurisdiction = SLICE("XX"),
                                             .password = SLICE("short") };
    struct house *h = house_open();
    uint64_t id;

    assert_int_equal(account_open(&h->a, "tester", &ask, &id, &h->r), OK);
    assert_int_equal(h->r.count, 4);
    house_close(h);
}

TEST(steps_are_accepted_rejected_and_only_those_that_are_owed)
{
    const struct verification rejected = { SLICE("address"), SLICE("rejected"), SLICE("blurred") },
                              silent = { SLICE("address"), SLICE("rejected"), SLICE_EMPTY },
                              alien = { SLICE("incorporation"), SLICE("accepted"), SLICE_EMPTY };
    struct house *h = house_open();
    uint64_t id = account_opened(h, "ada@example.com", "individual");
    struct account_view view;

    account_shown(h, id, "all");
    assert_int_equal(account_verify(&h->a, "tester", id, &rejected, &h->r), OK);
    assert_int_equal(account_view_get(&h->a, id, &view), OK);
    assert_int_equal(view.steps[STEP_IDENTITY], STEP_ACCEPTED);
    assert_int_equal(view.steps[STEP_ADDRESS], STEP_REJECTED);
    assert_int_equal(view.steps[STEP_INCORPORATION], STEP_MISSING);
    assert_int_equal(account_verify(&h->a, "tester", id, &silent, &h->r), OK);
    assert_true(refused(h, "reason-missing", "reason"));
    refusal_init(&h->r);
    assert_int_equal(account_verify(&h->a, "tester", id, &alien, &h->r), OK);
    assert_true(refused(h, "step-not-owed", "incorporation"));
    house_close(h);
}

static uint8_t state_of(struct house *h, const struct key_grant *g)
{
    return fixed_of(h, g).state;
}

TEST(a_flag_does_to_the_keys_what_the_operator_chose)
{
    static const struct row {
        const char *keys;
        enum key_state flagged, resolved;
    } rows[] = {
        { "leave", KEY_ACTIVE, KEY_ACTIVE },
        { "suspend", KEY_SUSPENDED, KEY_ACTIVE },
        { "revoke", KEY_REVOKED, KEY_REVOKED },
    };

    for (size_t i = 0; i < 3; i++) {
        struct house *h = house_open();
        const struct flagging f = { SLICE("regulatory"), slice_of(rows[i].keys), SLICE("asked") };
        struct phone p;
        uint64_t id = account_ready(h, "ada@example.com", &p);
        struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));

        assert_int_equal(account_flag(&h->a, "tester", id, &f, &h->r), OK);
        assert_false(refusal_is(&h->r));
        assert_int_equal(state_of(h, &g), rows[i].flagged); /* as the gateways see it */
        assert_int_equal(account_unflag(&h->a, "tester", id, SLICE("resolved"), &h->r), OK);
        assert_false(refusal_is(&h->r));
        assert_int_equal(state_of(h, &g), rows[i].resolved);
        assert_int_equal(account_unflag(&h->a, "tester", id, SLICE("again"), &h->r), OK);
        assert_true(refused(h, "flag-none", "no flag"));
        free(p.seed);
        house_close(h);
    }
}

TEST(accounts_are_listed_with_what_they_have)
{
    struct house *h = house_open();
    static struct account_view views[4];
    size_t count;

    account_opened(h, "ada@example.com", "individual");
    account_shown(h, account_opened(h, "desk@example.com", "corporate"), "signatories");
    assert_int_equal(account_list(&h->a, 0, views, 4, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(views[1].steps[STEP_SIGNATORIES], STEP_ACCEPTED);
    assert_string_equal(account_kind_text(views[1].account.kind), "corporate");
    assert_int_equal(account_list(&h->a, views[0].account.id, views, 4, &count), OK);
    assert_int_equal(count, 1);
    house_close(h);
}

TEST(an_operator_finds_accounts_by_id_email_and_their_beginnings)
{
    static struct account_view views[4];
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    size_t count;

    account_opened(h, "adalbert@example.com", "individual");
    assert_int_equal(account_search(&h->a, SLICE("1001"), views, 4, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(views[0].account.id, ada);
    assert_int_equal(account_search(&h->a, SLICE("ada"), views, 4, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(account_search(&h->a, SLICE("ada@example.com"), views, 4, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(account_search(&h->a, SLICE("4711"), views, 4, &count), OK);
    assert_int_equal(count, 0);
    house_close(h);
}

TEST_MAIN
