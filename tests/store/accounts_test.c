#include "test.h"

#include "fixture.h"

TEST(an_account_is_found_by_id_and_by_email)
{
    struct place p = place_open();
    struct store_account a;
    uint64_t first = account_made(&p, "ada@example.com");
    uint64_t second = account_made(&p, "bo@example.com");
    struct store_tx *tx = begun(&p);

    assert_int_equal(first, ACCOUNT_FIRST_ID);
    assert_int_equal(second, ACCOUNT_FIRST_ID + 1);
    assert_int_equal(store_account_get(tx, second, &a), OK);
    assert_string_equal(a.email, "bo@example.com");
    assert_string_equal(a.jurisdiction, "CH");
    assert_int_equal(store_account_get_by_email(tx, SLICE("ada@example.com"), &a), OK);
    assert_int_equal(a.id, first);
    assert_int_equal(store_account_get(tx, 7, &a), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST(an_email_has_one_account)
{
    struct place p = place_open();
    struct store_account twice = { .kind = ACCOUNT_CORPORATE, .email = "ada@example.com" };
    struct store_tx *tx;

    account_made(&p, "ada@example.com");
    tx = begun(&p);
    assert_int_equal(store_account_insert(tx, &twice), ERR_EXISTS);
    store_rollback(&tx);
    place_close(&p);
}

TEST(accounts_are_listed_in_pages)
{
    struct place p = place_open();
    struct store_account page[2];
    struct store_tx *tx;
    uint64_t total;
    size_t count;

    for (int i = 0; i < 3; i++) {
        char email[] = "0@example.com";
        email[0] = (char)(email[0] + i);
        account_made(&p, email);
    }
    tx = begun(&p);
    assert_int_equal(store_accounts_count(tx, &total), OK);
    assert_int_equal(total, 3);
    assert_int_equal(store_accounts_list(tx, 0, page, 2, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(store_accounts_list(tx, page[1].id, page, 2, &count), OK);
    assert_int_equal(count, 1);
    assert_string_equal(page[0].email, "2@example.com");
    store_rollback(&tx);
    place_close(&p);
}

TEST(the_first_sandbox_order_stays_the_first)
{
    struct place p = place_open();
    uint64_t id = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    struct store_account a;
    bool changed;

    assert_int_equal(store_account_sandbox_order_set(tx, id, 10, &changed), OK);
    assert_true(changed);
    assert_int_equal(store_account_sandbox_order_set(tx, id, 20, &changed), OK);
    assert_false(changed);
    assert_int_equal(store_account_get(tx, id, &a), OK);
    assert_int_equal(a.sandbox_order_at_ns, 10);
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_step_is_decided_again_and_a_flag_is_lifted)
{
    struct place p = place_open();
    uint64_t id = account_made(&p, "ada@example.com");
    struct store_flag flag = { .kind = FLAG_REGULATORY, .keys = FLAG_KEYS_SUSPEND,
                               .raised_at_ns = 5, .reason = "asked by the regulator" };
    struct store_tx *tx = begun(&p);
    enum step_state states[4];

    assert_int_equal(store_step_set(tx, id, 2, STEP_REJECTED, SLICE("blurred"), 1), OK);
    assert_int_equal(store_step_set(tx, id, 2, STEP_ACCEPTED, SLICE(""), 2), OK);
    assert_int_equal(store_step_set(tx, id, 3, STEP_REJECTED, SLICE("expired"), 3), OK);
    assert_int_equal(store_steps_get(tx, id, states, 4), OK);
    assert_int_equal(states[1], STEP_MISSING);
    assert_int_equal(states[2], STEP_ACCEPTED);
    assert_int_equal(states[3], STEP_REJECTED);

    assert_int_equal(store_flag_set(tx, id, &flag), OK);
    flag.keys = FLAG_KEYS_REVOKE;
    assert_int_equal(store_flag_set(tx, id, &flag), OK);
    flag = (struct store_flag){ 0 };
    assert_int_equal(store_flag_get(tx, id, &flag), OK);
    assert_int_equal(flag.keys, FLAG_KEYS_REVOKE);
    assert_string_equal(flag.reason, "asked by the regulator");
    assert_int_equal(store_flag_delete(tx, id), OK);
    assert_int_equal(store_flag_get(tx, id, &flag), OK);
    assert_int_equal(flag.kind, FLAG_NONE);
    store_rollback(&tx);
    place_close(&p);
}

TEST(name_role_password_and_the_moment_of_the_mailed_link_are_kept)
{
    struct store_account a = { .email = "ada@example.com", .kind = ACCOUNT_INDIVIDUAL,
                               .role = ACCOUNT_OPERATOR, .name = "Ada Lovelace" },
                         got;
    struct place p = place_open();
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_account_insert(tx, &a), OK);
    assert_int_equal(store_account_password_set(tx, a.id, "$argon2id$new"), OK);
    assert_int_equal(store_account_password_set(tx, a.id + 1, "$argon2id$new"), ERR_MISSING);
    assert_int_equal(store_account_email_confirm(tx, a.id, 7), OK);
    assert_int_equal(store_account_email_confirm(tx, a.id, 8), OK);
    assert_int_equal(store_account_get(tx, a.id, &got), OK);
    assert_string_equal(got.name, "Ada Lovelace");
    assert_string_equal(got.password, "$argon2id$new");
    assert_int_equal(got.role, ACCOUNT_OPERATOR);
    assert_int_equal(got.email_confirmed_at_ns, 7);
    store_rollback(&tx);
    place_close(&p);
}

TEST(accounts_are_found_by_the_beginning_of_an_email_or_name)
{
    static const struct row {
        const char *text;
        size_t count;
    } rows[] = { { "ada", 2 }, { "ADA@", 1 }, { "adalbert", 1 }, { "lovelace", 0 },
                 { "ada l", 1 }, { "bob@example.com", 1 }, { "%", 0 }, { "zoe", 0 } };
    static struct store_account got[8];
    struct place p = place_open();
    struct store_account bob = { .kind = ACCOUNT_INDIVIDUAL, .jurisdiction = "CH",
                                 .email = "bob@example.com", .name = "Ada Lovelace" };
    struct store_tx *tx;
    size_t count;

    account_made(&p, "ada@example.com");
    tx = begun(&p);
    assert_int_equal(store_account_insert(tx, &bob), OK);
    assert_int_equal(store_commit(&tx), OK);
    account_made(&p, "adalbert@example.com");
    tx = begun(&p);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t wanted = rows[i].count + (i == 0); /* two e-mails and a name */

        assert_int_equal(store_accounts_search(tx, slice_of(rows[i].text), got, 8, &count), OK);
        assert_int_equal(count, wanted);
    }
    assert_int_equal(store_accounts_search(tx, SLICE("ada"), got, 1, &count), OK);
    assert_int_equal(count, 1);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
